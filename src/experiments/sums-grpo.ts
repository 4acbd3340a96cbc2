import { defineExperiment } from '../core/experiment';

const base = {
  world: 'sums',
  policy: { id: 'gpt', params: { layers: 2, width: 48, heads: 8 } },
  evaluation: { every: 50, prompts: 128, samples: 4 },
} as const;

/** A third of what `sums-sft` trains: about half of the held-out sums come out right. */
const HALF_TRAINED = { objective: 'sft', training: { steps: 200, batchSize: 64, lr: 0.01, schedule: 'cosine', warmup: 20 } } as const;

const GRPO = {
  objective: 'grpo',
  reward: 'exact-match',
  training: {
    source: 'samples',
    steps: 200,
    prompts: 64,
    group: 8,
    batchSize: 32,
    refreshEvery: 2,
    lr: 0.002,
    schedule: 'cosine',
    warmup: 20,
  },
} as const;

/** The same steps on a reward that knows nothing. */
const COIN = { ...GRPO, reward: 'coin' } as const;

export default defineExperiment({
  id: 'sums-grpo',
  title: 'A reward takes over from imitation',
  order: 11,
  question: 'Can a policy that gets half of its sums right improve on being told only whether each answer is right?',
  paper: {
    title: 'DeepSeekMath: Pushing the Limits of Mathematical Reasoning in Open Language Models (Shao et al., 2024)',
    url: 'https://arxiv.org/abs/2402.03300',
  },
  theirs:
    'GRPO, started from an instruction-tuned model of seven billion parameters, raised its accuracy on school and competition mathematics.',
  ours: 'Exact match of sampled answers to held-out sums: SFT stopped at about half, against the same SFT followed by 200 steps of GRPO on exact match. In the null arm a coin takes the place of the reward: it has to miss the first bar, or the steps would have passed it whatever they were paid for.',
  differs:
    'The answers are four tokens without any reasoning, the reward is an exact rule, and no KL term holds the policy to its reference, where the paper has one. Demonstrations teach sums faster than the reward does, as the experiment on imitation shows; the question is whether the reward alone still teaches.',
  arms: {
    'half-trained': { title: 'SFT, stopped early', spec: { ...base, stages: [HALF_TRAINED] } },
    grpo: { title: 'SFT, stopped early, then GRPO', spec: { ...base, stages: [HALF_TRAINED, GRPO] } },
    coin: { title: 'SFT, stopped early, then GRPO on a coin', spec: { ...base, stages: [HALF_TRAINED, COIN] } },
  },
  opens: 'grpo',
  seeds: 3,
  nullArm: 'coin',
  claims: [
    {
      text: 'GRPO ends at least .15 above the half-trained policy in held-out exact match.',
      metric: 'eval/accuracy',
      arm: 'grpo',
      against: { arm: 'half-trained' },
      threshold: 0.15,
    },
    {
      text: 'GRPO on exact match ends at least .15 above the same steps of GRPO on a coin.',
      metric: 'eval/accuracy',
      arm: 'grpo',
      against: { arm: 'coin' },
      threshold: 0.15,
    },
  ],
});
