/** AlphaPO: SimPO with a bent reward. */
import type { Tensor1D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { number } from '../core/params';
import { defineObjective } from './objective';
import { plusLikelihood, WITHOUT_REFERENCE } from './pairs';
import { simpo } from './simpo';
import { bent, halves, logSigmoid, meanOver, sequenceMean } from './terms';

/**
 * L = mean over pairs of -log sigmoid(beta (r_w - r_l) - gamma), r = (1 - p^-alpha) / alpha, p the geometric mean of the token probabilities of
 * a completion; plus cpo_alpha times the mean negative log-likelihood of the chosen completions' tokens. Alpha 0 is SimPO, whose r is log
 * p. Above 0 the reward falls faster where a completion is unlikely, below 0 more slowly, which is what decides whether chosen
 * completions lose probability. TRL's `CPOTrainer` with `loss_type: alphapo`, beta .1, simpo_gamma .5, cpo_alpha 0; arXiv 2501.03884.
 * rewards/* are beta r; logps/* are means over tokens.
 */
export const alphapo = defineObjective({
  ...WITHOUT_REFERENCE,
  id: 'alphapo',
  title: 'AlphaPO',
  summary: 'SimPO with a reward that is bent, so that unlikely completions count for more or for less than their log-probability.',
  paper: { title: 'AlphaPO: Reward Shape Matters for LLM Alignment', url: 'https://arxiv.org/abs/2501.03884' },
  formula: String.raw`\mathcal{L} = -\mathbb{E}\big[\log \sigma\big(\beta (r_w - r_l) - \gamma\big)\big] + c\, \mathrm{NLL}(y_w), \qquad
    r = \frac{1 - \pi_\theta(y \mid x)^{-\alpha / |y|}}{\alpha}`,
  differs:
    "In TRL alpha is 0 unless set, which makes it SimPO; the paper's results are at .25. TRL's loss_type alphapo sets cpo_alpha to 0; with " +
    'simpo and an alpha it can have both. TRL can bend the rewards of its other losses without a reference too, and bends them without bound; here powers of p stop at e^80.',
  params: {
    beta: simpo.params.beta,
    gamma: simpo.params.gamma,
    alpha: number({ title: 'Alpha', help: 'How far the reward is bent; 0 is SimPO.', default: 0.25, min: -5, max: 5, step: 0.05 }),
    cpo_alpha: { ...simpo.params.alpha, title: 'CPO alpha', help: 'Weight of the likelihood of the chosen completion.' },
  },
  loss(input) {
    const { beta, gamma, alpha, cpo_alpha } = input.params;
    const [chosen, rejected] = halves(sequenceMean(input.logp, input.mask)); // [P], [P]
    const rewards = [bent(chosen, -alpha), bent(rejected, -alpha)] as const; // [P], [P]
    const margin = tf.sub<Tensor1D>(tf.mul(beta, tf.sub(...rewards)), gamma); // [P]
    const output = plusLikelihood(tf.neg(logSigmoid(margin)), cpo_alpha, rewards, input);
    const count = input.totals.rows / 2;
    const logps = { 'logps/chosen': meanOver(chosen, count), 'logps/rejected': meanOver(rejected, count) }; // []
    return { ...output, diagnostics: { ...output.diagnostics, ...logps } };
  },
});
