/** DPO that is held to the reference by the forward KL. */
import { F_DPO, fDivergence } from './f-divergence';
import { defineObjective } from './objective';
import { BETA } from './pairs';
import { bent } from './terms';

/**
 * L = mean over pairs of -log sigmoid(beta (e^{-s_l} - e^{-s_w})), f'(t) = 1 - 1 / t of the forward KL, s = log pi(y) - log pi_ref(y). A
 * completion that has become e times less likely counts for more than one that has become e times likelier, so the loss looks at what
 * has been lost. TRL's `DPOTrainer` with `f_divergence_type: forward_kl`, beta .1; arXiv 2309.16240.
 */
export const dpo_forward_kl = defineObjective({
  ...F_DPO,
  id: 'dpo_forward_kl',
  title: 'DPO, forward KL',
  summary: 'DPO under the forward KL to the reference, which minds most what the policy has all but given up.',
  formula: String.raw`\mathcal{L} = -\mathbb{E}\left[\log \sigma\!\left(\beta \frac{\pi_{\mathrm{ref}}(y_l \mid x)}{\pi_\theta(y_l \mid x)}
    - \beta \frac{\pi_{\mathrm{ref}}(y_w \mid x)}{\pi_\theta(y_w \mid x)}\right)\right]`,
  differs:
    'In TRL this is f_divergence_type forward_kl, which goes with loss_type sigmoid, as here, and with hinge, ipo, robust, exo_pair, ' +
    'sigmoid_norm and discopop. TRL lets 1 / t grow without bound, here it stops at ' +
    'e^80, as TRL has it for the alpha-divergence. OpenRLHF and verl have the reverse KL only.',
  params: { beta: BETA },
  loss: (input) => fDivergence((s) => bent(s, -1), input, 'dpo_forward_kl'),
});
