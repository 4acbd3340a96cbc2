/** REINFORCE++: the return of every token, normalised over the whole batch, with PPO's clipped ratio and no value head. */
import { number } from '../core/params';
import { defineObjective } from './objective';
import { regularised } from './optimum';
import { CLIP_PARAMS, CLIPPED_DIAGNOSTICS, clippedTokens, discountedSums, tokenRewards, whitened } from './policy-gradient';

/** The weight of the KL that is taken off the reward, with OpenRLHF's default. */
export const KL_IN_REWARD = number({
  title: 'Beta',
  help: 'Weight of the KL to the reference, taken off the reward. 0 leaves the reference out.',
  default: 0.01,
  min: 0,
  max: 10,
  step: 0.01,
});

/**
 * r_t = -beta k1_t, and the score of the completion on its last token besides; G_t = sum_{s >= t} gamma^(s - t) r_s; A = G less its mean over
 * all tokens of the batch, divided by its standard deviation. L = -mean over tokens of min(rho A, clip(rho, 1 - epsilon, 1 +
 * epsilon_high) A). Samples of different prompts are compared with one another, so one sample for a prompt is enough.
 * verl's `reinforce_plus_plus`, OpenRLHF's `reinforce`; gamma 1, arXiv 2501.03262.
 */
export const reinforcePp = defineObjective({
  id: 'reinforce-pp',
  title: 'REINFORCE++',
  summary: "PPO without a value head: each token's return is compared with those of the whole batch, whatever the prompt.",
  paper: {
    title: 'REINFORCE++: A Simple and Efficient Approach for Aligning Large Language Models',
    url: 'https://arxiv.org/abs/2501.03262',
  },
  formula: String.raw`\mathcal{L} = -\mathbb{E}_t\big[\min(\rho_t A_t,\; \operatorname{clip}(\rho_t, 1-\epsilon, 1+\epsilon_{\mathrm{high}})\, A_t)\big],
    \quad A_t = \frac{G_t - \operatorname{mean}(G)}{\operatorname{std}(G)}, \quad G_t = \sum_{s \ge t} \gamma^{s-t} r_s`,
  data: 'rollouts',
  family: 'online',
  differs:
    'TRL does not have it. Its standard deviation has n in the denominator in OpenRLHF, and n - 1 in verl, as here. verl takes a KL off the ' +
    'reward only on request, then with a weight of .001.',
  params: {
    beta: KL_IN_REWARD,
    gamma: number({
      title: 'Gamma',
      help: 'How much a reward counts one token earlier.',
      default: 1,
      min: 0,
      max: 1,
      step: 0.01,
    }),
    ...CLIP_PARAMS,
  },
  diagnostics: CLIPPED_DIAGNOSTICS,
  needsReference: ({ beta }) => beta > 0,

  advantages(input) {
    const { mask, params } = input;
    return whitened(discountedSums(tokenRewards(input, params.beta, 'reinforce-pp'), mask, params.gamma), mask); // [R, T]
  },

  loss: clippedTokens,

  /**
   * pi_ref e^{r / beta} for completions of one token, sampled afresh at every step; with beta 0 the best that the reference can reach. The
   * mean that is taken off is a baseline, and what is divided by scales reward and KL alike.
   */
  optimum: ({ reference, reward, params: { beta } }) => regularised(reference, reward, beta, 0),
});
