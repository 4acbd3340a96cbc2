/** Pass@k training: a group is worth the chance that k draws from it hold a right answer, and not its mean. */
import * as tf from '@tensorflow/tfjs-core';
import { number } from '../core/params';
import { ENTROPY } from './diagnostics';
import { defineObjective } from './objective';
import { CLIP_DIAGNOSTICS, CLIP_PARAMS, clipping, tokenRatio } from './policy-gradient';
import { clippedSurrogate, perToken, tokenMean } from './terms';

/** C(n - c, k) / C(n, k): the chance that k of n samples are all wrong where c are right. */
function allWrong(n: number, c: number, k: number): number {
  let chance = 1;
  for (let i = 0; i < k; i++) chance *= Math.max(0, n - c - i) / (n - i);
  return chance;
}

/**
 * Advantages of the right and of the wrong samples in a group of n with c right ones. The reward of k samples is 1 where one of
 * them is right: its mean over all choices of k out of n is rho = 1 - C(n - c, k) / C(n, k), its deviation sigma =
 * sqrt(rho (1 - rho)). A right sample is always in such a set; a wrong one in the share that the rest decides.
 * @returns both 0 where sigma is: nothing is right, or fewer than k are wrong
 */
export function passAtKAdvantages(n: number, c: number, k: number): { right: number; wrong: number } {
  const rho = 1 - allWrong(n, c, k);
  const sigma = Math.sqrt(rho * (1 - rho));
  if (sigma === 0) return { right: 0, wrong: 0 };
  // The other k - 1 of a wrong sample's set come from the n - 1 others, of which c are right.
  return { right: (1 - rho) / sigma, wrong: (1 - rho - allWrong(n - 1, c, k - 1)) / sigma };
}

/**
 * A completion is right where its reward is at least `threshold`. Advantages as in `passAtKAdvantages` (arXiv 2508.10751), the
 * same for every token; with k = 1 they are GRPO's for rewards of 0 and 1, but for the n - 1 in its deviation. The loss is
 * PPO's clipped surrogate, averaged over tokens. Once fewer than k samples of a group are wrong it teaches nothing: what is left of
 * the policy's variety stays. There is no closed form for that reason.
 */
export const passAtK = defineObjective({
  id: 'pass-at-k',
  title: 'Pass@k',
  summary: 'Rewards a group for holding at least one right answer among k, so that the policy keeps trying different ways.',
  paper: {
    title: 'Pass@k Training for Adaptively Balancing Exploration and Exploitation of Large Reasoning Models',
    url: 'https://arxiv.org/abs/2508.10751',
  },
  formula: String.raw`A^{+} = \frac{1-\rho}{\sigma}, \qquad A^{-} = \frac{1 - \rho - \binom{n-c-1}{k-1} / \binom{n-1}{k-1}}{\sigma},
    \qquad \rho = 1 - \frac{\binom{n-c}{k}}{\binom{n}{k}}, \qquad \sigma = \sqrt{\rho (1 - \rho)}`,
  data: 'rollouts',
  family: 'online',
  differs: 'Neither TRL nor OpenRLHF has it. k must not exceed the samples per prompt; a larger k is taken as all of them.',
  params: {
    k: number({ title: 'k', help: 'Draws of which one has to be right. 1 is GRPO.', default: 4, min: 1, max: 256, integer: true }),
    threshold: number({
      title: 'Right from',
      help: 'A completion counts as right where its reward is at least this.',
      default: 0.5,
      min: -100,
      max: 100,
      step: 0.05,
    }),
    ...CLIP_PARAMS,
  },
  diagnostics: { entropy: ENTROPY, ...CLIP_DIAGNOSTICS },
  needsReference: () => false,

  advantages({ rewards, group, mask, params: { k, threshold } }) {
    const isRight = tf.cast(tf.greaterEqual(rewards, threshold), 'float32'); // [R]
    const counts = tf.sum(tf.reshape(isRight, [-1, group]), 1, true); // [R / group, 1]
    const count = tf.cast(tf.reshape(tf.tile(counts, [1, group]), [-1]), 'int32'); // [R]
    const byCount = Array.from({ length: group + 1 }, (_, c) => passAtKAdvantages(group, c, Math.min(k, group)));
    const right = tf.gather(tf.tensor1d(byCount.map((a) => a.right)), count); // [R]
    const wrong = tf.gather(tf.tensor1d(byCount.map((a) => a.wrong)), count); // [R]
    return perToken(tf.where(tf.cast(isRight, 'bool'), right, wrong), mask); // [R, T]
  },

  loss({ logp, entropy, mask, batch: { oldLogp, advantages }, totals, params }) {
    const ratio = tokenRatio(logp, oldLogp); // [R, T]
    const surrogate = clippedSurrogate(ratio, advantages, params.epsilon, params.epsilon_high); // [R, T]
    return {
      loss: tf.neg(tokenMean(surrogate, mask, totals)), // []
      diagnostics: { entropy: tokenMean(entropy, mask, totals), ...clipping(ratio, advantages, mask, totals, params) }, // []
    };
  },
});
