/** K logits and nothing else: the policy of which every expectation can be written down. */
import * as tf from '@tensorflow/tfjs-core';
import { layoutOf } from '../core/layout';
import { actionSpan, drawActions, packActions, scoreActions } from './actions';
import { definePolicy } from './policy';

export const categorical = definePolicy({
  id: 'categorical',
  title: 'Categorical',
  summary: 'One logit for each completion. No features are shared, so pushing one completion down lifts all others alike.',
  params: {},
  create(_params, shape) {
    const span = actionSpan(shape);
    const layout = layoutOf([['logits', [span.count]]]);
    const logits = (theta: tf.Tensor1D, rows: number): tf.Tensor2D => tf.tile(tf.expandDims<tf.Tensor2D>(theta, 0), [rows, 1]); // [R, K]
    return {
      layout,
      shape,
      init: () => new Float32Array(layout.size),
      // e^-30 stands for an impossible token, whose logit would be minus infinity.
      fromProbabilities: (probabilities) => Float32Array.from(probabilities, (p) => Math.max(-30, Math.log(p))),
      score: (theta, rows) => scoreActions(logits(theta, rows.tokens.shape[0]), rows, span),
      sample: async (theta, request) =>
        packActions(request, await drawActions((prompts) => logits(theta, prompts.shape[0]), request, span), span),
    };
  },
});
