/** Conservative DPO: DPO that takes every label to be wrong with a known probability. */
import * as tf from '@tensorflow/tfjs-core';
import { defineObjective } from './objective';
import { AGAINST_REFERENCE, BETA, logRatios, meanOfPairs, smoothing } from './pairs';
import { logSigmoid } from './terms';

/**
 * L = mean over pairs of -(1 - e) log sigmoid(beta D) - e log sigmoid(-beta D), D = s_w - s_l: cross-entropy against a label
 * that is right with probability 1 - e. The minimum of each pair is at beta D = log((1 - e) / e) rather than at infinity, and
 * beyond it the gradient turns round. At e = 0 it is DPO. Source: E. Mitchell, "A note on DPO with noisy preferences & relationship
 * to IPO" (2023); compared with its unbiased sibling, `robust`, in arXiv 2403.00409. Beta .1; e .1 as that paper suggests.
 */
export const cdpo = defineObjective({
  ...AGAINST_REFERENCE,
  id: 'cdpo',
  title: 'cDPO',
  summary: 'DPO with softened labels: asks for a finite margin, since any label may be wrong.',
  paper: { title: 'Provably Robust DPO: Aligning Language Models with Noisy Feedback', url: 'https://arxiv.org/abs/2403.00409' },
  formula: String.raw`\mathcal{L} = -\mathbb{E}\big[(1-\varepsilon) \log \sigma(\beta D) + \varepsilon \log \sigma(-\beta D)\big],
    \qquad D = \log\frac{\pi_\theta(y_w)}{\pi_{\mathrm{ref}}(y_w)} - \log\frac{\pi_\theta(y_l)}{\pi_{\mathrm{ref}}(y_l)}`,
  differs:
    'In OpenRLHF and LLaMA-Factory this is DPO with label smoothing above 0. TRL 1.13.0 has taken the smoothing out of its loss_type ' +
    'sigmoid; there label_smoothing belongs to robust and exo_pair only.',
  params: { beta: BETA, label_smoothing: smoothing({ default: 0.1, min: 0, max: 0.5 }) },
  loss(input) {
    const { beta, label_smoothing: wrong } = input.params;
    const pairs = logRatios(input, 'cdpo');
    const margin = tf.mul<tf.Tensor1D>(beta, pairs.difference); // [P]
    const likelihood = tf.add(tf.mul(1 - wrong, logSigmoid(margin)), tf.mul(wrong, logSigmoid(tf.neg(margin)))); // [P]
    return meanOfPairs(tf.neg(likelihood), pairs, input);
  },
});
