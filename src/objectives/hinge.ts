/** Hinge loss on DPO's margin: no pull at all once a pair is won by enough. */
import * as tf from '@tensorflow/tfjs-core';
import { defineObjective } from './objective';
import { AGAINST_REFERENCE, BETA, logRatios, meanOfPairs } from './pairs';

/**
 * L = mean over pairs of max(0, 1 - beta D), D = s_w - s_l. A pair with beta D >= 1 has no gradient, so training ends where
 * all are won by 1 / beta nats. TRL's `DPOTrainer` with `loss_type: hinge`; SLiC-HF (arXiv 2305.10425) has the hinge on
 * log-probabilities without a reference and adds a likelihood term, RSO (arXiv 2309.06657) has this form.
 */
export const hinge = defineObjective({
  ...AGAINST_REFERENCE,
  id: 'hinge',
  title: 'Hinge (SLiC)',
  summary: 'Pushes a pair apart until it is won by a fixed margin, then leaves it alone.',
  paper: { title: 'SLiC-HF: Sequence Likelihood Calibration with Human Feedback', url: 'https://arxiv.org/abs/2305.10425' },
  formula: String.raw`\mathcal{L} = \mathbb{E}\big[\max(0,\, 1 - \beta D)\big],
    \qquad D = \log\frac{\pi_\theta(y_w)}{\pi_{\mathrm{ref}}(y_w)} - \log\frac{\pi_\theta(y_l)}{\pi_{\mathrm{ref}}(y_l)}`,
  differs:
    'The paper of SLiC-HF compares log-probabilities without a reference and adds a likelihood term on a reference completion; ' +
    'TRL and this take log-ratios to the reference policy and add nothing.',
  params: { beta: BETA },
  loss(input) {
    const pairs = logRatios(input, 'hinge');
    const short = tf.sub(1, tf.mul(input.params.beta, pairs.difference)); // [P]
    return meanOfPairs(tf.relu(short), pairs, input);
  },
});
