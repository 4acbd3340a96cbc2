/** Direct preference optimisation: a classifier of pairs whose logit is a difference of log-ratios to the reference. */
import * as tf from '@tensorflow/tfjs-core';
import { defineObjective } from './objective';
import { AGAINST_REFERENCE, BETA, logRatios, meanOfPairs } from './pairs';
import { logSigmoid } from './terms';

/**
 * L = mean over pairs of -log sigmoid(beta (s_w - s_l)), s = log pi(y) - log pi_ref(y) summed over the completion's tokens.
 * Beta .1 and the metric names are those of TRL's `DPOTrainer` with `loss_type: sigmoid`: `rewards/*` are beta s,
 * `logps/*` are batch means of sums. `logratios/*` are s itself, which TRL leaves out; falling `logratios/chosen` is
 * ordinary, since the loss only asks for a margin. Rows: all chosen, then all rejected.
 *
 * No optimum is drawn. On pairs labelled by a Bradley-Terry model of a reward r, DPO converges to pi_ref e^{r / beta}
 * (arXiv 2305.18290); on pairs where the better completion always wins the margin has no finite maximum, and the policy is
 * determined by how far it is trained.
 */
export const dpo = defineObjective({
  ...AGAINST_REFERENCE,
  id: 'dpo',
  title: 'DPO',
  summary: 'Learns from pairs: raises the chosen completion against the rejected one, relative to the reference.',
  paper: {
    title: 'Direct Preference Optimization: Your Language Model is Secretly a Reward Model',
    url: 'https://arxiv.org/abs/2305.18290',
  },
  formula: String.raw`\mathcal{L} = -\mathbb{E}\left[\log \sigma\!\left(\beta \log\frac{\pi_\theta(y_w \mid x)}{\pi_{\mathrm{ref}}(y_w \mid x)}
    - \beta \log\frac{\pi_\theta(y_l \mid x)}{\pi_{\mathrm{ref}}(y_l \mid x)}\right)\right]`,
  differs:
    "This is TRL's loss_type sigmoid. In TRL it takes no label smoothing any more: cDPO and robust DPO are objectives of their own here. " +
    'OpenRLHF still smooths the labels of its DPO as cDPO does. TRL logs rewards/* as beta times the log-ratio and logps/* as batch ' +
    'means of sums over tokens; LLaMA-Factory does the same, except that its logps are means over tokens for IPO, ORPO and SimPO.',
  params: { beta: BETA },
  loss(input) {
    const pairs = logRatios(input, 'dpo');
    const margin = tf.mul<tf.Tensor1D>(input.params.beta, pairs.difference); // [P]
    return meanOfPairs(tf.neg(logSigmoid(margin)), pairs, input);
  },
});
