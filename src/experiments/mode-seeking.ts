import { defineExperiment } from '../core/experiment';

/** 1,000 reward queries in every arm: drawn at once from the reference, or ten at a time from the policy as it moves. */
const OFFLINE = { source: 'samples', prompts: 100, group: 10, refreshEvery: 0, batchSize: 100, steps: 300, clipNorm: 0 } as const;
const ON_POLICY = { source: 'samples', prompts: 1, group: 10, refreshEvery: 3, batchSize: 1, steps: 300, clipNorm: 0 } as const;

const base = { world: 'bins', policy: 'categorical', evaluation: { every: 3, prompts: 8, samples: 8 } } as const;

export default defineExperiment({
  id: 'mode-seeking',
  title: 'Mode-seeking against maximum likelihood',
  order: 1,
  question: 'Where the best answers are rare under the reference, does it matter whether samples come from the policy as it learns?',
  paper: {
    title: 'Preference Fine-Tuning of LLMs Should Leverage Suboptimal, On-Policy Data (Tajwar et al., 2024)',
    url: 'https://arxiv.org/abs/2404.14367',
  },
  theirs:
    'On a categorical problem with a heavy-tailed reference and a reward far from its mode, methods that sample on-policy or push down bad samples moved probability to the reward faster than offline maximum likelihood.',
  ours: 'The expected reward, summed exactly over all 100 bins, after 300 steps and 1,000 reward queries in every arm.',
  differs:
    'The policy here is a bare table of logits, with no features shared between bins; the paper trains a network. The reference is the exact histogram instead of one drawn from 10,000 samples.',
  arms: {
    'on-policy-grpo': {
      title: 'On-policy GRPO',
      spec: { ...base, stages: [{ objective: 'grpo', training: { ...ON_POLICY, lr: 0.05 } }] },
    },
    'on-policy-dpo': {
      title: 'On-policy DPO',
      spec: { ...base, stages: [{ objective: { id: 'dpo', params: { beta: 0.1 } }, training: { ...ON_POLICY, lr: 0.05 } }] },
    },
    'on-policy-bon': {
      title: 'On-policy best-of-n',
      spec: { ...base, stages: [{ objective: 'best-of-n', training: { ...ON_POLICY, lr: 0.05 } }] },
    },
    'offline-dpo': {
      title: 'Offline DPO',
      spec: { ...base, stages: [{ objective: { id: 'dpo', params: { beta: 0.1 } }, training: { ...OFFLINE, lr: 0.05 } }] },
    },
    'offline-bon': {
      title: 'Offline best-of-n',
      spec: { ...base, stages: [{ objective: 'best-of-n', training: { ...OFFLINE, lr: 0.05 } }] },
    },
  },
  opens: 'on-policy-grpo',
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
      text: 'On-policy DPO ends at least .2 above offline DPO in expected reward.',
      metric: 'expected_reward',
      arm: 'on-policy-dpo',
      against: { arm: 'offline-dpo' },
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
