/** Exploratory preference optimisation: online DPO against the reference, with a bonus for leaving what it writes. */

import type { Scalar, Tensor1D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { choice, number } from '../core/params';
import { ENTROPY, IMPLICIT_REWARDS, PAIR_ACCURACY } from './diagnostics';
import { defineObjective } from './objective';
import { BETA } from './pairs';
import { total } from './policy-gradient';
import { fractionPositive, halves, logSigmoid, meanOver, required, sequenceSum, tokenMean } from './terms';

/** Loss of a preference of the first over the second, from the difference D of their log-ratios [P]. */
const PREFER: Readonly<Record<'sigmoid' | 'ipo', (d: Tensor1D, beta: number) => Tensor1D>> = {
  sigmoid: (d, beta) => tf.neg(logSigmoid(tf.mul(beta, d))), // [P]
  ipo: (d, beta) => tf.square(tf.sub(d, 1 / (2 * beta))), // [P]
};

/**
 * One sample y of the policy against one sample y' of the reference: L = mean of DPO's loss on the two, the better chosen, plus
 * alpha log pi(y'). The second term makes what the reference writes anyway less likely, so that the policy goes where nothing
 * is known yet. Parameters and defaults are those of TRL's `XPOTrainer` (experimental). A tie is half a preference each way.
 *
 * No optimum is drawn: as in online DPO, preferences without noise ask for a margin without end.
 */
export const xpo = defineObjective({
  id: 'xpo',
  title: 'XPO',
  summary: "DPO on the policy's sample against the reference's, which makes what the reference writes less likely besides, to explore.",
  paper: {
    title: 'Exploratory Preference Optimization: Harnessing Implicit Q*-Approximation for Sample-Efficient RLHF',
    url: 'https://arxiv.org/abs/2405.21046',
  },
  formula: String.raw`\mathcal{L} = \mathbb{E}_{y \sim \pi_\theta,\, y' \sim \pi_{\mathrm{ref}}}\left[-\log \sigma\!\left(\beta \log\frac{\pi_\theta(y_w)}{\pi_{\mathrm{ref}}(y_w)}
    - \beta \log\frac{\pi_\theta(y_l)}{\pi_{\mathrm{ref}}(y_l)}\right) + \alpha \log \pi_\theta(y')\right]`,
  data: 'duels',
  family: 'online',
  differs: "TRL gives a tie to the policy's sample. OpenRLHF and verl do not have it.",
  params: {
    beta: BETA,
    alpha: number({
      title: 'Alpha',
      help: "Weight of the exploration: how strongly the reference's samples are made less likely.",
      default: 1e-5,
      min: 0,
      max: 10,
      step: 0.001,
    }),
    loss_type: choice({
      title: 'Preference loss',
      help: 'What is asked of the margin between the two.',
      default: 'sigmoid',
      options: [
        { value: 'sigmoid', title: 'DPO: as large as can be' },
        { value: 'ipo', title: 'IPO: one half over beta' },
      ],
    }),
  },
  diagnostics: {
    ...IMPLICIT_REWARDS,
    'rewards/accuracies': PAIR_ACCURACY,
    'loss/dpo': { title: 'Loss, preference', help: 'The part of the loss that compares the two samples.', chart: 'loss' },
    'loss/xpo': { title: 'Loss, exploration', help: "Alpha times the log-probability of the reference's samples.", chart: 'loss' },
    entropy: ENTROPY,
  },
  needsReference: () => true,
  opponent: () => 1,

  loss({ logp, refLogp, entropy, mask, batch: { wins }, totals, params: { beta, alpha, loss_type } }) {
    const pairs = totals.rows / 2;
    const prefer = PREFER[loss_type];
    const sums = sequenceSum(logp, mask); // [2 P]
    const [own, other] = halves(tf.sub<Tensor1D>(sums, sequenceSum(required(refLogp, 'xpo'), mask))); // [P], [P]
    const [, others] = halves(sums); // [P]
    const d = tf.sub<Tensor1D>(own, other); // [P]
    const losses = tf.add(tf.mul(wins, prefer(d, beta)), tf.mul(tf.sub(1, wins), prefer(tf.neg(d), beta))); // [P]
    const terms: Record<'dpo' | 'xpo', Scalar> = { dpo: meanOver(losses, pairs), xpo: tf.mul(alpha, meanOver(others, pairs)) }; // []
    const won = tf.greaterEqual(wins, 0.5); // [P]
    const [chosen, rejected] = [tf.where(won, own, other), tf.where(won, other, own)]; // [P], [P]
    return {
      loss: total(terms), // []
      terms,
      diagnostics: {
        'rewards/chosen': tf.mul(beta, meanOver(chosen, pairs)), // []
        'rewards/rejected': tf.mul(beta, meanOver(rejected, pairs)), // []
        'rewards/margins': tf.mul(beta, meanOver(tf.sub(chosen, rejected), pairs)), // []
        'rewards/accuracies': fractionPositive(tf.sub(chosen, rejected), pairs), // []
        'loss/dpo': terms.dpo, // []
        'loss/xpo': terms.xpo, // []
        entropy: tokenMean(entropy, mask, totals), // []
      },
    };
  },
});
