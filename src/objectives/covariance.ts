/** Covariances of tokens, which their entropy falls by, and what Clip-Cov and KL-Cov have in common. */
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { MetricSpec } from '../core/charts';
import { number } from '../core/params';
import { GROUP_RELATIVE } from './group-relative';
import type { Totals } from './objective';
import { tokenMean } from './terms';

/** The tokens that are chosen are those of the batch, which is therefore never cut. */
export const COVARIANCE_AWARE = {
  ...GROUP_RELATIVE,
  wholeBatch: true,
  paper: {
    title: 'The Entropy Mechanism of Reinforcement Learning for Reasoning Language Models',
    url: 'https://arxiv.org/abs/2505.22617',
  },
} as const;

/** The setting of how many tokens are chosen. */
export const shareOfTokens = (help: string) =>
  number({ title: 'Share of tokens', help: `${help} At least one token.`, default: 0.0002, min: 0.0001, max: 1, scale: 'log' });

export const COVARIANCE: MetricSpec = {
  title: 'Covariance',
  help: 'Of advantage and log-probability over the tokens of the batch. Above 0 the policy gradient lowers the entropy.',
  chart: 'entropy',
  unit: 'covariance',
};

/**
 * (A - mean A) (log pi - mean log pi) of each token, means over all tokens of the batch; 0 where masked. Large where the policy is pushed
 * further to where it already leans, which is what lowers its entropy: arXiv 2505.22617.
 */
export function covariances(logp: Tensor2D, advantages: Tensor2D, mask: Tensor2D, totals: Totals): Tensor2D {
  const above = (x: Tensor2D): Tensor2D => tf.mul(tf.sub(x, tokenMean(x, mask, totals)), mask); // [R, T]
  return tf.mul(above(advantages), above(logp)); // [R, T]
}

/** How many tokens a share of them is: rounded down, at least one. */
export const countOf = (share: number, { tokens }: Totals): Scalar => tf.maximum<Scalar>(tf.floor(tf.mul(share, tokens)), 1); // []
