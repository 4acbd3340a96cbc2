/** The command line: `list`, `run`, `replay`, `results`, `bench`, `metric`, `loss`, `optima`. Results go to standard output, everything else to standard error. */
import { bench } from './bench';
import { list } from './list';
import { loss } from './loss';
import { metric } from './metric';
import { optima } from './optima';
import { replay } from './replay';
import { results } from './results';
import { run } from './run';
import { UsageError } from './usage';

const USAGE = `Objective Lab without a browser

  npm run -s lab -- list [--json]
      Experiments, worlds, policies, objectives and rewards.

  npm run -s lab -- run <experiment | spec.json> [options]
      --arm NAME      only this arm of the experiment; may be repeated
      --seeds N       how many seeds (default: the experiment's; 1 for a spec)
      --seed N        the first seed (default: the spec's)
      --steps N       steps of every stage, instead of the spec's
      --device NAME   webgpu, wasm or cpu (default: the best there is)
      --composed      stock tfjs ops instead of the fused engine, to compare the two
      --allow-code    run the code that a spec brings, an objective or a reward of one's own: it can do
                      whatever this program can
      --out DIR       write the result and the series of every run there
      --bundle FILE   write everything into one zip file: specs, curves, samples, checkpoints, device
      --json          print the whole result as JSON

  npm run -s lab -- replay BUNDLE [options]
      Trains the runs of a bundle again, the page's or that of \`run --bundle\`, and says whether every
      metric, the samples and θ agree: to the bit on the device that they were recorded on, elsewhere
      within a tolerance.
      --run NAME      only this run of the bundle; may be repeated
      --from-checkpoint  go on from the checkpoint instead of the start
      --tolerance X   largest difference, as a share of a metric's largest value or of a vector's length
                      (default: 0 on the same device, 0.01 on another)
      --device NAME   webgpu, wasm or cpu (default: the processor for what it recorded, else the best)
      --allow-code    run the code that a spec brings; read it in the bundle's run.json first
      --json          print the whole comparison as JSON

  npm run -s lab -- results [DIR]
      The recorded results (public/results) as a table, and beside them those in its folder
      \`composed\`, which were recorded with --composed.

  npm run -s lab -- bench [options]
      The lab beside stock TensorFlow.js on this device: dispatches, submissions, bytes, milliseconds.
      --workload NAME train-2x64, train-4x128, rollout-2x64, rollout-4x128, mlp-bandit or grpo-step;
                      may be repeated (default: all)
      --rounds N      interleaved rounds, at least 3 (default: 5; 3 where a round is long)
      --growth        also how a training step grows with width, layers, length and batch
      --endurance     instead: whether 10,000 steps leave tensors, device memory and heap as they were
      --device webgpu the only one that can be counted
      --json          print the whole result as JSON

  npm run -s lab -- metric [<id> [file.jsonl]] [options]
      Any metric on lines of your own, from a file or standard input; without arguments, what there is.

  npm run -s lab -- loss [<objective> [file.json]] [options]
      Loss, diagnostics and gradient of any objective on {"params": {...}, "batch": {"logp": [[..]], ..}}
      from a file or standard input; without arguments, the objectives and what each reads.
      --help          what the objective reads, its settings, and where frameworks differ
      --example       print an input that works
      --json          print one line

  npm run -s lab -- optima [id ...] [options]
      Trains every objective on samples that has a closed form, in a world of 16 bins, and prints the total
      variation to it; all of them are recorded in public/optima.json. Ids: see the error for a wrong one.
      --seeds N       how many seeds (default: 3)
      --device NAME   webgpu, wasm or cpu (default: cpu, the fastest at this size)
      --json          print the whole result as JSON
      --markdown      print a table for the README

Exit status: 0 done, 1 a run failed, does not keep its size, ends far from its optimum or does not agree with
its recording, or a batch cannot be used, 2 bad usage.
`;

const COMMANDS = { list, run, replay, results, bench, metric, loss, optima } as const;

async function main(argv: readonly string[]): Promise<number> {
  const [name = 'help', ...rest] = argv;
  if (name === 'help' || name === '--help' || name === '-h') {
    process.stdout.write(USAGE);
    return 0;
  }
  if (!Object.hasOwn(COMMANDS, name)) throw new UsageError(`There is no command ${name}.`);
  return COMMANDS[name as keyof typeof COMMANDS](rest);
}

main(process.argv.slice(2)).then(
  // Dawn keeps the event loop alive as long as there is a device.
  (status) => process.exit(status),
  (error: unknown) => {
    const usage = error instanceof UsageError;
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage ? `\n${USAGE}` : ''}`);
    process.exit(usage ? 2 : 1);
  },
);
