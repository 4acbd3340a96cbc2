/** On-policy distillation: the policy writes, and the teachers say how likely they would have written each token. */

import type { Tensor2D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { choice, number } from '../core/params';
import { ENTROPY } from './diagnostics';
import { defineObjective, type ExactProblem } from './objective';
import { geometricMixture } from './optimum';
import { CLIP_DIAGNOSTICS, discountedSums, nextToken, tokenRatio } from './policy-gradient';
import { tokenMean } from './terms';

interface Credit {
  /** Advantages from the log-ratio of the teachers to the policy, [R, T]. */
  advantages(gap: Tensor2D, mask: Tensor2D): Tensor2D;
  /** The log-ratio back from the advantages, [R, T]. */
  gap(advantages: Tensor2D): Tensor2D;
}

/** What a token's log-ratio to the teachers is charged to: itself, or every token that led to it. */
const CREDIT: Readonly<Record<'token' | 'sequence', Credit>> = {
  token: { advantages: (gap, mask) => tf.mul(gap, mask), gap: (advantages) => advantages },
  sequence: {
    advantages: (gap, mask) => discountedSums(gap, mask, 1),
    gap: (advantages) => tf.sub(advantages, nextToken(advantages)),
  },
};

/** The first teacher's weight, the others sharing what is left. */
function weights({ teachers, weight }: { readonly teachers: number; readonly weight: number }): number[] {
  if (teachers === 1) return [1];
  return Array.from({ length: teachers }, (_, k) => (k === 0 ? weight : (1 - weight) / (teachers - 1)));
}

/**
 * A_t = -(log pi_old - sum_k w_k log q_k) on the policy's own samples, L = -mean over tokens of rho A, rho = pi / pi_old. In
 * expectation over fresh samples its gradient is that of the reverse KL to the geometric mixture prod_k q_k^{w_k} in each state;
 * with `sequence` credit a token answers for all that follows too, and the mixture is one of whole completions. The mixture is not
 * normalised: its missing constant is the same for every token of a state. No reward is read.
 */
export const distillation = defineObjective({
  id: 'distillation',
  title: 'On-policy distillation',
  summary: 'Learns on its own samples to write what its teachers, the policies of the stages before, find likely.',
  paper: {
    title: 'On-Policy Distillation of Language Models: Learning from Self-Generated Mistakes',
    url: 'https://arxiv.org/abs/2306.13649',
  },
  formula: String.raw`\mathcal{L} = -\frac{1}{\sum_i |y_i|} \sum_{i,t} \rho_{it} A_{it},
    \qquad A_{it} = \sum_k w_k \log q_k(y_{it} \mid x_i, y_{i,<t}) - \log \pi_{\mathrm{old}}(y_{it} \mid x_i, y_{i,<t})`,
  data: 'rollouts',
  family: 'online',
  differs:
    'TRL computes the divergence over the whole vocabulary, in any mixture of its directions; this takes the sampled token alone, as verl ' +
    'and Tinker do, which has the same mean gradient for the reverse KL and more variance. Teachers are the last stages of the same run.',
  params: {
    teachers: number({
      title: 'Teachers',
      help: 'How many of the stages just before this one teach; each with the policy at its end.',
      default: 1,
      min: 1,
      max: 8,
      integer: true,
    }),
    weight: number({
      title: 'Weight of the first',
      help: 'Exponent of the earliest teacher in the geometric mixture; the others share the rest evenly. One teacher has it all.',
      default: 0.5,
      min: 0,
      max: 1,
      step: 0.05,
    }),
    credit: choice({
      title: 'Credit',
      help: 'Whether a token answers for its own log-ratio alone or for those of the tokens after it too.',
      default: 'token',
      options: [
        { value: 'token', title: 'Its own' },
        { value: 'sequence', title: 'All from here on' },
      ],
    }),
  },
  diagnostics: {
    entropy: ENTROPY,
    'ratio/mean': CLIP_DIAGNOSTICS['ratio/mean'],
    'kl/teachers': {
      title: 'KL to the teachers (k1, per token)',
      help: "Mean over the sampled tokens of the policy's log-probability minus the teachers' weighted mean, when they were sampled.",
      chart: 'kl',
      unit: 'nats',
    },
  },
  needsReference: () => false,
  teachers: weights,

  advantages({ oldLogp, teacherLogp, mask, params: { credit } }) {
    if (teacherLogp === null) throw new Error('distillation needs the log-probabilities of its teachers');
    return CREDIT[credit].advantages(tf.sub(teacherLogp, oldLogp), mask); // [R, T]
  },

  loss({ logp, entropy, mask, batch: { oldLogp, advantages }, totals, params: { credit } }) {
    const ratio = tokenRatio(logp, oldLogp); // [R, T]
    return {
      loss: tf.neg(tokenMean(tf.mul(ratio, advantages), mask, totals)), // []
      diagnostics: {
        entropy: tokenMean(entropy, mask, totals), // []
        'ratio/mean': tokenMean(ratio, mask, totals), // []
        'kl/teachers': tf.neg(tokenMean(CREDIT[credit].gap(advantages), mask, totals)), // []
      },
    };
  },

  /** The geometric mixture of the teachers. */
  optimum: ({ teachers, params }: ExactProblem<{ readonly teachers: number; readonly weight: number }>) =>
    teachers.length === 0 ? null : geometricMixture(teachers, weights(params)),
});
