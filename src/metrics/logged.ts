/**
 * What the trainer logs besides an objective's diagnostics, a reward's parts and the metrics of the registry. The ids are TRL's where
 * TRL logs the thing. A unit is given where it is not the chart's: such a metric is of another scale than its neighbours.
 */
import type { MetricSpec } from '../core/charts';

const TRAINING = {
  loss: { title: 'Loss', help: 'What the optimiser minimises, over the batch of this step.', chart: 'loss' },
  grad_norm: { title: 'Gradient norm', help: 'Global norm of the gradient before clipping.', chart: 'gradient' },
  learning_rate: { title: 'Learning rate', help: 'Step size of AdamW at this step.', chart: 'gradient', unit: 'per step' },
  entropy: { title: 'Entropy of the batch', help: 'Mean entropy of the next token over the completions trained on.', chart: 'entropy' },
  steps_per_second: { title: 'Steps per second', help: 'Optimisation steps in a second, sampling included.', chart: 'speed' },
  tokens_per_second: {
    title: 'Tokens per second',
    help: 'Completion tokens trained on in a second.',
    chart: 'speed',
    unit: 'tokens per second',
  },
  num_tokens: { title: 'Tokens trained on', help: 'Completion tokens trained on since the run began.', chart: 'speed', unit: 'tokens' },
} as const satisfies Record<string, MetricSpec>;

const SAMPLING = {
  reward: { title: 'Reward', help: 'Mean reward of the samples trained on.', chart: 'reward' },
  true_reward: {
    title: 'True reward of the samples',
    help: "The world's own verdict on the samples trained on, beside what the reward says.",
    chart: 'reward',
    onDemand: true,
  },
  reward_baseline: {
    title: 'Greedy reward',
    help: 'Mean reward of the most probable completion of each prompt, which ReMax compares samples with.',
    chart: 'reward',
  },
  'sampling/dropped_groups': {
    title: 'Dropped groups',
    help: 'Groups of equal reward that were dropped at the last draw, and others drawn in their place.',
    chart: 'reward',
    unit: 'groups',
  },
  'sampling/age': {
    title: 'Age of the sampler',
    help: 'Steps since the policy that samples are drawn from took over the trained one.',
    chart: 'ratio',
    unit: 'steps',
  },
  reward_std: {
    title: 'Reward spread in a group',
    help: 'Standard deviation of the reward within a group, mean over groups.',
    chart: 'reward',
    onDemand: true,
  },
  frac_reward_zero_std: {
    title: 'Groups without spread',
    help: 'Share of groups in which every sample earned the same; GRPO learns nothing from them.',
    chart: 'reward',
    unit: 'fraction',
  },
  reward_queries: { title: 'Reward queries', help: 'Completions scored since the run began.', chart: 'reward', unit: 'completions' },
  'completions/mean_length': { title: 'Mean length', help: 'Mean length of sampled completions, end token included.', chart: 'length' },
  'completions/min_length': { title: 'Shortest', help: 'Length of the shortest sampled completion.', chart: 'length' },
  'completions/max_length': { title: 'Longest', help: 'Length of the longest sampled completion.', chart: 'length' },
  'completions/clipped_ratio': {
    title: 'Cut off',
    help: 'Share of sampled completions that the length limit cut off before their end token.',
    chart: 'length',
    unit: 'fraction',
  },
  'sampling/entropy': {
    title: 'Entropy when sampled',
    help: 'Mean entropy of the next token over the sampled completions, at temperature 1 and before top-k and top-p.',
    chart: 'entropy',
    onDemand: true,
  },
} as const satisfies Record<string, MetricSpec>;

const HELD_OUT = {
  'eval/reward': { title: 'Held-out reward', help: 'Mean reward, as trained on, of samples for held-out prompts.', chart: 'reward' },
  'eval/true_reward': { title: 'Held-out true reward', help: "Mean score by the world's own rule for held-out prompts.", chart: 'reward' },
  'eval/ndcg@10': { title: 'Held-out NDCG@10', help: 'Mean NDCG@10 of the queries written for held-out prompts.', chart: 'reward' },
  'eval/recall@10': {
    title: 'Held-out recall@10',
    help: 'Mean share of the relevant results among the first ten.',
    chart: 'reward',
    onDemand: true,
  },
  'eval/accuracy': { title: 'Held-out accuracy', help: 'Share of samples for held-out prompts that are right.', chart: 'accuracy' },
  'eval/ranking_accuracy': {
    title: 'Held-out ranking accuracy',
    help: 'Share of held-out pairs whose chosen completion has gained more log-probability over the reference than the rejected one.',
    chart: 'accuracy',
  },
  'eval/closed_book_accuracy': {
    title: 'Closed-book accuracy',
    help: 'Share of questions whose right option is the most probable one, without the text.',
    chart: 'accuracy',
  },
  'eval/augmented_accuracy': {
    title: 'Augmented accuracy',
    help: 'The same with the text in the prompt.',
    chart: 'accuracy',
  },
  'eval/augmented_gap': {
    title: 'Augmented gap',
    help: 'Augmented accuracy less closed-book accuracy: what the policy can read but does not know.',
    chart: 'accuracy',
    onDemand: true,
  },
  'eval/mutual_information': {
    title: 'Mutual information with the principles',
    help: 'How much a reply tells of the principle that it was written under: 0 to the logarithm of their number, exact.',
    chart: 'accuracy',
    unit: 'nats',
  },
  'eval/two_hop_accuracy': {
    title: 'Two-hop accuracy',
    help: 'Closed-book accuracy on held-out questions that need two facts at once.',
    chart: 'accuracy',
  },
  'eval/kl_k1': { title: 'KL, k1', help: 'Mean log-ratio to the reference over held-out samples: unbiased, can be negative.', chart: 'kl' },
  'eval/kl_k3': { title: 'KL, k3', help: 'Mean of e^-rho - 1 + rho over held-out samples: unbiased, never negative.', chart: 'kl' },
} as const satisfies Record<string, MetricSpec>;

const EXACT = {
  expected_reward: {
    title: 'Expected reward, exact',
    help: 'The reward summed over every completion and its probability.',
    chart: 'reward',
  },
  expected_true_reward: {
    title: 'Expected true reward, exact',
    help: "The world's own score summed over every completion and its probability, beside the reward that is trained on.",
    chart: 'reward',
  },
  'eval/kl_exact': { title: 'KL, exact', help: 'KL(policy || reference), summed over every completion.', chart: 'kl' },
  'eval/kl_exact_forward': {
    title: 'Forward KL, exact',
    help: 'KL(reference || policy), summed over every completion.',
    chart: 'kl',
    onDemand: true,
  },
  'eval/entropy_exact': { title: 'Entropy, exact', help: 'Entropy of the policy, summed over every completion.', chart: 'entropy' },
} as const satisfies Record<string, MetricSpec>;

/** Words for the parts that the losses of the lab are made of, by the names that they have there. */
const TERMS = {
  policy: 'the policy term',
  value: 'the value loss',
  kl: 'the KL penalty',
  entropy: 'the entropy bonus',
  score: 'the score',
  pairs: 'the pairs',
  sft: 'the likelihood of chosen completions',
  odds: 'the odds ratio',
  dpo: 'the pairs',
  xpo: 'the exploration term',
  desirable: 'the desirable completions',
  undesirable: 'the undesirable completions',
  preference: 'the pairs',
  centring: 'the centring',
  relative: 'the margin',
  absolute: 'the absolute scores',
  responses: 'the choice of the response',
  principles: 'the choice of the principle',
} as const;

const GRADIENTS: Readonly<Record<string, MetricSpec>> = Object.fromEntries(
  Object.entries(TERMS).map(([name, words]) => [
    `grad_norm/${name}`,
    {
      title: `Gradient of ${words}`,
      help: `Norm of the gradient of ${words} alone, over the last batch, at every look: what pulls at the parameters, and how hard.`,
      chart: 'gradient',
    } satisfies MetricSpec,
  ]),
);

export const LOGGED: Readonly<Record<string, MetricSpec>> = { ...TRAINING, ...GRADIENTS, ...SAMPLING, ...HELD_OUT, ...EXACT };
