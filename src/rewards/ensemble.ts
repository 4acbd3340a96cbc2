import { choice, number } from '../core/params';
import { defineReward } from '../core/reward';

/**
 * The scores r_1 .. r_n of the last n reward models as one:
 *
 *     mean        1/n sum r_i
 *     minimum     min r_i                          (worst-case optimisation)
 *     cautious    mean - k s, s^2 = 1/n sum (r_i - mean)^2
 *
 * Where the models disagree, at least some of them are wrong, and it is there that a policy learns to fool them. Coste et al. subtract
 * lambda times the variance; here it is k standard deviations, in the unit of the reward. Bradley-Terry scores are known up to a constant
 * for each model, which shifts mean and cautious for all completions alike but decides which model is the minimum: train the models with
 * centring where that matters.
 */
export const ensemble = defineReward({
  id: 'ensemble',
  title: 'Ensemble of reward models',
  summary: 'What several reward models of earlier stages say together, with doubt counted against a completion if so wished.',
  source: 'Coste et al., arXiv 2310.02743 (mean, worst case and uncertainty-weighted)',
  params: {
    models: number({
      title: 'Models',
      help: 'How many reward models of the stages before this one take part, the last ones.',
      default: 2,
      min: 2,
      max: 8,
      integer: true,
    }),
    combine: choice({
      title: 'Together',
      help: 'How the scores become one.',
      default: 'mean',
      options: [
        { value: 'mean', title: 'Mean' },
        { value: 'minimum', title: 'Minimum: the model that likes it least' },
        { value: 'cautious', title: 'Mean less k standard deviations' },
      ],
    }),
    k: number({
      title: 'k',
      help: 'Standard deviations that are subtracted where disagreement counts.',
      default: 1,
      min: 0,
      max: 10,
      step: 0.1,
    }),
  },
  anywhere: true,
  needs: ({ models }) => ({ models }),
  parts: {
    ensemble_mean: 'Mean of the reward models',
    ensemble_minimum: 'The lowest of the reward models',
    ensemble_std: 'Standard deviation between the reward models',
  },
  score({ facts, params }) {
    const scores = facts.models.slice(-params.models);
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    const std = Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length);
    const minimum = Math.min(...scores);
    const totals = { mean, minimum, cautious: mean - params.k * std };
    return { total: totals[params.combine], parts: { ensemble_mean: mean, ensemble_minimum: minimum, ensemble_std: std } };
  },
});
