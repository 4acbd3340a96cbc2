/** What categorical and mlp share: a completion is a single token out of a contiguous span, the row's last column. */
import * as tf from '@tensorflow/tfjs-core';
import { sampleToken } from '../kernels/sample-token/op';
import { FREE } from '../kernels/sample-token/reference';
import type { PolicyShape, Rows, Sampled, SampleRequest, Scored } from './policy';
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

/**
 * Log-probabilities and entropies of the chosen tokens.
 * @param logits [R, K]
 */
export function scoreActions(logits: tf.Tensor2D, rows: Rows, span: ActionSpan): Scored {
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
  return { logp: padded(logp), entropy: padded(entropy) };
}

/**
 * Draws one token per prompt.
 * @param logits of the prompts' tokens [R, promptLen]: [R, K]
 */
export async function sampleActions(
  logits: (prompts: tf.Tensor2D) => tf.Tensor2D,
  request: SampleRequest,
  span: ActionSpan,
): Promise<Sampled> {
  const rows = request.prompts.length;
  const [drawn, logp] = tf.tidy(() => {
    const prompts = tf.tensor2d(request.prompts.flat(), [rows, span.promptLen], 'int32'); // [R, P]
    const scores = logits(prompts); // [R, K]
    const token = sampleToken(scores, tf.fill([rows], FREE, 'int32') as tf.Tensor1D, {
      seed: request.seed,
      step: request.step,
      position: span.promptLen,
      temperature: request.temperature,
    }); // [R]
    return [token, tf.sum(tf.mul(tf.logSoftmax(scores), tf.oneHot(token, span.count)), 1)] as const; // [R], [R]
  });
  const [tokens, logps] = await Promise.all([drawn.data(), logp.data()]);
  tf.dispose([drawn, logp]);
  const length = span.promptLen + 1;
  const packed = packRows(
    request.prompts.map((prompt, i) => ({ prompt, completion: [(tokens[i] as number) + span.first] })),
    length,
  );
  const logpRows = new Float32Array(rows * length);
  for (let i = 0; i < rows; i++) logpRows[i * length + span.promptLen] = logps[i] as number;
  return { ...packed, logp: logpRows };
}
