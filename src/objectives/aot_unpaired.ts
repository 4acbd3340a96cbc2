/** AOT without pairs: the log-ratios of chosen completions, sorted, against those of rejected ones, sorted. */
import * as tf from '@tensorflow/tfjs-core';
import { AOT, smoothed } from './aot';
import { defineObjective } from './objective';
import { logRatios, meanOfPairs } from './pairs';
import { sorted } from './terms';

/**
 * L = mean over ranks k of -(1 - e) log sigmoid(beta d_k) - e log sigmoid(-beta d_k), d_k = k-th smallest s_w less k-th smallest s_l, s =
 * log pi(y) - log pi_ref(y). Each quantile of the chosen completions' log-ratios is to exceed the same quantile of the rejected
 * ones', so it does not matter which was paired with which. With one pair it is DPO. TRL's `DPOTrainer` with `loss_type: aot_unpaired`,
 * beta .1, label_smoothing 0; arXiv 2406.05882.
 */
export const aot_unpaired = defineObjective({
  ...AOT,
  id: 'aot_unpaired',
  title: 'AOT, unpaired',
  summary: 'Asks the chosen completions as a whole to have gained more than the rejected ones, quantile by quantile, without pairing them.',
  formula: String.raw`\mathcal{L} = -\frac{1}{P} \sum_k \log \sigma\big(\beta (s^{w}_{(k)} - s^{l}_{(k)})\big), \qquad
    s = \log\frac{\pi_\theta(y \mid x)}{\pi_{\mathrm{ref}}(y \mid x)}`,
  differs:
    "Earlier versions of TRL called this one aot. TRL sorts the rows of one device's micro-batch; here they are those of the batch, which is never cut.",
  loss(input) {
    const pairs = logRatios(input, 'aot_unpaired');
    return meanOfPairs(smoothed(tf.sub(sorted(pairs.sChosen), sorted(pairs.sRejected)), input.params), pairs, input);
  },
});
