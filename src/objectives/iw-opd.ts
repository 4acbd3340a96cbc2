/** IW-OPD: on-policy distillation that trusts the teacher less the further a completion has gone from what it would write. */
import * as tf from '@tensorflow/tfjs-core';
import { number } from '../core/params';
import { ENTROPY } from './diagnostics';
import { distillation } from './distillation';
import { defineObjective } from './objective';
import { tokenMean } from './terms';

/** A completion of which teacher and policy think alike has no gap to divide by: TRL's value. */
const SMALLEST_GAP = 1e-8;

/**
 * A_t = w_t g_t, g_t = sum_k w_k log q_k - log pi_old on the policy's own samples, w_t = 1 + gamma (1 - sum_{s < t} |g_s| / sum_s |g_s|), from 1
 * + gamma at the first token down to 1 once all of the disagreement has passed. L = -mean over tokens of A log pi. A teacher that is
 * shown the middle of a text it would not have written says little about how to go on. TRL's `IWOPDTrainer` with
 * `distillation_objective: iw_opd`, gamma .5; arXiv 2606.22600. Teachers and their mixture are those of `distillation`.
 */
export const iwOpd = defineObjective({
  id: 'iw-opd',
  title: 'IW-OPD',
  summary: 'On-policy distillation in which early tokens count for more, and those after much disagreement with the teacher for less.',
  paper: { title: 'On the Position Bias of On-Policy Distillation', url: 'https://arxiv.org/abs/2606.22600' },
  formula: String.raw`\mathcal{L} = -\frac{1}{\sum_i |y_i|} \sum_{i,t} w_{it}\, g_{it} \log \pi_\theta(y_{it} \mid x_i, y_{i,<t}), \quad
    w_{it} = 1 + \gamma \Big(1 - \frac{\sum_{s<t} |g_{is}|}{\sum_s |g_{is}|}\Big), \quad
    g_{it} = \log q(y_{it}) - \log \pi_{\mathrm{old}}(y_{it})`,
  data: 'rollouts',
  family: 'online',
  differs:
    "TRL's is experimental and has one teacher; a geometric mixture of several is the lab's. Nothing corrects for samples that have aged: " +
    'take a fresh draw at every step.',
  params: {
    teachers: distillation.params.teachers,
    weight: distillation.params.weight,
    iw_opd_gamma: number({
      title: 'Gamma',
      help: 'How much more the first token counts than the last; 0 is plain distillation.',
      default: 0.5,
      min: 0,
      max: 10,
      step: 0.1,
    }),
  },
  diagnostics: { entropy: ENTROPY },
  needsReference: () => false,
  teachers: ({ teachers, weight }) => distillation.teachers?.({ teachers, weight, credit: 'token' }) ?? [],

  advantages({ oldLogp, teacherLogp, mask, params: { iw_opd_gamma: gamma } }) {
    if (teacherLogp === null) throw new Error('iw-opd needs the log-probabilities of its teachers');
    const gap = tf.mul(tf.sub(teacherLogp, oldLogp), mask); // [R, T]
    const size = tf.abs(gap); // [R, T]
    const passed = tf.cumsum(size, 1, true); // [R, T], of the tokens before
    const share = tf.div(passed, tf.maximum(tf.sum(size, 1, true), SMALLEST_GAP)); // [R, T]
    return tf.mul(tf.add(1, tf.mul(gamma, tf.sub(1, share))), gap); // [R, T]
  },

  loss({ logp, entropy, mask, batch: { advantages }, totals }) {
    return {
      loss: tf.neg(tokenMean(tf.mul(advantages, logp), mask, totals)), // []
      diagnostics: { entropy: tokenMean(entropy, mask, totals) }, // []
    };
  },

  /** For completions of one token the geometric mixture of the teachers: then every weight is 1 + gamma. */
  optimum: ({ teachers, params: { teachers: count, weight }, ...rest }) =>
    distillation.optimum?.({ ...rest, teachers, params: { teachers: count, weight, credit: 'token' } }) ?? null,
});
