/** Context to K actions: the network of arXiv 2404.14367, whose context is random and irrelevant. */
import * as tf from '@tensorflow/tfjs-core';
import { layoutOf } from '../core/layout';
import { number } from '../core/params';
import { createRng } from '../core/rng';
import { actionSpan, sampleActions, scoreActions } from './actions';
import { definePolicy } from './policy';
import { fill, unpack } from './theta';

const EPSILON = 1e-5;

export const mlp = definePolicy({
  id: 'mlp',
  title: 'MLP',
  summary: 'A random context through two hidden layers: completions share features, so moving one moves others.',
  params: {
    contextSize: number({
      title: 'Context size',
      help: 'Length of the random vector that stands for a prompt.',
      default: 100,
      min: 1,
      max: 1024,
      integer: true,
    }),
    narrow: number({
      title: 'First layer',
      help: 'Width of the first layer, before its LayerNorm.',
      default: 50,
      min: 1,
      max: 1024,
      integer: true,
    }),
    wide: number({ title: 'Hidden layers', help: 'Width of the two hidden layers.', default: 256, min: 1, max: 2048, integer: true }),
  },
  create({ contextSize, narrow, wide }, shape) {
    const span = actionSpan(shape);
    const layout = layoutOf([
      ['in.weight', [contextSize, narrow]],
      ['in.bias', [narrow]],
      ['norm.weight', [narrow]],
      ['norm.bias', [narrow]],
      ['hidden.0.weight', [narrow, wide]],
      ['hidden.0.bias', [wide]],
      ['hidden.1.weight', [wide, wide]],
      ['hidden.1.bias', [wide]],
      ['out.weight', [wide, span.count]],
      ['out.bias', [span.count]],
    ]);
    const contexts = contextTable(shape.vocabSize, contextSize);
    const logits = (theta: tf.Tensor1D, prompts: tf.Tensor2D): tf.Tensor2D => {
      const [rows] = prompts.shape;
      const weight = unpack(theta, layout);
      const linear = (x: tf.Tensor, name: string): tf.Tensor2D =>
        tf.add<tf.Tensor2D>(tf.matMul(x as tf.Tensor2D, weight(`${name}.weight`) as tf.Tensor2D), weight(`${name}.bias`));
      const last = tf.reshape(tf.slice2d(prompts, [0, span.promptLen - 1], [rows, 1]), [rows]); // [R]
      const table = tf.tensor2d(contexts, [shape.vocabSize, contextSize]); // [V, C]
      const context = tf.matMul(tf.cast(tf.oneHot(tf.cast(last, 'int32'), shape.vocabSize), 'float32'), table); // [R, C]
      const first = linear(context, 'in'); // [R, N]
      const { mean, variance } = tf.moments(first, 1, true); // [R, 1]
      const scaled = tf.mul(tf.sub(first, mean), tf.rsqrt(tf.add(variance, EPSILON))); // [R, N]
      const normed = tf.relu(tf.add(tf.mul(scaled, weight('norm.weight')), weight('norm.bias'))); // [R, N]
      const hidden = tf.relu(linear(tf.relu(linear(normed, 'hidden.0')), 'hidden.1')); // [R, W]
      return linear(hidden, 'out'); // [R, K]
    };
    return {
      layout,
      shape,
      init(rng) {
        return fill(layout, (slice) => {
          if (slice.name === 'norm.weight') return () => 1;
          if (slice.shape.length === 1) return () => 0;
          const [fanIn = 1, fanOut = 1] = slice.shape;
          const stream = rng.fork(slice.name);
          // Xavier's normal bound with the paper's gain of .01 on the output, which starts the policy near uniform.
          const scale = Math.sqrt(2 / (fanIn + fanOut)) * (slice.name === 'out.weight' ? 0.01 : 1);
          return () => stream.normal() * scale;
        });
      },
      score: (theta, rows) => scoreActions(logits(theta, rows.tokens), rows, span),
      sample: (theta, request) => sampleActions((prompts) => logits(theta, prompts), request, span),
    };
  },
});

/** A fixed normal vector for every token id, [vocabSize, contextSize]: what a prompt looks like, not a parameter. */
function contextTable(vocabSize: number, contextSize: number): Float32Array {
  const table = new Float32Array(vocabSize * contextSize);
  for (let token = 0; token < vocabSize; token++) {
    const rng = createRng(token).fork('context');
    for (let i = 0; i < contextSize; i++) table[token * contextSize + i] = rng.normal();
  }
  return table;
}
