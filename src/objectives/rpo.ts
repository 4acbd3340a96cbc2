/** DPO with the likelihood of the chosen completion beside it. */
import * as tf from '@tensorflow/tfjs-core';
import { number } from '../core/params';
import { NLL_LOSS } from './diagnostics';
import { defineObjective } from './objective';
import { AGAINST_REFERENCE, BETA, chosenLikelihood, logRatios, meanOfPairs } from './pairs';
import { logSigmoid } from './terms';

/**
 * L = mean over pairs of -log sigmoid(beta D), plus alpha times the mean negative log-likelihood of the chosen completions' tokens,
 * D = s_w - s_l. The second term keeps the chosen completion from falling. At alpha 0 it is DPO. In TRL 1.13.0 these are the
 * losses [sigmoid, sft] with weights [1, alpha]; alpha 1 as in arXiv 2404.19733.
 */
export const rpo = defineObjective({
  ...AGAINST_REFERENCE,
  id: 'rpo',
  title: 'RPO',
  summary: 'DPO and, beside it, imitation of the chosen completion, which keeps that from becoming less likely.',
  paper: { title: 'Iterative Reasoning Preference Optimization', url: 'https://arxiv.org/abs/2404.19733' },
  formula: String.raw`\mathcal{L} = -\mathbb{E}\big[\log \sigma(\beta D)\big]
    - \alpha\, \frac{\sum_{i,t} m_{it} \log \pi_\theta(y_{w,it} \mid x_i, y_{w,i<t})}{\sum_{i,t} m_{it}}`,
  differs:
    "TRL's rpo_alpha is gone: RPO is now loss_type [sigmoid, sft] with loss_weights [1, alpha], and its likelihood is a mean over the " +
    "tokens of all chosen completions, as here. The paper and LLaMA-Factory's pref_ftx take each completion's mean over its tokens " +
    'first, so that short completions weigh as much as long ones.',
  params: {
    beta: BETA,
    alpha: number({ title: 'Alpha', help: 'Weight of the likelihood of the chosen completion.', default: 1, min: 0, max: 10, step: 0.1 }),
  },
  diagnostics: { ...AGAINST_REFERENCE.diagnostics, nll_loss: NLL_LOSS },
  loss(input) {
    const { beta, alpha } = input.params;
    const pairs = logRatios(input, 'rpo');
    const margin = tf.mul<tf.Tensor1D>(beta, pairs.difference); // [P]
    const { loss: dpo, diagnostics } = meanOfPairs(tf.neg(logSigmoid(margin)), pairs, input);
    const likelihood = chosenLikelihood(input); // []
    const sft = tf.mul<tf.Scalar>(alpha, likelihood); // []
    return { loss: tf.add(dpo, sft), terms: { dpo, sft }, diagnostics: { ...diagnostics, nll_loss: likelihood } };
  },
});
