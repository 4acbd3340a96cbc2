/** Completions drawn from a policy, read as words and judged. */
import * as tf from '@tensorflow/tfjs-core';
import type { Facts, Score } from '../core/reward';
import { type Completion, EOS, type Example, type WorldInstance } from '../core/world';
import type { HeadOutput } from '../objectives/objective';
import type { Policy, Sampled } from '../policies/policy';
import { type HostRows, toRows } from '../policies/rows';
import { completionOf } from '../worlds/text';
import type { PreparedStage } from './lab';

/** Flat vectors that a stage may consult beside the policy that it trains. */
export interface Models {
  /** θ of the policy at the start of the stage. */
  readonly reference: tf.Tensor1D;
  /** θ at the end of earlier stages, by stage. */
  readonly ends: ReadonlyMap<number, tf.Tensor1D>;
}

/** What was written in each row. */
export function completionsOf(world: WorldInstance, examples: readonly Example[], sampled: Sampled): Completion[] {
  const couldEnd = world.sampleable === undefined || world.sampleable.includes(EOS);
  return examples.map(({ prompt }, row) => {
    const start = row * sampled.length + prompt.length;
    const end = Math.min((row + 1) * sampled.length, start + world.completionLength);
    return completionOf(world.vocab, sampled.tokens.subarray(start, end), couldEnd);
  });
}

/** Words of a prompt, without its special tokens. */
export function wordsOf({ vocab }: Pick<WorldInstance, 'vocab'>, tokens: readonly number[]): string {
  return tokens
    .slice(1)
    .map((token) => vocab.tokens[token] ?? '')
    .join(vocab.joiner);
}

/** Rows with what the policy that is trained says of them, [rows, length]. */
export interface ScoredRows extends HostRows {
  readonly logp: Float32Array;
}

/**
 * Scores completions by the stage's reward, consulting the reference and reward models where it asks for them.
 * @param rows the completions after their prompts, in the order of `examples`
 */
export async function scoreRows(
  stage: PreparedStage,
  policy: Policy,
  examples: readonly Example[],
  completions: readonly Completion[],
  rows: ScoredRows,
  { reference, ends }: Models,
): Promise<Score[]> {
  const { needs } = stage;
  const refLogp = needs.reference ? await logpOf(policy, reference, rows) : null;
  const models: Float32Array[] = [];
  for (const model of needs.models) models.push(await modelScores(policy, ends.get(model) as tf.Tensor1D, rows));
  return completions.map((completion, row) => {
    const facts: Facts = {
      logp: maskedOf(rows, rows.logp, row),
      refLogp: refLogp === null ? [] : maskedOf(rows, refLogp, row),
      models: models.map((scores) => scores[row] as number),
    };
    return stage.score(examples[row] as Example, completion, facts);
  });
}

/** [rows, length] log-probabilities under θ. */
export async function logpOf(policy: Policy, theta: tf.Tensor1D, rows: HostRows): Promise<Float32Array> {
  const logp = tf.tidy(() => policy.score(theta, toRows(rows)).logp); // [R, T]
  const values = Float32Array.from(await logp.data<'float32'>());
  logp.dispose();
  return values;
}

/** [rows] What a reward model says of each completion. */
async function modelScores(policy: Policy, theta: tf.Tensor1D, host: HostRows): Promise<Float32Array> {
  const scores = tf.tidy(() => {
    const rows = toRows(host);
    return headOutput(policy.score(theta, rows).head as tf.Tensor2D, rows.mask).scores; // [R]
  });
  const values = Float32Array.from(await scores.data<'float32'>());
  scores.dispose();
  return values;
}

/**
 * A policy's head as objectives want it. The head speaks after each token; the value of the state that a token is chosen in
 * stands one place to the left, and a completion's score at its last token.
 * @param head [R, T]
 * @param mask [R, T]
 */
export function headOutput(head: tf.Tensor2D, mask: tf.Tensor2D): HeadOutput {
  const [rows, length] = mask.shape;
  const before = tf.pad2d(tf.slice2d(head, [0, 0], [rows, length - 1]), [
    [0, 0],
    [1, 0],
  ]); // [R, T]
  const next = tf.pad2d(tf.slice2d(mask, [0, 1], [rows, length - 1]), [
    [0, 0],
    [0, 1],
  ]); // [R, T]
  const last = tf.mul(mask, tf.sub(1, next)); // [R, T]
  return { values: tf.mul(before, mask), scores: tf.sum(tf.mul(head, last), 1) }; // [R, T], [R]
}

function maskedOf({ mask, length }: HostRows, values: Float32Array, row: number): number[] {
  const kept: number[] = [];
  for (let at = row * length; at < (row + 1) * length; at++) if (mask[at] === 1) kept.push(values[at] as number);
  return kept;
}
