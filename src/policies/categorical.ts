/** K logits and nothing else: the policy of which every expectation can be written down. */
import * as tf from '@tensorflow/tfjs-core';
import { layoutOf } from '../core/layout';
import { actionSpan, drawActions, packActions, scoreActions } from './actions';
import { definePolicy } from './policy';
import { unpack } from './theta';

export const categorical = definePolicy({
  id: 'categorical',
  title: 'Categorical',
  summary: 'One logit for each completion. No features are shared, so pushing one completion down lifts all others alike.',
  params: {},
  create(_params, shape) {
    const span = actionSpan(shape);
    const head = shape.head
      ? ([
          ['v_head.bias', [1]],
          ['v_head.actions', [span.count]],
        ] as const)
      : [];
    const layout = layoutOf([['logits', [span.count]], ...head]);
    const repeated = (x: tf.Tensor, rows: number): tf.Tensor2D => tf.tile(tf.expandDims<tf.Tensor2D>(x, 0), [rows, 1]); // [R, n]
    const logits = (theta: tf.Tensor1D, rows: number): tf.Tensor2D => repeated(shape.head ? tf.slice(theta, 0, span.count) : theta, rows); // [R, K]
    return {
      layout,
      shape,
      init: () => new Float32Array(layout.size),
      fromProbabilities(probabilities) {
        const theta = new Float32Array(layout.size);
        // e^-30 stands for an impossible token, whose logit would be minus infinity.
        theta.set(Array.from(probabilities, (p) => Math.max(-30, Math.log(p))));
        return theta;
      },
      score(theta, rows) {
        const [count] = rows.tokens.shape;
        if (!shape.head) return scoreActions(logits(theta, count), rows, span, null);
        const weight = unpack(theta, layout);
        return scoreActions(repeated(weight('logits'), count), rows, span, {
          state: repeated(weight('v_head.bias'), count),
          actions: repeated(weight('v_head.actions'), count),
        });
      },
      sample: async (theta, request) =>
        packActions(request, await drawActions((of, prompts) => logits(of, prompts.shape[0]), theta, request, span), span),
    };
  },
});
