/**
 * The algebra of contrasts: N n n rows, of each question n responses under n principles; row (q n + i) n + j is the j-th response,
 * which was drawn under principle j, scored under principle i.
 */
import type { Scalar, Tensor1D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { MetricSpec } from '../core/charts';
import { ENTROPY } from './diagnostics';
import type { LossInput, LossOutput } from './objective';
import { meanOver, tokenMean } from './terms';

const CONTRAST_DIAGNOSTICS = {
  'sami/mutual_information': {
    title: 'Bound of the mutual information',
    help: 'log n minus the loss: a lower bound of I(response; principle), at most log n for n principles.',
    chart: 'reward',
    unit: 'nats',
  },
  'sami/accuracy_responses': {
    title: 'Response found by principle',
    help: 'How often a principle makes its own response the likeliest among the responses.',
    chart: 'accuracy',
    unit: 'fraction',
  },
  'sami/accuracy_principles': {
    title: 'Principle found by response',
    help: 'How often a response is likeliest under its own principle.',
    chart: 'accuracy',
    unit: 'fraction',
  },
  entropy: ENTROPY,
} as const satisfies Record<string, MetricSpec>;

/** What the two forms have in common. */
export const CONTRAST = {
  data: 'contrasts',
  family: 'knowledge',
  paper: { title: 'Self-Supervised Alignment with Mutual Information', url: 'https://arxiv.org/abs/2404.14313' },
  params: {},
  diagnostics: CONTRAST_DIAGNOSTICS,
  needsReference: () => false,
} as const;

/**
 * The mean of two cross-entropies against the identity: of the softmax over responses, and of that over principles.
 * @param scores [R] of each response under each principle
 */
export function contrast(
  scores: Tensor1D,
  { entropy, mask, totals, batch: { group: n } }: LossInput<'contrasts', unknown>,
): LossOutput<keyof typeof CONTRAST_DIAGNOSTICS> {
  const cells = tf.unstack(tf.reshape(scores, [-1, n * n]), 1) as Tensor1D[]; // n n x [N]
  const each = Array.from({ length: n }, (_, i) => i);
  const questions = totals.rows / (n * n);
  const row = (i: number): Tensor1D[] => each.map((j) => cells[i * n + j] as Tensor1D); // n x [N]
  const column = (j: number): Tensor1D[] => each.map((i) => cells[i * n + j] as Tensor1D); // n x [N]
  const diagonal = (i: number): Tensor1D => cells[i * n + i] as Tensor1D; // [N]
  const meanOfAll = (values: tf.Tensor[]): Scalar => meanOver(tf.addN(values), questions * n); // []
  const missed = (line: (i: number) => Tensor1D[]): Scalar => meanOfAll(each.map((i) => tf.sub(logSumExp(line(i)), diagonal(i))));
  const found = (line: (i: number) => Tensor1D[]): Scalar =>
    meanOfAll(each.map((i) => tf.cast(tf.greaterEqual(diagonal(i), greatest(line(i))), 'float32')));
  const responses = tf.mul<Scalar>(0.5, missed(row)); // []
  const principles = tf.mul<Scalar>(0.5, missed(column)); // []
  const loss = tf.add<Scalar>(responses, principles); // []
  // A share for each question, so that the shares of parts of a batch add up.
  const uninformed = tf.mul(Math.log(n) / questions, tf.sum(tf.onesLike(diagonal(0)))); // []
  return {
    loss,
    terms: { responses, principles },
    diagnostics: {
      'sami/mutual_information': tf.sub(uninformed, loss), // []
      'sami/accuracy_responses': found(row), // []
      'sami/accuracy_principles': found(column), // []
      entropy: tokenMean(entropy, mask, totals), // []
    },
  };
}

/** Element by element the greatest of several tensors. */
const greatest = (values: readonly Tensor1D[]): Tensor1D => values.reduce((a, b) => tf.maximum(a, b)); // [N]

/** log of the sum of exponentials; the greatest is taken out, so that nothing overflows. */
function logSumExp(values: readonly Tensor1D[]): Tensor1D {
  const top = greatest(values); // [N]
  return tf.add(top, tf.log(tf.addN(values.map((value) => tf.exp(tf.sub(value, top)))))); // [N]
}
