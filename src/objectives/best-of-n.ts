/** Best-of-n fine-tuning: maximum likelihood of the best of every group of samples. */
import { bestOfN } from '../metrics/exact';
import type { ExactProblem, Objective } from './objective';
import { sft } from './sft';

/**
 * L = -sum(m log pi) / sum(m) over the completion of each group that the reward likes best: the loss of SFT on other data.
 * The trainer draws the samples and picks, so a stage with this objective always takes its data from
 * samples; on a world's own demonstrations it would be SFT.
 *
 * Drawn once from the reference (`refreshEvery: 0`), the samples have the best-of-n distribution, and maximum likelihood
 * converges to it. Drawn afresh from the policy, each round takes the best of n once more and the policy goes further.
 * Setting and name as in arXiv 2404.14367.
 */
export const bestOfNObjective = {
  ...sft,
  id: 'best-of-n',
  title: 'Best-of-n',
  summary: 'Samples a group of completions for each prompt and imitates the one with the highest reward.',
  paper: {
    title: 'Preference Fine-Tuning of LLMs Should Leverage Suboptimal, On-Policy Data',
    url: 'https://arxiv.org/abs/2404.14367',
  },
  formula: String.raw`\mathcal{L} = -\frac{\sum_{i,t} m_{it} \log \pi_\theta(y^*_{it} \mid x_i, y^*_{i,<t})}{\sum_{i,t} m_{it}},
    \qquad y^*_i = \operatorname*{arg\,max}_{y \in \{y_{i1}, \dots, y_{iG}\}} r(x_i, y)`,
  differs:
    'Also called rejection sampling or RFT. Some keep every sample above a threshold, or the best few of all prompts together; this keeps ' +
    "the single best of each prompt's samples, as arXiv 2404.14367 does.",
  samplesOnly: true,
  optimum: ({ reference, reward, group }: ExactProblem<unknown>) => bestOfN(reference, reward, group),
} satisfies Objective<'demonstrations'>;
