import { defineExperiment } from '../core/experiment';

/** 1,000 reward queries in every arm, as in the tabular experiment from ten contexts at a time. */
const OFFLINE = {
  source: 'samples',
  prompts: 100,
  group: 10,
  refreshEvery: 0,
  batchSize: 100,
  steps: 200,
  lr: 0.001,
  clipNorm: 0,
} as const;
const ON_POLICY = {
  source: 'samples',
  prompts: 10,
  group: 10,
  refreshEvery: 20,
  batchSize: 10,
  steps: 200,
  lr: 0.001,
  clipNorm: 0,
} as const;
/** All 45 pairs of a group of ten, as in the paper; 200 of the pool's pairs in a step. */
const PAIRS = { pairing: 'all', batchSize: 200 } as const;

const base = { world: 'bins', policy: 'mlp', evaluation: { every: 10, prompts: 8, samples: 8 } } as const;

export default defineExperiment({
  id: 'mode-seeking-mlp',
  title: 'Mode-seeking with shared features',
  order: 2,
  question: 'Does a network, whose bins share features, behave as the table of logits does?',
  paper: {
    title: 'Preference Fine-Tuning of LLMs Should Leverage Suboptimal, On-Policy Data (Tajwar et al., 2024)',
    url: 'https://arxiv.org/abs/2404.14367',
  },
  theirs:
    'The same categorical problem with a network from an irrelevant random context to 100 bins: offline best-of-n was the slowest, and methods with a negative gradient or on-policy samples were faster.',
  ours: 'The expected reward for one held-out context, summed exactly over all 100 bins, after 200 steps and 1,000 reward queries in every arm.',
  differs:
    'One learning rate for every arm, and the pairing, were chosen on seed 100, which is not among the recorded seeds. The network starts from 100 Adam steps on the exact KL to the expected histogram, not to one drawn from 10,000 samples.',
  arms: {
    'on-policy-dpo': {
      title: 'On-policy DPO',
      spec: { ...base, stages: [{ objective: { id: 'dpo', params: { beta: 0.05 } }, training: { ...ON_POLICY, ...PAIRS } }] },
    },
    'on-policy-bon': {
      title: 'On-policy best-of-n',
      spec: { ...base, stages: [{ objective: 'best-of-n', training: ON_POLICY }] },
    },
    'offline-dpo': {
      title: 'Offline DPO',
      spec: { ...base, stages: [{ objective: { id: 'dpo', params: { beta: 0.05 } }, training: { ...OFFLINE, ...PAIRS } }] },
    },
    'offline-bon': {
      title: 'Offline best-of-n',
      spec: { ...base, stages: [{ objective: 'best-of-n', training: OFFLINE }] },
    },
  },
  opens: 'on-policy-dpo',
  seeds: 3,
  claims: [
    {
      text: 'On-policy best-of-n ends at least .2 above offline best-of-n in expected reward.',
      metric: 'expected_reward',
      arm: 'on-policy-bon',
      against: { arm: 'offline-bon' },
      threshold: 0.2,
    },
    {
      text: 'Offline DPO, which pushes bad samples down, ends at least .05 above offline best-of-n.',
      metric: 'expected_reward',
      arm: 'offline-dpo',
      against: { arm: 'offline-bon' },
      threshold: 0.05,
    },
  ],
});
