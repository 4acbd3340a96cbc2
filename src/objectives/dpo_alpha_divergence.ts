/** DPO that is held to the reference by an alpha-divergence. */
import { number } from '../core/params';
import { F_DPO, fDivergence } from './f-divergence';
import { defineObjective } from './objective';
import { BETA } from './pairs';
import { bent } from './terms';

/**
 * L = mean over pairs of -log sigmoid(beta (f'(t_w) - f'(t_l))), f'(t) = (t^{alpha - 1} - 1) / (alpha - 1) of the alpha-divergence, t = pi(y)
 * / pi_ref(y). It is the forward KL at alpha 0 and the reverse KL, which is DPO, at alpha 1. TRL's `DPOTrainer` with
 * `f_divergence_type: alpha_divergence`, beta .1 and f_alpha_divergence_coef .5; arXiv 2309.16240.
 */
export const dpo_alpha_divergence = defineObjective({
  ...F_DPO,
  id: 'dpo_alpha_divergence',
  title: 'DPO, alpha-divergence',
  summary: 'DPO under a family of divergences to the reference that leads from the forward KL to the reverse one.',
  formula: String.raw`\mathcal{L} = -\mathbb{E}\left[\log \sigma\!\left(\beta\, \frac{t_w^{\alpha-1} - t_l^{\alpha-1}}{\alpha - 1}\right)\right],
    \qquad t = \frac{\pi_\theta(y \mid x)}{\pi_{\mathrm{ref}}(y \mid x)}`,
  differs:
    'In TRL this is f_divergence_type alpha_divergence. In its earlier versions the coefficient was 1 - alpha, and 1 by default, which is ' +
    'the forward KL.',
  params: {
    beta: BETA,
    f_alpha_divergence_coef: number({
      title: 'Alpha',
      help: '0 is the forward KL, 1 the reverse KL of DPO; above 1 large ratios count ever more.',
      default: 0.5,
      min: 0,
      max: 3,
      step: 0.05,
    }),
  },
  loss: (input) => fDivergence((s) => bent(s, input.params.f_alpha_divergence_coef - 1), input, 'dpo_alpha_divergence'),
});
