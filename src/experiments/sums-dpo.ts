import { defineExperiment } from '../core/experiment';

const base = {
  world: 'sums',
  policy: { id: 'gpt', params: { layers: 2, width: 48, heads: 8 } },
  evaluation: { every: 50, prompts: 128, samples: 4 },
} as const;

const SFT = { objective: 'sft', training: { steps: 300, batchSize: 64, lr: 0.01, schedule: 'cosine', warmup: 20 } } as const;

const DPO = {
  objective: { id: 'dpo', params: { beta: 0.3 } },
  training: { steps: 300, batchSize: 64, lr: 0.002, schedule: 'cosine', warmup: 20 },
} as const;

/** The same pairs, of which half are the wrong way round: their labels say nothing. */
const SHUFFLED = { ...DPO, world: { flip: 0.5 } } as const;

export default defineExperiment({
  id: 'sums-dpo',
  title: 'Right against plausibly wrong',
  order: 12,
  question:
    'Does DPO on pairs of answers learn to prefer the right one for sums that it has not seen, and does it then also answer better?',
  paper: {
    title: 'Direct Preference Optimization: Your Language Model is Secretly a Reward Model (Rafailov et al., 2023)',
    url: 'https://arxiv.org/abs/2305.18290',
  },
  theirs:
    'DPO fits preferences between pairs of completions directly, without a reward model, and was measured on sentiment, summaries and dialogue.',
  ours: 'The fraction of 64 held-out pairs in which the right answer has gained more over the reference than the wrong one, after SFT and 300 steps of DPO. Exact match is drawn beside it. In the null arm the same pairs have their labels shuffled: it has to miss the first bar, or any 300 steps on pairs would have passed it.',
  differs:
    'Which answer is better is a fact and not a judgement: the wrong one is off by one or ten, lacks the carry or has two digits swapped. Beta is .3 instead of .1. Pair accuracy is not answering: it can pass its bar while sampled answers get worse, because DPO often lowers both log-probabilities.',
  arms: {
    dpo: { title: 'SFT, then DPO', spec: { ...base, stages: [SFT, DPO] } },
    shuffled: { title: 'SFT, then DPO on shuffled labels', spec: { ...base, stages: [SFT, SHUFFLED] } },
  },
  opens: 'dpo',
  seeds: 3,
  nullArm: 'shuffled',
  claims: [
    {
      text: 'On held-out pairs the right answer wins at least 95 times in a hundred.',
      metric: 'eval/ranking_accuracy',
      arm: 'dpo',
      against: 'nothing',
      threshold: 0.95,
    },
    {
      text: 'The right answer wins at least 30 times in a hundred more often than after the same steps on shuffled labels.',
      metric: 'eval/ranking_accuracy',
      arm: 'dpo',
      against: { arm: 'shuffled' },
      threshold: 0.3,
    },
  ],
});
