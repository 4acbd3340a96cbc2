/** A run, as plain JSON. Together with the device it determines every bit of what the run reports. */
import { choice, flag, number, type Params, type ValuesOf } from './params';

/** The version that this code writes. Readers accept older ones. */
export const SPEC_VERSION = 1;

/** A registry entry with its settings. */
export interface Choice {
  readonly id: string;
  readonly params: Params;
  /** A reader's own TypeScript in place of the registry's entry; `id` begins with `own/`. Only of objectives and rewards. */
  readonly source?: string;
}

/** One of the rewards of a stage. What a completion earns is the sum of them all, each times its weight: TRL's `reward_weights`. */
export interface WeightedChoice extends Choice {
  readonly weight: number;
}

/** How much a reward counts in the sum. */
export const WEIGHT = number({
  title: 'Weight',
  help: 'What a completion earns is the sum of all rewards, each times its weight. A negative weight makes it a cost.',
  default: 1,
  min: -10,
  max: 10,
  step: 0.05,
});

/** Settings of one stage of training, whatever its objective. */
export const TRAINING = {
  steps: number({
    title: 'Steps',
    help: 'Optimisation steps of this stage.',
    default: 200,
    min: 1,
    max: 100_000,
    integer: true,
    scale: 'log',
    unit: 'steps',
  }),
  batchSize: number({
    title: 'Batch size',
    help: 'Demonstrations, pairs or groups of samples in one step.',
    default: 16,
    min: 1,
    max: 1024,
    integer: true,
    scale: 'log',
  }),
  microBatches: number({
    title: 'Accumulation',
    help: 'Parts that a batch is cut into to save memory; the gradient is the same.',
    default: 1,
    min: 1,
    max: 64,
    integer: true,
  }),
  source: choice({
    title: 'Data',
    help: 'Where the training examples come from.',
    default: 'world',
    options: [
      { value: 'world', title: "The world's own examples" },
      { value: 'samples', title: 'Samples, scored by the reward' },
    ],
  }),
  prompts: number({
    title: 'Prompts',
    help: 'Prompts sampled each time that samples are drawn.',
    default: 8,
    min: 1,
    max: 1024,
    integer: true,
    scale: 'log',
  }),
  group: number({
    title: 'Samples per prompt',
    help: 'Group size G: completions drawn for one prompt.',
    default: 8,
    min: 2,
    max: 256,
    integer: true,
    scale: 'log',
  }),
  refreshEvery: number({
    title: 'Fresh samples every',
    help: 'Steps taken on one set of samples before drawing again from the current policy. 0 draws once from the starting policy: offline.',
    default: 1,
    min: 0,
    max: 10_000,
    integer: true,
    unit: 'steps',
  }),
  syncEvery: number({
    title: 'Sampler follows every',
    help: 'Steps after which the policy that samples are drawn from takes over the trained one. 1 samples from the policy of the moment; 0 keeps to the one that the stage began with.',
    default: 1,
    min: 0,
    max: 10_000,
    integer: true,
    unit: 'steps',
  }),
  dropZeroVariance: flag({
    title: 'Drop groups of equal reward',
    help: 'Groups whose samples all earn the same carry no signal. They are dropped and others drawn in their place, as in DAPO; after three more draws what is missing is made up of them.',
    default: false,
  }),
  pairing: choice({
    title: 'Pairs',
    help: 'How preference pairs are made from a group of scored samples.',
    default: 'best-worst',
    options: [
      { value: 'best-worst', title: 'Best against worst' },
      { value: 'all', title: 'Every pair that differs in reward' },
    ],
  }),
  temperature: number({ title: 'Temperature', help: 'Divides the logits when sampling.', default: 1, min: 0.05, max: 5, step: 0.05 }),
  topK: number({
    title: 'Top-k',
    help: 'Samples are drawn among this many most probable tokens; 0 draws among all.',
    default: 0,
    min: 0,
    max: 1024,
    integer: true,
  }),
  topP: number({
    title: 'Top-p',
    help: 'Samples are drawn among the fewest most probable tokens that hold this much probability, after top-k; 1 draws among all.',
    default: 1,
    min: 0.05,
    max: 1,
    step: 0.05,
  }),
  begin: choice({
    title: 'Begins with',
    help: 'The policy that the stage goes on from, which is also its reference. A reward model is no policy: the stage after it goes on from the one before it. Who learns from teachers goes on from where the first of them began.',
    default: 'previous',
    options: [
      { value: 'previous', title: 'What the stage before has made' },
      { value: 'same', title: 'What the stage before began with' },
      { value: 'start', title: 'The start of the run' },
    ],
  }),
  lr: number({ title: 'Learning rate', help: 'Peak step size of AdamW.', default: 0.001, min: 1e-7, max: 1, scale: 'log' }),
  schedule: choice({
    title: 'Schedule',
    help: 'How the learning rate moves after the warm-up.',
    default: 'constant',
    options: [
      { value: 'constant', title: 'Constant' },
      { value: 'cosine', title: 'Cosine to zero' },
      { value: 'linear', title: 'Linear to zero' },
    ],
  }),
  warmup: number({
    title: 'Warm-up',
    help: 'Steps over which the learning rate rises from zero.',
    default: 0,
    min: 0,
    max: 10_000,
    integer: true,
    unit: 'steps',
  }),
  beta1: number({ title: 'Adam beta 1', help: 'Decay of the mean of gradients.', default: 0.9, min: 0, max: 0.9999 }),
  beta2: number({ title: 'Adam beta 2', help: 'Decay of the mean of squared gradients.', default: 0.999, min: 0, max: 0.99999 }),
  epsilon: number({ title: 'Adam epsilon', help: 'Added to the denominator.', default: 1e-8, min: 1e-12, max: 0.1, scale: 'log' }),
  weightDecay: number({
    title: 'Weight decay',
    help: 'Decoupled decay of every parameter, times the learning rate.',
    default: 0,
    min: 0,
    max: 1,
  }),
  clipNorm: number({ title: 'Gradient clipping', help: 'Largest global gradient norm; 0 does not clip.', default: 1, min: 0, max: 1000 }),
} as const;

export type Training = ValuesOf<typeof TRAINING>;

/** How a run is looked at while it trains. */
export const EVALUATION = {
  every: number({
    title: 'Look every',
    help: 'Steps between evaluations on held-out prompts.',
    default: 10,
    min: 1,
    max: 10_000,
    integer: true,
    unit: 'steps',
  }),
  prompts: number({ title: 'Held-out prompts', help: 'Prompts in one evaluation.', default: 16, min: 1, max: 1024, integer: true }),
  samples: number({
    title: 'Samples each',
    help: 'Completions drawn for each held-out prompt.',
    default: 4,
    min: 1,
    max: 256,
    integer: true,
  }),
} as const;

export type Evaluation = ValuesOf<typeof EVALUATION>;

/** A stretch of training with one objective. The reference policy is the policy at the start of the stage. */
export interface Stage {
  readonly objective: Choice;
  /** What completions are scored by, no reward twice: TRL's `reward_funcs`. Empty where nothing is scored. */
  readonly rewards: readonly WeightedChoice[];
  readonly training: Training;
  /** World parameters that hold during this stage only, such as which demonstrations to draw; null: the run's own. */
  readonly world: Params | null;
}

/** The whole of a run. */
export interface RunSpec {
  readonly version: typeof SPEC_VERSION;
  readonly seed: number;
  readonly world: Choice;
  readonly policy: Choice;
  readonly stages: readonly Stage[];
  readonly evaluation: Evaluation;
}

/** A spec as a person writes it: what is left out gets its default. */
export interface RunSpecInput {
  readonly version?: number;
  readonly seed?: number;
  readonly world: string | ChoiceInput;
  readonly policy?: string | ChoiceInput;
  readonly stages: readonly StageInput[];
  readonly evaluation?: Params;
}

export interface StageInput {
  readonly objective: string | ChoiceInput;
  readonly rewards?: readonly (string | RewardInput)[];
  /** The same as a list of this alone; null for an empty one. */
  readonly reward?: string | RewardInput | null;
  readonly training?: Params;
  readonly world?: Params | null;
}

export interface ChoiceInput {
  readonly id: string;
  readonly params?: Params;
  readonly source?: string;
}

/** The weight is 1 where it is left out. */
export interface RewardInput extends ChoiceInput {
  readonly weight?: number;
}

/** Steps of a run before the stage at `index` begins; those of all where there are no more. */
export const stepsBefore = (stages: readonly Stage[], index: number): number =>
  stages.slice(0, index).reduce((sum, { training }) => sum + training.steps, 0);

/** Steps over all stages. */
export const totalSteps = ({ stages }: RunSpec): number => stepsBefore(stages, stages.length);

/** A spec, or a draft of one, as this code writes it. What was saved before a stage could have several rewards has one, or null. */
export function renewed<S extends { readonly stages: readonly { readonly rewards: readonly unknown[] }[] }>(spec: S): S {
  if (spec.stages.every(({ rewards }) => rewards !== undefined)) return spec;
  const stages = spec.stages.map((stage) => {
    const { reward = null, ...rest } = stage as typeof stage & { readonly reward?: Choice | null };
    return { ...rest, rewards: stage.rewards ?? (reward === null ? [] : [{ ...reward, weight: WEIGHT.default }]) };
  });
  return { ...spec, stages };
}
