/** MARA: rewards rewritten so that the optimum spreads over all good completions instead of the reference's favourite. */
import * as tf from '@tensorflow/tfjs-core';
import { number } from '../core/params';
import { defineObjective } from './objective';
import { anchored } from './optimum';
import { GRADIENT_DIAGNOSTICS, lessKl, policyGradient } from './policy-gradient';
import { leaveOneOut, perToken, required, sequenceSum } from './terms';

/** Below every log-probability. */
const NEVER = -1e30;

/**
 * Where r >= tau, r is replaced by r(anchor) + beta (log pi_ref(anchor) - log pi_ref(y)). The anchor is the sample of the group
 * that the reference finds likeliest among those with r >= tau. The rest is REINFORCE with the KL in the reward and the
 * leave-one-out baseline. Paper: "Mode anchored reward augmentation" (arXiv 2510.20817).
 */
export const mara = defineObjective({
  id: 'mara',
  title: 'MARA',
  summary: 'Gives every completion above a threshold the reward that makes it as likely at the optimum as the best-known one.',
  paper: { title: 'KL-Regularized Reinforcement Learning is Designed to Mode Collapse', url: 'https://arxiv.org/abs/2510.20817' },
  formula: String.raw`r'(y) = \begin{cases} r(z) + \beta \log\dfrac{\pi_{\mathrm{ref}}(z)}{\pi_{\mathrm{ref}}(y)} & r(y) \ge \tau \\ r(y) & \text{else} \end{cases},
    \qquad z = \operatorname*{arg\,max}_{y_j :\, r(y_j) \ge \tau} \pi_{\mathrm{ref}}(y_j)`,
  data: 'rollouts',
  family: 'online',
  differs: 'No framework has it. The paper rewrites the rewards of a batch; here the anchor is that of the group, since prompts differ.',
  params: {
    tau: number({
      title: 'Tau',
      help: 'Completions with at least this reward count as good, and shall become equally likely.',
      default: 0.5,
      min: -100,
      max: 100,
      step: 0.05,
    }),
    beta: number({
      title: 'Beta',
      help: 'Weight of the KL to the reference, taken off the reward.',
      default: 0.1,
      min: 0.001,
      max: 10,
      step: 0.01,
    }),
  },
  diagnostics: GRADIENT_DIAGNOSTICS,
  needsReference: () => true,

  advantages(input) {
    const { rewards, group, mask, refLogp, params } = input;
    const { tau, beta } = params;
    const known = sequenceSum(required(refLogp, 'mara'), mask); // [R]
    const isGood = tf.greaterEqual(rewards, tau); // [R]
    const inGroups = (x: tf.Tensor1D): tf.Tensor2D => tf.reshape(x, [-1, group]); // [R / group, group]
    const goodKnown = inGroups(tf.where(isGood, known, NEVER)); // [R / group, group]
    const anchorKnown = tf.max<tf.Tensor2D>(goodKnown, 1, true); // [R / group, 1]
    const anchorReward = tf.max(tf.where(tf.equal(goodKnown, anchorKnown), inGroups(rewards), NEVER), 1, true); // [R / group, 1]
    const raised = tf.add(anchorReward, tf.mul(beta, tf.sub(anchorKnown, inGroups(known)))); // [R / group, group]
    const rewritten = tf.where<tf.Tensor1D>(isGood, tf.reshape(raised, [-1]), rewards); // [R]
    return perToken(leaveOneOut(lessKl({ ...input, rewards: rewritten }, beta, 'mara'), group), mask); // [R, T]
  },

  loss: policyGradient,

  /**
   * pi_ref e^{r' / beta}, with the likeliest of all good completions as the anchor. That is the anchor of every group once groups
   * are large enough to hold it; in smaller ones the good completions share a little less between them.
   */
  optimum: ({ reference, reward, params: { tau, beta } }) => anchored(reference, reward, beta, tau),
});
