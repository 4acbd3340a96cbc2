/** Binary classifier optimisation on pairs: chosen and rejected completions are classified each by itself. */
import * as tf from '@tensorflow/tfjs-core';
import { defineObjective } from './objective';
import { AGAINST_REFERENCE, BETA, logRatios, meanOfPairs } from './pairs';
import { logSigmoid } from './terms';

/**
 * L = mean over pairs of -log sigmoid(beta s_w) - log sigmoid(-beta s_l): an upper bound of DPO's loss, since
 * sigmoid(a) sigmoid(b) <= sigmoid(a + b). Each side has a direction of its own, so both log-ratios cannot fall together for
 * long. TRL's `DPOTrainer` with `loss_type: bco_pair`: BCO (arXiv 2404.04656) without the shift by the mean reward.
 */
export const bco_pair = defineObjective({
  ...AGAINST_REFERENCE,
  id: 'bco_pair',
  title: 'BCO on pairs',
  summary: 'Classifies chosen completions as good and rejected ones as bad, each against the reference by itself.',
  paper: {
    title: 'Binary Classifier Optimization for Large Language Model Alignment',
    url: 'https://arxiv.org/abs/2404.04656',
  },
  formula: String.raw`\mathcal{L} = -\mathbb{E}\big[\log \sigma(\beta s_w) + \log \sigma(-\beta s_l)\big],
    \qquad s = \log\frac{\pi_\theta(y)}{\pi_{\mathrm{ref}}(y)}`,
  differs:
    "TRL's bco_pair leaves out the reward shift, the running mean of implicit rewards, that its BCOTrainer subtracts (bco here). " +
    "LLaMA-Factory has the shift on pairs, as a weighted addition to DPO's loss.",
  params: { beta: BETA },
  loss(input) {
    const { beta } = input.params;
    const pairs = logRatios(input, 'bco_pair');
    const good = logSigmoid(tf.mul(beta, pairs.sChosen)); // [P]
    const bad = logSigmoid(tf.mul(-beta, pairs.sRejected)); // [P]
    return meanOfPairs(tf.neg(tf.add(good, bad)), pairs, input);
  },
});
