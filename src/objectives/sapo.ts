/** SAPO: GRPO with a smooth gate in place of the clipping. */
import type { Tensor2D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { number } from '../core/params';
import { ENTROPY } from './diagnostics';
import { GROUP_RELATIVE } from './group-relative';
import { defineObjective } from './objective';
import { CLIP_DIAGNOSTICS, tokenRatio } from './policy-gradient';
import { rowMean, tokenMean } from './terms';

/** How sharply the gate closes, by the sign of the advantage. */
const temperature = (sign: string, start: number) =>
  number({
    title: `Temperature, ${sign}`,
    help: `How sharply the gradient of a token with a ${sign} advantage fades as its ratio leaves 1.`,
    default: start,
    min: 0.01,
    max: 100,
    scale: 'log',
  });

/**
 * L = -mean over completions of the mean over tokens of 4 / tau sigmoid(tau (rho - 1)) A, tau = tau_pos where A > 0 and tau_neg where
 * not. The slope of the gate at rho = 1 is 1, so fresh samples have GRPO's gradient; away from 1 it fades on either side, and is never
 * cut off. TRL's `GRPOTrainer` with `loss_type: sapo`, and verl's; temperatures 1 and 1.05; arXiv 2511.20347.
 */
export const sapo = defineObjective({
  ...GROUP_RELATIVE,
  id: 'sapo',
  title: 'SAPO',
  summary: 'GRPO whose tokens lose their gradient smoothly, not at once, as their ratio leaves 1; unlikely ones sooner.',
  paper: { title: 'Soft Adaptive Policy Optimization', url: 'https://arxiv.org/abs/2511.20347' },
  formula: String.raw`\mathcal{L} = -\frac{1}{N} \sum_i \frac{1}{|y_i|} \sum_t \frac{4}{\tau_i}\, \sigma\big(\tau_i (\rho_{it} - 1)\big)\, A_i,
    \qquad \tau_i = \begin{cases} \tau_{\mathrm{pos}} & A_i > 0 \\ \tau_{\mathrm{neg}} & \text{else} \end{cases}`,
  differs:
    "TRL and verl have the same loss, verl's settings being tau_pos and tau_neg. Its value has an offset of 2 A / tau, which has no " +
    'gradient and does not average out where the temperatures differ.',
  params: { sapo_temperature_pos: temperature('positive', 1), sapo_temperature_neg: temperature('negative', 1.05) },
  diagnostics: { entropy: ENTROPY, 'ratio/mean': CLIP_DIAGNOSTICS['ratio/mean'] },

  loss({ logp, entropy, mask, batch: { oldLogp, advantages }, totals, params }) {
    const { sapo_temperature_pos: pos, sapo_temperature_neg: neg } = params;
    const ratio = tokenRatio(logp, oldLogp); // [R, T]
    const isGood = tf.cast(tf.greater(advantages, 0), 'float32'); // [R, T]
    const tau = tf.add<Tensor2D>(neg, tf.mul(pos - neg, isGood)); // [R, T]
    const gate = tf.div<Tensor2D>(tf.mul(4, tf.sigmoid(tf.mul(tau, tf.sub(ratio, 1)))), tau); // [R, T]
    return {
      loss: tf.neg(rowMean(tf.mul(gate, advantages), mask, totals)), // []
      diagnostics: { entropy: tokenMean(entropy, mask, totals), 'ratio/mean': tokenMean(ratio, mask, totals) }, // []
    };
  },
});
