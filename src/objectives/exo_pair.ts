/** EXO on pairs: the reverse KL between what the policy prefers and softened labels, where DPO has the forward one. */
import * as tf from '@tensorflow/tfjs-core';
import { defineObjective } from './objective';
import { AGAINST_REFERENCE, BETA, logRatios, meanOfPairs, smoothing } from './pairs';
import { logSigmoid } from './terms';

/**
 * L = mean over pairs of q (log q - log(1 - e)) + (1 - q) (log(1 - q) - log e), q = sigmoid(beta D), D = s_w - s_l: the KL from
 * the policy's choice among the two to labels that are right with probability 1 - e. It is 0 where q = 1 - e. DPO minimises
 * the other direction. e has to be above 0. TRL's `DPOTrainer` with `loss_type: exo_pair`; arXiv 2402.00856, equation 16, which
 * suggests e = .001.
 */
export const exo_pair = defineObjective({
  ...AGAINST_REFERENCE,
  id: 'exo_pair',
  title: 'EXO',
  summary: 'Matches the preferences of the policy to the labels in reverse KL, which seeks one mode rather than covering all.',
  paper: { title: 'Towards Efficient Exact Optimization of Language Model Alignment', url: 'https://arxiv.org/abs/2402.00856' },
  formula: String.raw`\mathcal{L} = \mathbb{E}\left[q \log\frac{q}{1-\varepsilon} + (1-q) \log\frac{1-q}{\varepsilon}\right],
    \qquad q = \sigma(\beta D)`,
  differs:
    "TRL's label_smoothing is 0 unless it is set, which this loss cannot take: log 0 is infinite. TRL asks for a value above 0 and names " +
    "the paper's .001, which is the default here.",
  params: { beta: BETA, label_smoothing: smoothing({ default: 0.001, min: 1e-6, max: 0.5 }) },
  loss(input) {
    const { beta, label_smoothing: wrong } = input.params;
    const pairs = logRatios(input, 'exo_pair');
    const margin = tf.mul<tf.Tensor1D>(beta, pairs.difference); // [P]
    const against = tf.neg(margin); // [P]
    const right = tf.mul(tf.sigmoid(margin), tf.sub(logSigmoid(margin), Math.log1p(-wrong))); // [P]
    const flipped = tf.mul(tf.sigmoid(against), tf.sub(logSigmoid(against), Math.log(wrong))); // [P]
    return meanOfPairs(tf.add(right, flipped), pairs, input);
  },
});
