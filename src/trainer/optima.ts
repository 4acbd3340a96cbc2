/** Runs that are to end at their objective's closed form, and how far from it they end. */
import { type RunEvent, RunFailure } from '../core/events';
import { resolveSpec } from '../core/resolve';
import type { RunSpec, RunSpecInput, StageInput } from '../core/spec';
import { totalVariation } from '../metrics/exact';
import { catalogue } from './catalogue';
import { createRun } from './run';

/** Largest total variation that counts as having arrived. */
export const BAR = 0.05;

/** An objective with the settings that its closed form is checked at. */
export interface Optimum {
  readonly id: string;
  /** The objective with what is set, in words. */
  readonly title: string;
  /** What it converges to, in words. */
  readonly target: string;
  readonly spec: RunSpecInput;
}

/**
 * Sixteen bins: the reference peaks at the left, the reward at the right. Any narrower, and rewards at the left would be 0 in float32,
 * where the policy sees ties that the closed form does not.
 */
const WORLD = { id: 'bins', params: { bins: 16, centre: 75, width: 10, contexts: 1 } };

/** Fresh samples at every step, and a learning rate that falls to zero, so that what is left is not the noise of the last steps. */
const TRAINING = {
  source: 'samples',
  steps: 200,
  prompts: 8,
  group: 16,
  batchSize: 8,
  refreshEvery: 1,
  lr: 0.1,
  schedule: 'cosine',
  clipNorm: 0,
};

type Params = NonNullable<RunSpecInput['evaluation']>;

const stage = (objective: string, params: Params, training: Params = {}): StageInput => ({
  objective: { id: objective, params },
  training: { ...TRAINING, ...training },
});

const specOf = (...stages: readonly StageInput[]): RunSpecInput => ({
  world: WORLD,
  policy: 'categorical',
  stages,
  evaluation: { every: 10_000, prompts: 1, samples: 1 },
});

const TILTED = 'pi_ref e^(r / beta)';
const BEST = 'all on the best completion';

/**
 * Samples of the reference to the end, and fresh ones at every step: what is drawn once offline, without the luck of the draw. The good
 * are rare among them, so there are more of them.
 */
const OFFLINE = { syncEvery: 0, prompts: 32, batchSize: 32 };

/** The reward of being what the reference finds likely. */
const SURENESS = { id: 'log-probability', params: { lambda: 0.3 } };

/** Two policies for one to learn from: one for each side of the bins. */
const TEACHERS = [
  stage('reinforce', { beta: 0.2 }, { steps: 100 }),
  { ...stage('reinforce', { beta: 0.2 }, { steps: 100, begin: 'start' }), world: { centre: 31 } },
];

/** Every objective that learns from samples and has a closed form, in the order of the page. */
export const OPTIMA: readonly Optimum[] = [
  {
    id: 'reinforce',
    title: 'REINFORCE, leave-one-out baseline, beta .3',
    target: TILTED,
    spec: specOf(stage('reinforce', { beta: 0.3 })),
  },
  {
    id: 'reinforce-group',
    title: 'REINFORCE, group mean, beta .3',
    target: TILTED,
    spec: specOf(stage('reinforce', { baseline: 'group', beta: 0.3 })),
  },
  {
    id: 'reinforce-running',
    title: 'REINFORCE, running mean, beta .3',
    target: TILTED,
    spec: specOf(stage('reinforce', { baseline: 'running', beta: 0.3 })),
  },
  {
    id: 'reinforce-none',
    title: 'REINFORCE, no baseline, beta .3',
    target: TILTED,
    spec: specOf(stage('reinforce', { baseline: 'none', beta: 0.3 })),
  },
  { id: 'reinforce-best', title: 'REINFORCE, beta 0', target: BEST, spec: specOf(stage('reinforce', {})) },
  {
    id: 'sharpened',
    title: 'REINFORCE, only reward lambda log pi_ref, lambda .3, beta .3',
    target: 'pi_ref^(1 + lambda / beta)',
    spec: specOf({ ...stage('reinforce', { beta: 0.3 }), rewards: [SURENESS] }),
  },
  {
    id: 'sharpened-reward',
    title: 'REINFORCE, reward plus lambda log pi_ref, lambda .3, beta .3',
    target: 'pi_ref^(1 + lambda / beta) e^(r / beta)',
    spec: specOf({ ...stage('reinforce', { beta: 0.3 }), rewards: ['world', SURENESS] }),
  },
  { id: 'reinforce-pp', title: 'REINFORCE++, beta .3', target: TILTED, spec: specOf(stage('reinforce-pp', { beta: 0.3 })) },
  {
    id: 'reinforce-pp-baseline',
    title: 'REINFORCE++ baseline, beta .3',
    target: TILTED,
    spec: specOf(stage('reinforce-pp-baseline', { beta: 0.3 })),
  },
  { id: 'rloo', title: 'RLOO, beta .3', target: TILTED, spec: specOf(stage('rloo', { beta: 0.3 })) },
  {
    id: 'remax',
    title: 'ReMax, beta .3',
    target: TILTED,
    spec: specOf(stage('remax', { beta: 0.3 }, { prompts: 32, batchSize: 32 })),
  },
  { id: 'remax-best', title: 'ReMax, beta 0', target: BEST, spec: specOf(stage('remax', {})) },
  { id: 'opo', title: 'OPO', target: BEST, spec: specOf(stage('opo', {})) },
  { id: 'gpg', title: 'GPG', target: BEST, spec: specOf(stage('gpg', {})) },
  { id: 'grpo', title: 'GRPO, beta 0', target: BEST, spec: specOf(stage('grpo', {})) },
  {
    id: 'grpo-reward',
    title: 'GRPO, k1 in the reward, beta .3',
    target: TILTED,
    spec: specOf(stage('grpo', { beta: 0.3, kl_estimator: 'k1', use_kl_in_reward: true })),
  },
  {
    id: 'grpo-k2',
    title: 'GRPO, k2 in the loss, unscaled, beta .3',
    target: "pi_ref e^(r / beta')",
    spec: specOf(stage('grpo', { beta: 0.3, kl_estimator: 'k2', scale_rewards: 'none' })),
  },
  {
    id: 'grpo-k3',
    title: 'GRPO, k3 in the loss, unscaled, beta .3',
    target: "forward KL: beta' pi_ref / (Lambda - r)",
    spec: specOf(stage('grpo', { beta: 0.3, scale_rewards: 'none' })),
  },
  {
    id: 'grpo-k3-weighted',
    title: 'GRPO, k3 weighted by the ratio, unscaled, beta .3',
    target: "pi_ref e^(r / beta')",
    spec: specOf(stage('grpo', { beta: 0.3, scale_rewards: 'none', use_bias_correction_kl: true })),
  },
  {
    id: 'grpo-entropy',
    title: 'GRPO, entropy bonus .3, unscaled',
    target: "e^(r / c')",
    spec: specOf(stage('grpo', { entropy_coef: 0.3, scale_rewards: 'none' })),
  },
  { id: 'dapo', title: 'DAPO', target: BEST, spec: specOf(stage('dapo', {}, { dropZeroVariance: false })) },
  { id: 'dr-grpo', title: 'Dr. GRPO', target: BEST, spec: specOf(stage('dr-grpo', {})) },
  { id: 'gspo', title: 'GSPO', target: BEST, spec: specOf(stage('gspo', {})) },
  { id: 'gspo-token', title: 'GSPO-token', target: BEST, spec: specOf(stage('gspo-token', {})) },
  { id: 'luspo', title: 'LUSPO', target: BEST, spec: specOf(stage('luspo', {})) },
  { id: 'gmpo', title: 'GMPO', target: BEST, spec: specOf(stage('gmpo', {})) },
  { id: 'cispo', title: 'CISPO', target: BEST, spec: specOf(stage('cispo', {})) },
  { id: 'sapo', title: 'SAPO', target: BEST, spec: specOf(stage('sapo', {})) },
  { id: 'vespo', title: 'VESPO', target: BEST, spec: specOf(stage('vespo', {})) },
  { id: 'clip-cov', title: 'Clip-Cov', target: BEST, spec: specOf(stage('clip-cov', {})) },
  { id: 'kl-cov', title: 'KL-Cov', target: BEST, spec: specOf(stage('kl-cov', {})) },
  { id: 'ppo', title: 'PPO, beta .3', target: TILTED, spec: specOf(stage('ppo', { beta: 0.3 })) },
  { id: 'ppo-dual-clip', title: 'Dual-clip PPO, beta .3', target: TILTED, spec: specOf(stage('ppo-dual-clip', { beta: 0.3 })) },
  { id: 'a2po', title: 'A*-PO, both betas .3', target: TILTED, spec: specOf(stage('a2po', { beta1: 0.3, beta2: 0.3 })) },
  {
    id: 'mara',
    title: 'MARA, beta .15, tau .5',
    target: "pi_ref e^(r' / beta), the good alike",
    spec: specOf(stage('mara', { beta: 0.15, tau: 0.5 }, { prompts: 4, group: 64, batchSize: 4 })),
  },
  {
    id: 'distillation',
    title: 'On-policy distillation, one teacher',
    target: 'the teacher',
    spec: specOf(stage('reinforce', { beta: 0.2 }, { steps: 100 }), stage('distillation', {}, { begin: 'start' })),
  },
  {
    id: 'iw-opd',
    title: 'IW-OPD, one teacher',
    target: 'the teacher',
    spec: specOf(stage('reinforce', { beta: 0.2 }, { steps: 100 }), stage('iw-opd', {}, { begin: 'start' })),
  },
  {
    id: 'distillation-mixture',
    title: 'On-policy distillation, two teachers, weights .3 and .7',
    target: 'q1^.3 q2^.7',
    spec: specOf(...TEACHERS, stage('distillation', { teachers: 2, weight: 0.3 }, { begin: 'start' })),
  },
  {
    id: 'online-ipo',
    title: 'Online IPO, beta .3',
    target: "pi_ref e^(P(y beats y') / beta), y' of the policy",
    spec: specOf(stage('online-ipo', { beta: 0.3 }, { prompts: 128, group: 2, batchSize: 128 })),
  },
  {
    id: 'nash-md',
    title: 'Nash-MD, beta .3, mixture .5',
    target: "pi_ref e^(P(y beats y') / beta), y' of the mixture",
    spec: specOf(stage('nash-md', { beta: 0.3 }, { prompts: 16, batchSize: 128 })),
  },
  { id: 'rwr', title: 'RWR, samples of the reference, beta .3', target: TILTED, spec: specOf(stage('rwr', { beta: 0.3 }, OFFLINE)) },
  {
    id: 'awr',
    title: 'AWR, samples of the reference, beta .3',
    target: 'pi_ref e^(r / beta), weights up to 20',
    spec: specOf(stage('awr', { beta: 0.3 }, OFFLINE)),
  },
  {
    id: 'best-of-n',
    title: 'Best-of-4, samples of the reference',
    target: 'best of 4 draws',
    spec: specOf(stage('best-of-n', {}, { ...OFFLINE, group: 4, prompts: 64, batchSize: 64 })),
  },
];

/** The spec of one run, resolved. */
export const specFor = (optimum: Optimum, seed: number): RunSpec => ({ ...resolveSpec(optimum.spec, catalogue()), seed });

/** Total variation to the closed form: of the policy that the last stage began with, and of the one that it ended with. */
export interface Distances {
  readonly before: number;
  readonly after: number;
}

/**
 * Trains one run to its end.
 * @throws RunFailure where the run fails or its objective has no closed form at these settings
 */
export async function distancesToOptimum(spec: RunSpec): Promise<Distances> {
  const run = createRun(spec, { context: { dataset: () => undefined } });
  let last: Extract<RunEvent, { type: 'distribution' }> | null = null;
  try {
    for await (const event of run.events()) if (event.type === 'distribution') last = event;
  } finally {
    run.dispose();
  }
  const { policy, reference, optimum } = last ?? { policy: [], reference: [], optimum: null };
  if (optimum === null) throw new RunFailure('bad-spec', 'This objective has no closed form at these settings.');
  return { before: totalVariation(reference, optimum), after: totalVariation(policy, optimum) };
}
