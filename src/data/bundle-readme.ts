/** The README inside of a bundle. */
import { buildInWords } from './build';
import { BUNDLE_VERSION, type BundleRun } from './bundle-format';

/** @param folders of the runs, in their order */
export function bundleReadme(runs: readonly BundleRun[], folders: readonly string[]): string {
  const lines = runs.map(({ about, checkpoint, dataset }, i) => {
    const kept = checkpoint === null ? 'no checkpoint' : `checkpoint of step ${checkpoint.step}`;
    const file = about.dataset === null ? '' : dataset === null ? ', its data file is missing' : ', with its data file';
    return `- \`${folders[i]}\`: ${about.name}, seed ${about.spec.seed}, ${about.step} of ${about.totalSteps} steps, ${about.state}, ${kept}${file}`;
  });
  const lab = runs[0]?.about.lab;
  return `# Run bundle of Objective Lab

Written by Objective Lab ${lab === undefined ? '' : buildInWords(lab)}, bundle version ${BUNDLE_VERSION}.

${lines.join('\n')}

Drop this file on the page of the lab to look at the runs, to compare them with others, and to go on with them. To train them
again and see whether everything comes out the same:

    npm run -s lab -- replay THIS_FILE.zip

Where a spec brings code of its own (a \`source\` beside an \`own/\` id in \`run.json\`), neither runs it before you have allowed it.

## Files

- \`bundle.json\`: the folders of the runs, and length and CRC-32 of every other file but this one. A file that does not agree
  with it is refused as damaged.
- \`run.json\`: the whole spec with its seed, name, note, colour, the experiment's arm that it was set up from, state, device, and
  the version and git commit of the lab.
- \`series.csv\`: a row per step, a column per metric, empty where a metric was not measured at a step. Numbers are float32, in the
  fewest digits that give the same bits back.
- \`samples.jsonl\`: what the policy wrote, a line per look: \`{"step", "samples": [{"prompt", "completion", "answer", "reward",
  "correct", "ended"}]}\`.
- \`distributions.jsonl\`: where completions can be enumerated, a line per look with probabilities under the policy, the reference and
  the closed-form optimum, and the reward. What is left out of a line is as in the line before.
- \`diagnoses.jsonl\`: histograms of pairs, ratios, advantages and lengths, a line per look.
- \`slices.json\`: how far each slice of θ has moved by the last look.
- \`checkpoint.safetensors\`: all that is needed to go on bit for bit. Eight bytes with the length of the header (little-endian),
  the header as JSON, and the tensors end to end, float32 and int32, little-endian. \`theta\`, \`m\`, \`v\` are the parameters and
  Adam's moments, \`reference\` θ at the start of the stage, \`start\` θ at the start of the run; \`pool.*\` the samples that are being
  learnt from, [rows, length] in row-major order; \`sampler.theta\`, \`ends.*\` and \`carried\` where there are such. Counters are JSON in
  \`__metadata__.state\`. In Python: \`safetensors.numpy.load_file("checkpoint.safetensors")\`.
- \`datasets/\`: files of your own that runs have learnt from, as they were read.
`;
}
