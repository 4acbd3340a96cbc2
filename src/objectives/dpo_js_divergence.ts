/** DPO that is held to the reference by the Jensen-Shannon divergence. */
import { F_DPO, fDivergence } from './f-divergence';
import { defineObjective } from './objective';
import { BETA } from './pairs';
import { logSigmoid } from './terms';

/**
 * L = mean over pairs of -log sigmoid(beta (log sigmoid(s_w) - log sigmoid(s_l))), f'(t) = log(2 t / (1 + t)) of the Jensen-Shannon
 * divergence, s = log pi(y) - log pi_ref(y). The score is s where the completion has become unlikely and at most log 2 where it has become
 * likely, so making a chosen completion likelier soon gains nothing. TRL's `DPOTrainer` with `f_divergence_type: js_divergence`, beta
 * .1; arXiv 2309.16240.
 */
export const dpo_js_divergence = defineObjective({
  ...F_DPO,
  id: 'dpo_js_divergence',
  title: 'DPO, Jensen-Shannon',
  summary: 'DPO under the Jensen-Shannon divergence to the reference, which soon gains nothing by making a completion likelier.',
  formula: String.raw`\mathcal{L} = -\mathbb{E}\left[\log \sigma\!\left(\beta \log\frac{2\, t_w}{1 + t_w} - \beta \log\frac{2\, t_l}{1 + t_l}\right)\right],
    \qquad t = \frac{\pi_\theta(y \mid x)}{\pi_{\mathrm{ref}}(y \mid x)}`,
  differs:
    'In TRL this is f_divergence_type js_divergence, which goes with loss_type sigmoid, as here, and with hinge, ipo, robust, exo_pair, ' +
    'sigmoid_norm and discopop. OpenRLHF and verl have the reverse KL only.',
  params: { beta: BETA },
  // log 2 stands on both sides.
  loss: (input) => fDivergence(logSigmoid, input, 'dpo_js_divergence'),
});
