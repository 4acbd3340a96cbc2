/** REINFORCE++ with the mean of the group as the baseline: what is left is normalised over the whole batch. */
import { defineObjective } from './objective';
import { regularised } from './optimum';
import { CLIP_PARAMS, CLIPPED_DIAGNOSTICS, clippedTokens, lessKl, whitened } from './policy-gradient';
import { KL_IN_REWARD } from './reinforce-pp';
import { centred, perToken } from './terms';

/**
 * R_i = r_i - beta sum_t k1 at the time of sampling; A = R_i less the mean of its group, then less the mean over all tokens of the batch and
 * divided by their standard deviation. L = -mean over tokens of min(rho A, clip(rho, 1 - epsilon, 1 + epsilon_high) A). GRPO divides by
 * the deviation of each group, which makes prompts that are nearly always solved, or never, count as much as others; this has one
 * scale for all. verl's `reinforce_plus_plus_baseline`; arXiv 2501.03262.
 */
export const reinforcePpBaseline = defineObjective({
  id: 'reinforce-pp-baseline',
  title: 'REINFORCE++ baseline',
  summary: 'Compares each sample with the mean of its group, as GRPO does, but scales all groups of a batch by one deviation.',
  paper: {
    title: 'REINFORCE++: A Simple and Efficient Approach for Aligning Large Language Models',
    url: 'https://arxiv.org/abs/2501.03262',
  },
  formula: String.raw`\mathcal{L} = -\mathbb{E}_{it}\big[\min(\rho_{it} A_i,\; \operatorname{clip}(\rho_{it}, 1-\epsilon, 1+\epsilon_{\mathrm{high}})\, A_i)\big],
    \quad A_i = \frac{a_i - \operatorname{mean}_{\mathrm{batch}}(a)}{\operatorname{std}_{\mathrm{batch}}(a)}, \quad
    a_i = R_i - \operatorname{mean}_{\mathrm{group}}(R)`,
  data: 'rollouts',
  family: 'online',
  differs:
    'TRL has this scale as GRPO with scale_rewards batch, over completions instead of tokens. OpenRLHF calls it reinforce_baseline and takes the ' +
    'KL off each token after the baseline. The paper puts a KL into the loss instead of the reward.',
  params: { beta: { ...KL_IN_REWARD, default: 0 }, ...CLIP_PARAMS },
  diagnostics: CLIPPED_DIAGNOSTICS,
  needsReference: ({ beta }) => beta > 0,

  advantages(input) {
    const { group, mask, params } = input;
    return whitened(perToken(centred(lessKl(input, params.beta, 'reinforce-pp-baseline'), group), mask), mask); // [R, T]
  },

  loss: clippedTokens,

  /** pi_ref e^{r / beta} for completions of one token, sampled afresh at every step; with beta 0 the best that the reference can reach. */
  optimum: ({ reference, reward, params: { beta } }) => regularised(reference, reward, beta, 0),
});
