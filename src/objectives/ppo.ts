/** Proximal policy optimisation: clipped ratios, with advantages from a learned value of every state. */

import type { Scalar } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { number } from '../core/params';
import { ENTROPY, KL } from './diagnostics';
import { defineObjective, type HeadOutput } from './objective';
import { regularised } from './optimum';
import { CLIP_DIAGNOSTICS, CLIP_PARAMS, clipping, gae, measuredKl, tokenRatio, tokenRewards, total, whitened } from './policy-gradient';
import { clippedSurrogate, tokenMean } from './terms';

/**
 * r_t = -beta k1_t, and the score of the completion on its last token besides. Advantages are whitened GAE(gamma, lam), returns are
 * advantages before whitening plus values. L = -mean min(rho A, clip(rho, 1 - epsilon, 1 + epsilon_high) A)
 * + vf_coef mean 1/2 max((V - R)^2, (V_clip - R)^2) - entropy_coef H, means over tokens; V_clip stays within cliprange_value of
 * what the head said when the sample was drawn.
 */
export const ppo = defineObjective({
  id: 'ppo',
  title: 'PPO',
  summary: 'The policy gradient with a clipped ratio, and a second output of the policy that learns what reward to expect.',
  paper: { title: 'Proximal Policy Optimization Algorithms', url: 'https://arxiv.org/abs/1707.06347' },
  formula: String.raw`\mathcal{L} = -\mathbb{E}_t\big[\min(\rho_t A_t,\; \operatorname{clip}(\rho_t, 1-\epsilon, 1+\epsilon_{\mathrm{high}})\, A_t)\big]
    + \tfrac{c_v}{2}\, \mathbb{E}_t\big[\max\big((V_t - R_t)^2, (V^{\mathrm{clip}}_t - R_t)^2\big)\big] - c_H\, \mathbb{E}_t[H_t],
    \quad A_t = \sum_{s \ge t} (\gamma\lambda)^{s-t} \big(r_s + \gamma V_{s+1} - V_s\big), \quad R_t = A_t + V_t`,
  data: 'rollouts',
  family: 'online',
  differs:
    'Formulas are those of OpenRLHF and verl, defaults those of the PPOTrainer that TRL had until 1.0, where beta is kl_coef and epsilon cliprange. There, and in verl, the critic is a ' +
    'model of its own; here it is a second output of the policy, so vf_coef weighs the two. verl and OpenRLHF clip values at .5, and ' +
    'verl bounds the loss of negative advantages at a ratio of 3. OpenRLHF adds no KL by default but in the reward with .01.',
  params: {
    beta: number({
      title: 'Beta',
      help: 'Weight of the KL to the reference, taken off the reward of every token. 0 leaves the reference out.',
      default: 0.05,
      min: 0,
      max: 10,
      step: 0.01,
    }),
    ...CLIP_PARAMS,
    gamma: number({ title: 'Gamma', help: 'Discount of later rewards.', default: 1, min: 0, max: 1, step: 0.01 }),
    lam: number({
      title: 'Lambda',
      help: 'How far ahead rewards are seen rather than guessed by the value: 0 is one token, 1 all that follow.',
      default: 0.95,
      min: 0,
      max: 1,
      step: 0.01,
    }),
    cliprange_value: number({
      title: 'Value clipping',
      help: 'The value counts as moved by at most this since the sample was drawn.',
      default: 0.2,
      min: 0,
      max: 100,
      step: 0.05,
    }),
    vf_coef: number({ title: 'Value weight', help: "Weight of the value's loss.", default: 0.1, min: 0, max: 100, step: 0.05 }),
    entropy_coef: number({
      title: 'Entropy bonus',
      help: "Weight of the mean entropy of the policy's next token, which is taken off the loss.",
      default: 0,
      min: 0,
      max: 10,
      step: 0.001,
    }),
  },
  diagnostics: {
    kl: KL,
    entropy: ENTROPY,
    ...CLIP_DIAGNOSTICS,
    'critic/values/mean': { title: 'Value, mean', help: 'Reward that the head expects, mean over tokens.', chart: 'reward' },
    'critic/returns/mean': {
      title: 'Return, mean',
      help: 'Reward less the KL that followed a token, as GAE estimates it: what the value is to become.',
      chart: 'reward',
    },
    'val/clipfrac_avg': {
      title: 'Values clipped',
      help: 'Fraction of tokens whose value has moved so far that its loss is that of the clipped value.',
      chart: 'ratio',
      unit: 'fraction',
    },
  },
  needsReference: ({ beta }) => beta > 0,
  needsHead: () => true,

  advantages(input) {
    const { mask, params } = input;
    return whitened(gae(tokenRewards(input, params.beta, 'ppo'), valuesOf(input), mask, params), mask); // [R, T]
  },

  returns(input) {
    const { mask, params } = input;
    const values = valuesOf(input); // [R, T]
    return tf.mul(tf.add(gae(tokenRewards(input, params.beta, 'ppo'), values, mask, params), values), mask); // [R, T]
  },

  loss({ logp, refLogp, entropy, mask, head, batch, totals, params }) {
    const { oldLogp, advantages } = batch;
    const { values, oldValues, returns } = critic(head, batch);
    const ratio = tokenRatio(logp, oldLogp); // [R, T]
    const surrogate = clippedSurrogate(ratio, advantages, params.epsilon, params.epsilon_high); // [R, T]
    // Clamped itself and not its change, which rounding could make out to be clipped where it is not.
    const least = tf.sub(oldValues, params.cliprange_value); // [R, T]
    const kept = tf.minimum(tf.maximum(values, least), tf.add(oldValues, params.cliprange_value)); // [R, T]
    const free = tf.square(tf.sub(values, returns)); // [R, T]
    const clipped = tf.square(tf.sub(kept, returns)); // [R, T]
    const terms: Record<string, Scalar> = {
      policy: tf.neg(tokenMean(surrogate, mask, totals)), // []
      value: tf.mul(params.vf_coef / 2, tokenMean(tf.maximum(free, clipped), mask, totals)), // []
      entropy: tf.mul(-params.entropy_coef, tokenMean(entropy, mask, totals)), // []
    };
    return {
      loss: total(terms), // []
      terms,
      diagnostics: {
        kl: measuredKl(logp, refLogp, mask, totals), // []
        entropy: tokenMean(entropy, mask, totals), // []
        ...clipping(ratio, advantages, mask, totals, params), // []
        'critic/values/mean': tokenMean(values, mask, totals), // []
        'critic/returns/mean': tokenMean(returns, mask, totals), // []
        'val/clipfrac_avg': tokenMean(tf.cast(tf.greater(clipped, free), 'float32'), mask, totals), // []
      },
    };
  },

  /**
   * pi_ref e^{r / beta} for completions of one token, sampled afresh at every step; with beta 0 the best that the reference can
   * reach. The mean that whitening takes off is a baseline, and what it divides by scales reward and KL alike. An entropy bonus
   * it does not scale, so with one there is no closed form.
   */
  optimum: ({ reference, reward, params: { beta, entropy_coef } }) => (entropy_coef === 0 ? regularised(reference, reward, beta, 0) : null),
});

function valuesOf({ values }: { readonly values: tf.Tensor2D | null }): tf.Tensor2D {
  if (values === null) throw new Error('ppo needs the values of the head');
  return values; // [R, T]
}

/** What the head says, said, and should say. @throws Error where one of them is missing */
function critic(
  head: HeadOutput | null,
  { returns, oldValues }: { readonly returns?: tf.Tensor2D; readonly oldValues?: tf.Tensor2D },
): { values: tf.Tensor2D; returns: tf.Tensor2D; oldValues: tf.Tensor2D } {
  if (head === null || returns === undefined || oldValues === undefined) throw new Error('ppo needs a head and its returns');
  return { values: head.values, returns, oldValues }; // [R, T] each
}
