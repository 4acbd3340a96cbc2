/** VESPO: the policy gradient weighted by a smooth function of a completion's whole ratio. */
import type { Tensor2D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { number } from '../core/params';
import { ENTROPY } from './diagnostics';
import { GROUP_RELATIVE } from './group-relative';
import { defineObjective } from './objective';
import { detach, rowMean, sequenceSum, tokenMean } from './terms';

/** Log-ratios of tokens and of completions count as at most this, and those of completions as at least the other: TRL's values. */
const LARGEST = 20;
const SMALLEST = Math.log(1e-8);

const shape = (title: string, help: string, start: number) => number({ title, help, default: start, min: 0.01, max: 20, step: 0.1 });

/**
 * L = -sum over all tokens of sg[phi(w)] A log pi / number of tokens, w = pi(y) / pi_old(y) of the whole completion and
 * phi(w) = e^lambda w^k e^{-lambda w}, with k and lambda by the sign of A. phi is 1 at w = 1 and falls to 0 on both sides, so that a
 * completion which the policy has left behind, or runs away with, counts for less. TRL's `GRPOTrainer` with `loss_type: vespo`, its
 * defaults; arXiv 2602.10693.
 */
export const vespo = defineObjective({
  ...GROUP_RELATIVE,
  id: 'vespo',
  title: 'VESPO',
  summary: 'Weighs each completion by a smooth function of how much likelier or less likely it has become as a whole.',
  paper: {
    title: 'VESPO: Variational Sequence-Level Soft Policy Optimization for Stable Off-Policy LLM Training',
    url: 'https://arxiv.org/abs/2602.10693',
  },
  formula: String.raw`\mathcal{L} = -\frac{1}{\sum_i |y_i|} \sum_{i,t} \mathrm{sg}\big[\phi(w_i)\big]\, A_i \log \pi_\theta(y_{it} \mid x_i, y_{i,<t}),
    \quad \phi(w) = e^{\lambda}\, w^{k}\, e^{-\lambda w}, \quad w_i = \frac{\pi_\theta(y_i \mid x_i)}{\pi_{\mathrm{old}}(y_i \mid x_i)}`,
  differs:
    'Neither OpenRLHF nor verl has it. TRL can put a correction for the sampling engine into w; here the sampler is the policy itself.',
  params: {
    vespo_k_pos: shape('k, positive', 'How fast good completions that have become less likely lose weight.', 2),
    vespo_lambda_pos: shape('Lambda, positive', 'How fast good completions that have become likelier lose weight.', 3),
    vespo_k_neg: shape('k, negative', 'How fast bad completions that have become less likely lose weight.', 3),
    vespo_lambda_neg: shape('Lambda, negative', 'How fast bad completions that have become likelier lose weight.', 2),
  },
  diagnostics: {
    entropy: ENTROPY,
    'vespo/phi_seq_mean': { title: 'Weight, mean', help: 'phi(w), the weight of a completion, mean over completions.', chart: 'ratio' },
  },
  ratioLevel: () => 'completion',

  loss({ logp, entropy, mask, batch: { oldLogp, advantages }, totals, params }) {
    const bounded = tf.clipByValue<Tensor2D>(tf.sub(logp, oldLogp), -LARGEST, LARGEST); // [R, T]
    const logW = tf.clipByValue(tf.expandDims(sequenceSum(bounded, mask), 1), SMALLEST, LARGEST); // [R, 1]
    const isGood = tf.cast(tf.greaterEqual(advantages, 0), 'float32'); // [R, T]
    const bySign = (pos: number, neg: number): tf.Tensor => tf.add(neg, tf.mul(pos - neg, isGood)); // [R, T]
    const k = bySign(params.vespo_k_pos, params.vespo_k_neg); // [R, T]
    const lambda = bySign(params.vespo_lambda_pos, params.vespo_lambda_neg); // [R, T]
    const logPhi = tf.add<Tensor2D>(tf.mul(lambda, tf.sub(1, tf.exp(logW))), tf.mul(k, logW)); // [R, T]
    const phi = detach(tf.exp<Tensor2D>(logPhi)); // [R, T]
    return {
      loss: tf.neg(tokenMean(tf.mul(tf.mul(phi, advantages), logp), mask, totals)), // []
      diagnostics: { entropy: tokenMean(entropy, mask, totals), 'vespo/phi_seq_mean': rowMean(phi, mask, totals) }, // []
    };
  },
});
