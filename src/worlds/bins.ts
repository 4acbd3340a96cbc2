/**
 * Bins: one action out of K, with every expectation exact. The categorical world of Tajwar et al., "Preference Fine-Tuning of LLMs
 * Should Leverage Suboptimal, On-Policy Data" (arXiv 2404.14367): the reference is heavy-tailed and peaks at the left, the reward
 * peaks where the reader puts it.
 */
import { number, type Params, resolveParams } from '../core/params';
import { BOS, type Completion, SPECIAL_TOKENS, type Verdict, type World, type WorldInstance } from '../core/world';
import { makeVocabulary } from './text';

/** The paper draws tanh(x) with x from a Cauchy distribution of this location and scale. */
const LOCATION = -0.7;
const SCALE = 0.4;

const PARAMS = {
  bins: number({ title: 'Bins', help: 'Number of actions K.', default: 100, min: 10, max: 200, integer: true }),
  centre: number({
    title: 'Reward centre',
    help: 'Where the reward peaks. 70 is misaligned with the reference, which peaks at 16; 20 is aligned.',
    default: 70,
    min: 0,
    max: 100,
    step: 1,
    unit: '% of the range',
  }),
  width: number({
    title: 'Reward width',
    help: 'At this distance from the centre the reward has fallen to 1/e.',
    default: 10,
    min: 1,
    max: 100,
    step: 1,
    unit: '% of the range',
  }),
  contexts: number({
    title: 'Contexts',
    help: 'Number of prompts. They have no bearing on the reward; a policy with shared features has to find that out.',
    default: 10,
    min: 1,
    max: 100,
    integer: true,
  }),
} as const;

/**
 * The histogram over K equal bins of [-1, 1] that infinitely many draws of tanh(Cauchy(-.7, .4)) would give: differences of the
 * Cauchy distribution function at the bins' edges. The paper uses 10,000 draws; the expected histogram needs no seed.
 * @returns [bins] probabilities that sum to 1.
 */
export function referenceHistogram(bins: number): number[] {
  const below = (edge: number): number => 0.5 + Math.atan((Math.atanh(edge) - LOCATION) / SCALE) / Math.PI;
  const edges = Array.from({ length: bins + 1 }, (_, k) => below(-1 + (2 * k) / bins));
  return edges.slice(1).map((upper, k) => upper - (edges[k] as number));
}

/**
 * The reward of one bin: exp(-((a - centre) / width)^2), where bin k of K stands at a = 100 k / K, so that a is the bin's number in
 * the paper's 100 bins.
 */
export function binReward(bin: number, bins: number, centre: number, width: number): number {
  return Math.exp(-((((100 * bin) / bins - centre) / width) ** 2));
}

function create(params: Params): WorldInstance {
  const { bins: count, centre, width, contexts } = resolveParams(PARAMS, params, 'world.params');
  const labels = Array.from({ length: count }, (_, k) => String(k));
  const vocab = makeVocabulary([...labels, ...Array.from({ length: contexts }, (_, k) => `c${k}`)], ' ');
  const first = SPECIAL_TOKENS.length;
  const ids = labels.map((_, k) => first + k);
  const reference = referenceHistogram(count);
  return {
    vocab,
    promptLength: 2,
    completionLength: 1,
    sampleable: ids,
    sample: (rng) => ({ prompt: [BOS, first + count + rng.below(contexts)] }),
    verify(_example, completion: Completion): Verdict {
      const bin = (completion.tokens[0] ?? -1) - first;
      const valid = completion.tokens.length === 1 && bin >= 0 && bin < count;
      const score = valid ? binReward(bin, count, centre, width) : 0;
      return { correct: score > 0.5, score, parts: {} };
    },
    enumerate: () => ({ completions: ids.map((id) => [id]), labels, reference }),
  };
}

export const bins: World = {
  id: 'bins',
  title: 'Bins',
  summary: 'One choice among many bins. Small enough for every probability, the reward and the best possible policy to be drawn exactly.',
  policies: ['categorical', 'mlp'],
  rewards: ['world'],
  params: PARAMS,
  suggested: {
    stages: [
      {
        objective: 'grpo',
        training: { source: 'samples', prompts: 4, group: 10, batchSize: 4, refreshEvery: 1, lr: 0.03, steps: 200, clipNorm: 0 },
      },
    ],
  },
  create,
};
