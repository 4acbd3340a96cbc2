/** Diagnostics that several objectives report. One id means one thing on the page, whichever objective logs it. */
import type { MetricSpec } from '../core/charts';

export const ENTROPY: MetricSpec = {
  title: 'Entropy',
  help: 'Mean entropy of the next-token distribution on the completion tokens of the training batch.',
  chart: 'entropy',
  unit: 'nats',
};

export const KL: MetricSpec = {
  title: 'KL (k3, per token)',
  help: 'Mean over the sampled tokens of k3, an estimate of KL(policy || reference) that is never negative. Of KTO: its own, of whole completions.',
  chart: 'kl',
  unit: 'nats',
};

/** Of pairs; of single judgements, chosen are the desirable and rejected the undesirable completions. */
export const IMPLICIT_REWARDS = {
  'rewards/chosen': {
    title: 'Implicit reward, chosen',
    help: 'Beta times the log-ratio of the chosen completion, mean. Without a reference, beta times its log-probability.',
    chart: 'loss',
  },
  'rewards/rejected': {
    title: 'Implicit reward, rejected',
    help: 'Beta times the log-ratio of the rejected completion, mean. Without a reference, beta times its log-probability.',
    chart: 'loss',
  },
  'rewards/margins': { title: 'Implicit reward margin', help: 'Implicit reward of chosen minus rejected, mean.', chart: 'loss' },
} as const satisfies Record<string, MetricSpec>;

export const PAIR_ACCURACY: MetricSpec = {
  title: 'Pair accuracy, training',
  help: 'Fraction of training pairs in which the chosen completion has the higher implicit reward.',
  chart: 'accuracy',
  unit: 'fraction',
};

export const LOGPS = {
  'logps/chosen': {
    title: 'Log-probability, chosen',
    help: 'Summed over the tokens of the chosen completion (SimPO, ORPO: mean over them), mean over pairs.',
    chart: 'logratio',
    unit: 'nats',
  },
  'logps/rejected': {
    title: 'Log-probability, rejected',
    help: 'Summed over the tokens of the rejected completion (SimPO, ORPO: mean over them), mean over pairs.',
    chart: 'logratio',
    unit: 'nats',
  },
} as const satisfies Record<string, MetricSpec>;

export const LOGRATIOS = {
  'logratios/chosen': {
    title: 'Log-ratio, chosen',
    help: "Log-probability of the chosen completion minus the reference's, mean over pairs. Often falls.",
    chart: 'logratio',
    unit: 'nats',
  },
  'logratios/rejected': {
    title: 'Log-ratio, rejected',
    help: "Log-probability of the rejected completion minus the reference's, mean over pairs.",
    chart: 'logratio',
    unit: 'nats',
  },
} as const satisfies Record<string, MetricSpec>;

export const NLL_LOSS: MetricSpec = {
  title: 'Negative log-likelihood, chosen',
  help: 'Mean over the tokens of the chosen completions.',
  chart: 'loss',
  unit: 'nats',
};

export const TOKEN_PROBABILITY: MetricSpec = {
  title: 'Probability of the demonstrated token',
  help: 'Mean over the completion tokens: how often a sampled token would be the demonstrated one.',
  chart: 'accuracy',
  unit: 'fraction',
};
