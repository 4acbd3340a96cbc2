/** Context to K actions: the network of arXiv 2404.14367, whose context is random and irrelevant. */
import * as tf from '@tensorflow/tfjs-core';
import { type Layout, layoutOf } from '../core/layout';
import { number } from '../core/params';
import { createRng } from '../core/rng';
import { fusedMlp } from '../engine/mlp/score';
import { prepareDevice } from '../engine/tune';
import { type ActionValues, actionSpan, drawActions, packActions, scoreActions } from './actions';
import { runsFused } from './fused';
import { definePolicy, type Rows, type Scored, sharpeningOf } from './policy';
import { fill, headStd, unpack, type Weights } from './theta';

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
    const { vocabSize } = shape;
    const layout = mlpLayout({ contextSize, narrow, wide, count: span.count, head: shape.head });
    const contexts = contextTable(vocabSize, contextSize);
    const fused = fusedMlp({ contextSize, narrow, wide, vocabSize, span, layout }, contexts);
    const composed = (theta: tf.Tensor1D, prompts: tf.Tensor2D): Composed => {
      const [rows] = prompts.shape;
      const last = tf.reshape(tf.slice2d(prompts, [0, span.promptLen - 1], [rows, 1]), [rows]); // [R]
      const table = tf.tensor2d(contexts, [vocabSize, contextSize]); // [V, C]
      const context = tf.matMul(tf.cast(tf.oneHot(tf.cast(last, 'int32'), vocabSize), 'float32'), table); // [R, C]
      return composedOutputs(unpack(theta, layout), context as tf.Tensor2D, shape.head);
    };
    const composedScore = (theta: tf.Tensor1D, rows: Rows): Scored => {
      const { logits, values } = composed(theta, rows.tokens);
      return scoreActions(logits, rows, span, values);
    };
    return {
      layout,
      shape,
      init(rng) {
        return fill(layout, (slice) => {
          if (slice.name === 'norm.weight') return () => 1;
          const stream = rng.fork(slice.name);
          if (/^v_head\..*weight$/.test(slice.name)) return () => stream.normal() * headStd(wide);
          if (slice.shape.length === 1) return () => 0;
          const [fanIn = 1, fanOut = 1] = slice.shape;
          // Xavier's normal bound with the paper's gain of .01 on the output, which starts the policy near uniform.
          const scale = Math.sqrt(2 / (fanIn + fanOut)) * (slice.name === 'out.weight' ? 0.01 : 1);
          return () => stream.normal() * scale;
        });
      },
      score: (theta, rows) => (runsFused() ? fused.score(theta, rows.tokens, rows.mask) : composedScore(theta, rows)),
      async sample(theta, request) {
        const { seed, step, prompts } = request;
        const drawn =
          runsFused() && request.mix === undefined
            ? await fused.draw(theta, prompts, { seed, step, ...sharpeningOf(request) })
            : await drawActions((of, tokens) => composed(of, tokens).logits, theta, request, span);
        return packActions(request, drawn, span);
      },
      async prepare(report) {
        if (runsFused()) await prepareDevice(fused.shaders, report);
      },
      release() {
        fused.release();
      },
    };
  },
});

interface MlpSizes {
  readonly contextSize: number;
  readonly narrow: number;
  readonly wide: number;
  /** K */
  readonly count: number;
  readonly head: boolean;
}

/**
 * Matrices first, and the vectors of uneven length last: in the sizes of the paper all that is large then begins at a
 * multiple of four, which the fused engine reads four numbers at a time.
 */
const mlpLayout = ({ contextSize, narrow, wide, count, head }: MlpSizes): Layout =>
  layoutOf([
    ['in.weight', [contextSize, narrow]],
    ['hidden.0.weight', [narrow, wide]],
    ['hidden.1.weight', [wide, wide]],
    ['out.weight', [wide, count]],
    ['hidden.0.bias', [wide]],
    ['hidden.1.bias', [wide]],
    ['out.bias', [count]],
    ['norm.weight', [narrow]],
    ['norm.bias', [narrow]],
    ['in.bias', [narrow]],
    ...(head ? headSlices(wide, count) : []),
  ]);

/** A scalar for the state and one for each action, read from the last hidden layer. */
const headSlices = (wide: number, count: number): [string, number[]][] => [
  ['v_head.weight', [wide]],
  ['v_head.bias', [1]],
  ['v_head.actions.weight', [wide, count]],
  ['v_head.actions.bias', [count]],
];

/** What the network gives. */
interface Composed {
  /** [R, K] */
  readonly logits: tf.Tensor2D;
  /** null where it has no head */
  readonly values: ActionValues | null;
}

/**
 * The network in stock tfjs ops: the reference of the fused engine, and what runs where there is no WebGPU.
 * @param context [R, C]
 */
function composedOutputs(weight: Weights, context: tf.Tensor2D, head: boolean): Composed {
  const linear = (x: tf.Tensor, name: string): tf.Tensor2D =>
    tf.add<tf.Tensor2D>(tf.matMul(x as tf.Tensor2D, weight(`${name}.weight`) as tf.Tensor2D), weight(`${name}.bias`));
  const first = linear(context, 'in'); // [R, N]
  const { mean, variance } = tf.moments(first, 1, true); // [R, 1]
  const scaled = tf.mul(tf.sub(first, mean), tf.rsqrt(tf.add(variance, EPSILON))); // [R, N]
  const normed = tf.relu(tf.add(tf.mul(scaled, weight('norm.weight')), weight('norm.bias'))); // [R, N]
  const hidden = tf.relu(linear(tf.relu(linear(normed, 'hidden.0')), 'hidden.1')); // [R, W]
  const logits = linear(hidden, 'out'); // [R, K]
  if (!head) return { logits, values: null };
  const state = tf.add<tf.Tensor2D>(tf.matMul(hidden, tf.expandDims<tf.Tensor2D>(weight('v_head.weight'), 1)), weight('v_head.bias')); // [R, 1]
  return { logits, values: { state, actions: linear(hidden, 'v_head.actions') } }; // [R, K]
}

/** A fixed normal vector for every token id, [vocabSize, contextSize]: what a prompt looks like, not a parameter. */
export function contextTable(vocabSize: number, contextSize: number): Float32Array {
  const table = new Float32Array(vocabSize * contextSize);
  for (let token = 0; token < vocabSize; token++) {
    const rng = createRng(token).fork('context');
    for (let i = 0; i < contextSize; i++) table[token * contextSize + i] = rng.normal();
  }
  return table;
}
