/** PPO with a second bound, on what a token with a negative advantage may cost. */
import * as tf from '@tensorflow/tfjs-core';
import type { MetricSpec } from '../core/charts';
import { number } from '../core/params';
import { defineObjective } from './objective';
import { tokenRatio, total } from './policy-gradient';
import { ppo } from './ppo';
import { clippedSurrogate, tokenMean } from './terms';

const PARAMS = {
  ...ppo.params,
  clip_ratio_c: number({
    title: 'Second bound',
    help: 'The ratio of a token with a negative advantage counts as at most this.',
    default: 3,
    min: 1,
    max: 100,
    step: 0.1,
  }),
} as const;

const DIAGNOSTICS = {
  ...ppo.diagnostics,
  'actor/pg_clipfrac_lower': {
    title: 'Clipped a second time',
    help: 'Fraction of tokens with a negative advantage and a ratio above the second bound; these carry no gradient.',
    chart: 'ratio',
    unit: 'fraction',
  },
} as const satisfies Record<string, MetricSpec>;

/**
 * PPO whose surrogate is max(min(rho A, clip(rho, 1 - epsilon, 1 + epsilon_high) A), c A) where A < 0. PPO lets rho grow without bound there:
 * a bad token that has become far likelier since it was sampled outweighs all others. Beyond c it carries no gradient. verl's PPO, which
 * always does this, with c 3; arXiv 1912.09729. GRPO's `delta` is the same bound.
 */
export const ppoDualClip = defineObjective<'rollouts', typeof PARAMS, keyof typeof DIAGNOSTICS>({
  ...ppo,
  id: 'ppo-dual-clip',
  title: 'Dual-clip PPO',
  summary: 'PPO that stops pushing a bad token down once its ratio is far above 1, where it would outweigh all others.',
  paper: { title: 'Mastering Complex Control in MOBA Games with Deep Reinforcement Learning', url: 'https://arxiv.org/abs/1912.09729' },
  formula: String.raw`\mathcal{L}_{\mathrm{policy}} = -\mathbb{E}_t\begin{cases} \max\!\big(m_t,\, c A_t\big) & A_t < 0 \\ m_t & \text{else} \end{cases},
    \qquad m_t = \min(\rho_t A_t,\; \operatorname{clip}(\rho_t, 1-\epsilon, 1+\epsilon_{\mathrm{high}})\, A_t)`,
  differs:
    'In verl every clipped ratio has this bound, clip_ratio_c 3; in OpenRLHF only where dual_clip is set. Value, entropy and returns are those of ' +
    'ppo here, where it says how those differ.',
  params: PARAMS,
  diagnostics: DIAGNOSTICS,

  loss(input) {
    const { logp, mask, batch, totals, params } = input;
    const { oldLogp, advantages } = batch;
    const output = ppo.loss(input);
    const ratio = tokenRatio(logp, oldLogp); // [R, T]
    const surrogate = clippedSurrogate(ratio, advantages, params.epsilon, params.epsilon_high); // [R, T]
    const bounded = tf.maximum(surrogate, tf.mul(params.clip_ratio_c, advantages)); // [R, T]
    const isBad = tf.cast(tf.less(advantages, 0), 'float32'); // [R, T]
    const dual = tf.add<tf.Tensor2D>(tf.mul(isBad, bounded), tf.mul(tf.sub(1, isBad), surrogate)); // [R, T]
    const terms = { ...output.terms, policy: tf.neg<tf.Scalar>(tokenMean(dual, mask, totals)) };
    const isBeyond = tf.mul<tf.Tensor2D>(isBad, tf.cast(tf.greater(ratio, params.clip_ratio_c), 'float32')); // [R, T]
    const diagnostics = { ...output.diagnostics, 'actor/pg_clipfrac_lower': tokenMean(isBeyond, mask, totals) }; // []
    return { loss: total(terms), terms, diagnostics };
  },
});
