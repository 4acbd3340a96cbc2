/** The charts, and what a metric must say about itself to be drawn in one. */

export const CHARTS = {
  reward: {
    title: 'Reward',
    unit: '',
    zero: false,
    help: 'What the policy earns: the reward it is trained on, its parts, and the true reward on held-out prompts.',
  },
  loss: {
    title: 'Loss',
    unit: '',
    zero: false,
    help: 'The objective and its parts. For GRPO it says little: watch reward and gradient norm instead.',
  },
  kl: { title: 'KL to the reference', unit: 'nats', zero: true, help: 'How far the policy has moved from the reference policy.' },
  entropy: { title: 'Entropy', unit: 'nats', zero: true, help: 'How undecided the policy is; 0 means it always writes the same.' },
  diversity: { title: 'Diversity', unit: 'fraction', zero: true, help: 'How varied the sampled completions are.' },
  sparsity: {
    title: 'Update sparsity',
    unit: 'fraction changed',
    zero: true,
    help: 'The fraction of the parameters that training has changed from the start of the run.',
  },
  logratio: {
    title: 'Chosen and rejected',
    unit: 'nats',
    zero: false,
    help: 'Log-probability of chosen and rejected completions relative to the reference. DPO often lowers both.',
  },
  gradient: { title: 'Gradient norm', unit: '', zero: true, help: 'Global norm of the gradient before clipping.' },
  accuracy: {
    title: 'Accuracy',
    unit: 'fraction',
    zero: true,
    help: 'Held-out correctness, and how often the chosen completion wins over the rejected one.',
  },
  ratio: {
    title: 'Policy ratio',
    unit: '',
    zero: false,
    help: 'Probability of sampled tokens now against when they were sampled, and how many were clipped.',
  },
  length: {
    title: 'Completion length',
    unit: 'tokens',
    zero: true,
    help: 'How long completions are and how many were cut off by the length limit.',
  },
  speed: { title: 'Speed', unit: 'per second', zero: true, help: 'Optimisation steps and tokens per second.' },
} as const satisfies Record<string, ChartSpec>;

export interface ChartSpec {
  readonly title: string;
  readonly unit: string;
  /** Whether 0 belongs on the y axis. */
  readonly zero: boolean;
  readonly help: string;
}

export type ChartId = keyof typeof CHARTS;

/** What a metric says about itself. Its id is the key under which it is logged (TRL's name where TRL has one). */
export interface MetricSpec {
  readonly title: string;
  /** One line for the tooltip. */
  readonly help: string;
  readonly chart: ChartId;
  readonly unit?: string;
  /** Drawn only where the reader asks for it: its neighbours say nearly the same. */
  readonly onDemand?: true;
}
