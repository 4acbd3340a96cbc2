import { defineExperiment } from '../core/experiment';

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
  ours: 'The fraction of 64 held-out pairs in which the right answer has gained more over the reference than the wrong one, after SFT and 300 steps of DPO. Exact match is drawn beside it.',
  differs:
    'Which answer is better is a fact and not a judgement: the wrong one is off by one or ten, lacks the carry or has two digits swapped. Beta is .3 instead of .1. Pair accuracy is not answering: it can pass its bar while sampled answers get worse, because DPO often lowers both log-probabilities.',
  arms: {
    dpo: {
      title: 'SFT, then DPO',
      spec: {
        world: 'sums',
        policy: { id: 'gpt', params: { layers: 2, width: 48, heads: 8 } },
        stages: [
          { objective: 'sft', training: { steps: 300, batchSize: 64, lr: 0.01, schedule: 'cosine', warmup: 20 } },
          {
            objective: { id: 'dpo', params: { beta: 0.3 } },
            training: { steps: 300, batchSize: 64, lr: 0.002, schedule: 'cosine', warmup: 20 },
          },
        ],
        evaluation: { every: 50, prompts: 128, samples: 4 },
      },
    },
  },
  opens: 'dpo',
  seeds: 3,
  claims: [
    {
      text: 'On held-out pairs the right answer wins at least 95 times in a hundred.',
      metric: 'eval/ranking_accuracy',
      arm: 'dpo',
      against: 'nothing',
      threshold: 0.95,
    },
  ],
});
