/** Binary classifier optimisation: single completions classified as good or bad around the mean reward so far. */
import * as tf from '@tensorflow/tfjs-core';
import { JUDGED, judged, judgedDiagnostics } from './judged';
import { defineObjective } from './objective';
import { BETA } from './pairs';
import { detach, logSigmoid, meanOver } from './terms';

/**
 * L = mean over judged completions of -log sigmoid(beta s - d) where desirable and -log sigmoid(-(beta s - d)) where not, s = log pi(y) -
 * log pi_ref(y) summed over tokens. d is the mean of all implicit rewards beta s that were seen since training began, this batch's
 * with them, and is held constant. Carried from step to step: the sum of those rewards and their number. TRL's `BCOTrainer` with
 * beta .1, which logs d as `delta`; arXiv 2404.04656.
 */
export const bco = defineObjective({
  ...JUDGED,
  id: 'bco',
  title: 'BCO',
  summary: 'Learns from single completions marked good or bad: a classifier whose threshold is the mean reward so far.',
  paper: {
    title: 'Binary Classifier Optimization for Large Language Model Alignment',
    url: 'https://arxiv.org/abs/2404.04656',
  },
  formula: String.raw`\mathcal{L} = -\mathbb{E}\big[\log \sigma\big(\pm(\beta s - \delta)\big)\big],
    \qquad \delta = \mathrm{sg}\big[\text{mean of all } \beta s \text{ so far}\big], \quad s = \log\frac{\pi_\theta(y \mid x)}{\pi_{\mathrm{ref}}(y \mid x)}`,
  differs:
    "TRL can also weigh undesirable completions by how likely their prompts are among the desirable ones (UDM); that is not here. TRL's " +
    "mean counts every completion once and for ever, as here; LLaMA-Factory's counts each batch as one.",
  params: { beta: BETA },
  diagnostics: {
    ...JUDGED.diagnostics,
    delta: { title: 'Reward shift', help: 'The mean of all implicit rewards so far: the threshold between good and bad.', chart: 'loss' },
  },
  carries: [0, 0],
  loss(input) {
    if (input.carried === null) throw new Error('bco needs the sums that it carries');
    const rows = judged(input, 'bco');
    const rewards = tf.mul<tf.Tensor1D>(input.params.beta, rows.s); // [N]
    const [sum, count] = tf.split(input.carried, 2); // [1], [1]
    const total = detach(tf.sum(rewards)) as tf.Scalar; // []
    const delta = tf.reshape(tf.div(tf.add(sum as tf.Tensor, total), tf.add(count as tf.Tensor, rows.count)), []); // []
    const above = tf.sub<tf.Tensor1D>(rewards, delta); // [N]
    const desirable = tf.mul(rows.desirable, logSigmoid(above)); // [N]
    const undesirable = tf.mul(rows.undesirable, logSigmoid(tf.neg(above))); // [N]
    const good = tf.neg<tf.Scalar>(meanOver(desirable, rows.count)); // []
    const bad = tf.neg<tf.Scalar>(meanOver(undesirable, rows.count)); // []
    return {
      loss: tf.add(good, bad),
      terms: { desirable: good, undesirable: bad },
      diagnostics: { ...judgedDiagnostics(rows, input), delta: delta as tf.Scalar },
      carry: [total, tf.scalar(rows.count)],
    };
  },
});
