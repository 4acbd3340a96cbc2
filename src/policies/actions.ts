/** What categorical and mlp share: a completion is a single token out of a contiguous span, the row's last column. */
import * as tf from '@tensorflow/tfjs-core';
import { sampleToken } from '../kernels/sample-token/op';
import { FREE } from '../kernels/sample-token/reference';
import { mixedLogits } from './mixture';
import { type PolicyShape, type Rows, type Sampled, type SampleRequest, type Scored, sharpeningOf } from './policy';
import { packRows } from './rows';

/** The tokens that may be chosen: `count` of them from id `first`, after a prompt of `promptLen`. */
export interface ActionSpan {
  readonly first: number;
  readonly count: number;
  readonly promptLen: number;
}

/**
 * Reads the span off the world's sizes.
 * @throws Error where completions are longer than one token or the tokens are not contiguous.
 */
export function actionSpan(shape: PolicyShape): ActionSpan {
  const [first = 0] = shape.sampleable;
  const contiguous = shape.sampleable.every((token, i) => token === first + i);
  if (!contiguous || shape.maxLen !== shape.promptLen + 1) throw new Error('this policy chooses one token out of a contiguous span');
  return { first, count: shape.sampleable.length, promptLen: shape.promptLen };
}

/** What the scalar head says: of the state, and of every action in it. */
export interface ActionValues {
  /** [R, 1] */
  readonly state: tf.Tensor2D;
  /** [R, K] */
  readonly actions: tf.Tensor2D;
}

/**
 * Log-probabilities and entropies of the chosen tokens.
 * @param logits [R, K]
 * @param values null where the policy has no head
 */
export function scoreActions(logits: tf.Tensor2D, rows: Rows, span: ActionSpan, values: ActionValues | null): Scored {
  const [count] = rows.tokens.shape;
  const logProbs = tf.logSoftmax(logits); // [R, K]
  const chosen = tf.sub(tf.reshape(tf.slice2d(rows.tokens, [0, span.promptLen], [count, 1]), [count]), span.first); // [R]
  const oneHot = tf.oneHot(tf.cast(chosen, 'int32'), span.count); // [R, K]
  const logp = tf.sum(tf.mul(logProbs, oneHot), 1, true); // [R, 1]
  const entropy = tf.neg(tf.sum(tf.mul(tf.exp(logProbs), logProbs), 1, true)); // [R, 1]
  const padded = (x: tf.Tensor): tf.Tensor2D =>
    tf.mul<tf.Tensor2D>(
      tf.pad2d(x as tf.Tensor2D, [
        [0, 0],
        [span.promptLen, 0],
      ]),
      rows.mask,
    ); // [R, T]
  const scored = { logp: padded(logp), entropy: padded(entropy) };
  if (values === null) return scored;
  const chosenValue = tf.sum<tf.Tensor2D>(tf.mul(values.actions, oneHot), 1, true); // [R, 1]
  const before: [number, number] = [span.promptLen - 1, 0];
  return { ...scored, head: tf.pad2d(tf.concat([values.state, chosenValue], 1), [[0, 0], before]) }; // [R, T]
}

/** A token for every prompt, with its log-probability and the distribution's entropy at temperature 1; all [R]. */
export interface DrawnActions {
  readonly tokens: ArrayLike<number>;
  readonly logp: ArrayLike<number>;
  readonly entropy: ArrayLike<number>;
}

/**
 * Draws one token per prompt, and reads all that is known of it at once.
 * @param logits of a θ and the prompts' tokens [R, promptLen]: [R, K]
 */
export async function drawActions(
  logits: (theta: tf.Tensor1D, prompts: tf.Tensor2D) => tf.Tensor2D,
  theta: tf.Tensor1D,
  request: SampleRequest,
  span: ActionSpan,
): Promise<DrawnActions> {
  const rows = request.prompts.length;
  const { seed, step } = request;
  const drawn = tf.tidy(() => {
    const prompts = tf.tensor2d(request.prompts.flat(), [rows, span.promptLen], 'int32'); // [R, P]
    const own = logits(theta, prompts); // [R, K]
    const scores = request.mix === undefined ? own : mixedLogits(own, logits(request.mix.theta, prompts), request.mix.weight); // [R, K]
    const key = { seed, step, position: span.promptLen, ...sharpeningOf(request) };
    const choice = sampleToken(scores, tf.fill([rows], FREE, 'int32') as tf.Tensor1D, key); // [R]
    const logProbs = tf.logSoftmax(scores); // [R, K]
    const logp = tf.sum(tf.mul(logProbs, tf.oneHot(choice, span.count)), 1); // [R]
    const entropy = tf.neg(tf.sum(tf.mul(tf.exp(logProbs), logProbs), 1)); // [R]
    return tf.stack([tf.cast(tf.add(choice, span.first), 'float32'), logp, entropy]); // [3, R]
  });
  const values = await drawn.data<'float32'>();
  drawn.dispose();
  return { tokens: values.subarray(0, rows), logp: values.subarray(rows, 2 * rows), entropy: values.subarray(2 * rows) };
}

/** Lays drawn tokens out as rows. */
export function packActions({ prompts }: SampleRequest, drawn: DrawnActions, { promptLen }: ActionSpan): Sampled {
  const length = promptLen + 1;
  const packed = packRows(
    prompts.map((prompt, i) => ({ prompt, completion: [drawn.tokens[i] as number] })),
    length,
  );
  /** A row's value in its last column. */
  const last = (values: ArrayLike<number>): Float32Array => {
    const padded = new Float32Array(prompts.length * length);
    for (let i = 0; i < prompts.length; i++) padded[i * length + promptLen] = values[i] as number;
    return padded;
  };
  return { ...packed, logp: last(drawn.logp), entropy: last(drawn.entropy) };
}
