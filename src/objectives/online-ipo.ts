/** Online IPO: the margin between two of the policy's own samples is regressed to a constant. */
import * as tf from '@tensorflow/tfjs-core';
import { defineObjective } from './objective';
import { equilibrium } from './optimum';
import { AGAINST_REFERENCE, BETA, logRatios, meanOfPairs } from './pairs';

/**
 * L = mean over pairs of (s_w - s_l - 1 / (2 beta))^2, s = log pi(y) - log pi_ref(y) summed over tokens, on two samples of the policy
 * (`group: 2`, `refreshEvery: 1`) of which the one with the higher reward is chosen. This is TRL's `OnlineDPOTrainer` with
 * `loss_type: ipo`, which unlike its offline trainer does not divide by lengths.
 */
export const onlineIpo = defineObjective({
  ...AGAINST_REFERENCE,
  id: 'online-ipo',
  title: 'Online IPO',
  summary: 'Samples two completions and asks for a fixed margin between the better and the worse, neither more nor less.',
  paper: {
    title: 'Human Alignment of Large Language Models through Online Preference Optimisation',
    url: 'https://arxiv.org/abs/2403.08635',
  },
  formula: String.raw`\mathcal{L} = \mathbb{E}_{y, y' \sim \pi_\theta}\left[\left(\log\frac{\pi_\theta(y_w \mid x)}{\pi_{\mathrm{ref}}(y_w \mid x)}
    - \log\frac{\pi_\theta(y_l \mid x)}{\pi_{\mathrm{ref}}(y_l \mid x)} - \frac{1}{2\beta}\right)^2\right]`,
  family: 'online',
  differs: "Summed log-probabilities, as in TRL's online trainer and in OpenRLHF; TRL's offline IPO divides by lengths.",
  samplesOnly: true,
  params: { beta: { ...BETA, help: 'How strongly the policy is held to the reference: the margin asked for is half its inverse.' } },

  loss(input) {
    const pairs = logRatios(input, 'online-ipo');
    return meanOfPairs(tf.square(tf.sub(pairs.difference, 1 / (2 * input.params.beta))), pairs, input);
  },

  /**
   * pi ∝ pi_ref e^{P(y beats y') / beta} with y' from the policy itself: where it stands, the regression to 1 / (2 beta) is met on
   * average by every completion against the policy's own. Only for two samples a prompt; the best against the worst of more is
   * another game.
   */
  optimum: ({ reference, reward, params: { beta }, group }) => (group === 2 ? equilibrium(reference, reward, beta, 0) : null),
});
