import { defineExperiment } from '../core/experiment';

export default defineExperiment({
  id: 'sums-sft',
  title: 'Imitation learns to add',
  order: 10,
  question: 'Does a small GPT that imitates worked sums learn addition, or only the sums that it was shown?',
  paper: {
    title: 'Teaching Arithmetic to Small Transformers (Lee et al., 2023)',
    url: 'https://arxiv.org/abs/2307.03381',
  },
  theirs:
    'Small transformers trained from scratch on the next token learn addition, and how the sums are written decides how many examples that takes.',
  ours: 'Exact match of sampled answers to held-out two-digit sums, after 600 steps of SFT from random weights with 64 sums each.',
  differs:
    'Two layers of width 48, two digits, one format: fixed width, with the most significant digit first. A tenth of the sums is held out, each together with its turned-round twin. The paper compares formats and goes on to longer numbers; here one format has to pass one bar, and answers are sampled at temperature 1 instead of taken greedily.',
  arms: {
    sft: {
      title: 'SFT',
      spec: {
        world: 'sums',
        policy: { id: 'gpt', params: { layers: 2, width: 48, heads: 8 } },
        stages: [{ objective: 'sft', training: { steps: 600, batchSize: 64, lr: 0.01, schedule: 'cosine', warmup: 20 } }],
        evaluation: { every: 50, prompts: 128, samples: 4 },
      },
    },
  },
  opens: 'sft',
  seeds: 3,
  claims: [
    {
      text: 'At least 90 % of the sampled answers to held-out sums are exactly right.',
      metric: 'eval/accuracy',
      arm: 'sft',
      against: 'nothing',
      threshold: 0.9,
    },
  ],
});
