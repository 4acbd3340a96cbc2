/**
 * Stock TensorFlow.js as it comes: autograd over library ops, `tf.train.adam().minimize`, and sampling that runs the whole
 * forward pass again for every token. It runs on the lab's device with the flags that the library ships with.
 */
import * as tf from '@tensorflow/tfjs-core';
import { WORKLOADS } from '../core/bench';
import { createRng } from '../core/rng';
import { EOS } from '../core/world';
import type { HostRows } from '../policies/rows';
import { completionsOf } from '../trainer/samples';
import type { BenchEngine, BenchSession, OnPolicyTask, Outcome, Task } from './engine';
import { type StockModel, stockModel } from './stock-models';

/** Stock TensorFlow.js on the current backend. */
export const stockEngine: BenchEngine = { id: 'tfjs', workloads: WORKLOADS, open: async (task) => session(task) };

/** What `flags_webgpu` of tfjs 4.22 registers; the lab's device sets others. */
const STOCK_FLAGS = { WEBGPU_CPU_FORWARD: true, WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE: 15 } as const;

/** Runs some work under the library's own flags. Only one engine works at a time. */
async function withStockFlags<T>(work: () => Promise<T>): Promise<T> {
  const before = Object.keys(STOCK_FLAGS).map((flag) => [flag, tf.env().get(flag)] as const);
  for (const [flag, value] of Object.entries(STOCK_FLAGS)) tf.env().set(flag, value);
  try {
    return await work();
  } finally {
    for (const [flag, value] of before) tf.env().set(flag, value);
  }
}

const SEED = 7;

function session(task: Task): BenchSession {
  const model = stockModel(task);
  const { lr, beta1, beta2, epsilon } = task.stage.spec.training;
  const adam = tf.train.adam(lr, beta1, beta2, epsilon);
  let loss: tf.Scalar | null = null;
  let tokens: Int32Array | null = null; // [R, T]
  let taken = 0;

  const minimise = (lossOf: () => tf.Scalar): void => {
    const before = loss;
    loss = adam.minimize(lossOf, true, [...model.variables]);
    before?.dispose();
  };

  return {
    step: () =>
      withStockFlags(async () => {
        if (task.kind === 'train') {
          const { rows } = task.batch;
          minimise(() => imitationLoss(model, rows, task.policy.shape.vocabSize));
        } else if (task.kind === 'rollout') tokens = await complete(model, task.prompts, task.newTokens, SEED + taken);
        else {
          const batch = await sampleBatch(model, task, taken);
          minimise(() => policyLoss(model, batch, task.policy.shape.promptLen));
        }
        taken += 1;
      }),
    settle: () =>
      withStockFlags(async (): Promise<Outcome> => {
        if (loss !== null) return { kind: 'loss', loss: (await loss.data())[0] as number };
        if (tokens === null) throw new Error('no step has been taken');
        return { kind: 'tokens', tokens };
      }),
    probe: (rows) =>
      withStockFlags(async () => {
        const mean = tf.tidy(() => {
          const { promptLen } = task.policy.shape;
          const mask = completionMask(rows, promptLen);
          return tf.neg(tf.div(tf.sum(tf.mul(tokenLogProbs(model, rows, promptLen), mask)), tf.sum(mask))); // []
        });
        const [value = Number.NaN] = await mean.data();
        mean.dispose();
        return value;
      }),
    dispose() {
      model.dispose();
      adam.dispose();
      loss?.dispose();
    },
  };
}

/** Cross-entropy of every token but the first, as the library computes it. */
function imitationLoss(model: StockModel, { rows, length, tokens }: HostRows, vocabSize: number): tf.Scalar {
  const all = tf.tensor2d(tokens, [rows, length], 'int32'); // [R, T]
  const targets = tf.oneHot(tf.cast(tf.slice2d(all, [0, 1], [rows, length - 1]), 'int32'), vocabSize); // [R, T-1, V]
  return tf.losses.softmaxCrossEntropy(targets, model.logits(all, 0, length - 1)) as tf.Scalar;
}

/** Log-probabilities of the tokens after the prompts: [R, T - promptLen]. */
function tokenLogProbs(model: StockModel, { rows, length, tokens }: HostRows, promptLen: number): tf.Tensor2D {
  const all = tf.tensor2d(tokens, [rows, length], 'int32'); // [R, T]
  const count = length - promptLen;
  const logProbs = tf.logSoftmax(model.logits(all, promptLen - 1, count)); // [R, count, K]
  const chosen = tf.cast(tf.sub(tf.slice2d(all, [0, promptLen], [rows, count]), model.firstToken), 'int32') as tf.Tensor2D; // [R, count]
  return tf.sum(tf.mul(logProbs, tf.oneHot(chosen, logProbs.shape[2])), 2); // [R, count]
}

const completionMask = ({ rows, length, mask }: HostRows, promptLen: number): tf.Tensor2D =>
  tf.slice2d(tf.tensor2d(mask, [rows, length]), [0, promptLen], [rows, length - promptLen]); // [R, T - promptLen]

/**
 * The stock loop: append the drawn token and run the whole row again. Draws by Gumbel-max: `tf.multinomial` would be the
 * obvious call, and on WebGPU its first draw of every row is outcome 0. Tokens stay on the device until the end, which is the
 * best that this loop can do.
 * @returns [R, prompt + count]
 */
async function complete(model: StockModel, prompts: readonly (readonly number[])[], count: number, seed: number): Promise<Int32Array> {
  let tokens = tf.tensor2d(prompts.flat(), [prompts.length, prompts[0]?.length ?? 0], 'int32'); // [R, t]
  for (let i = 0; i < count; i++) {
    const longer = tf.tidy(() => {
      const [rows, length] = tokens.shape;
      const logits = tf.reshape(model.logits(tokens, length - 1, 1), [rows, -1]); // [R, K]
      const uniform = tf.randomUniform(logits.shape, 1e-7, 1, 'float32', seed * count + i); // [R, K]
      const gumbel = tf.neg(tf.log(tf.neg(tf.log(uniform)))); // [R, K]
      const drawn = tf.add(tf.argMax(tf.add(logits, gumbel), 1), model.firstToken); // [R]
      return tf.concat2d([tokens, tf.reshape(tf.cast(drawn, 'int32'), [rows, 1])], 1); // [R, t + 1]
    });
    tokens.dispose();
    tokens = longer;
  }
  const values = Int32Array.from(await tokens.data<'int32'>());
  tokens.dispose();
  return values;
}

/** Rows with the advantage of each, [R]. */
interface ScoredRows {
  readonly rows: HostRows;
  readonly advantages: Float32Array;
}

/** Draws groups of completions, scores them on the host and compares each with its group. */
async function sampleBatch(model: StockModel, { policy, stage }: OnPolicyTask, taken: number): Promise<ScoredRows> {
  const { prompts, group } = stage.spec.training;
  const { promptLen, maxLen: length } = policy.shape;
  const stream = createRng(SEED).fork('prompts').fork(taken);
  const examples = Array.from({ length: prompts }, () => stage.world.sample(stream, 'train')).flatMap((example) =>
    Array.from({ length: group }, () => example),
  );
  const rows = examples.length;
  const drawn = examples.map(({ prompt }) => prompt);
  const tokens = await complete(model, drawn, length - promptLen, SEED + taken);
  const mask = Float32Array.from(tokens, (_, i) => {
    const column = i % length;
    const before = tokens.subarray(i - column + promptLen, i);
    return column >= promptLen && !before.includes(EOS) ? 1 : 0;
  });
  const nothing = new Float32Array(0);
  const written = completionsOf(stage.world, examples, { rows, length, tokens, mask, logp: nothing, entropy: nothing });
  const rewards = written.map((completion, row) => stage.score(examples[row] as (typeof examples)[number], completion, NO_FACTS).total);
  const advantages = Float32Array.from(rewards, (reward, row) => {
    const first = row - (row % group);
    const peers = rewards.slice(first, first + group);
    const mean = peers.reduce((sum, r) => sum + r, 0) / group;
    const deviation = Math.sqrt(peers.reduce((sum, r) => sum + (r - mean) ** 2, 0) / (group - 1));
    return (reward - mean) / (deviation + 1e-4);
  });
  return { rows: { rows, length, tokens, mask }, advantages };
}

/** The workload's reward asks no model. */
const NO_FACTS = { logp: [], refLogp: [], models: [] };

/** -mean over completion tokens of A log pi: the gradient of GRPO's loss where every sample is fresh and the ratio is 1. */
function policyLoss(model: StockModel, { rows, advantages }: ScoredRows, promptLen: number): tf.Scalar {
  const mask = completionMask(rows, promptLen); // [R, C]
  const weighted = tf.mul(tf.mul(tokenLogProbs(model, rows, promptLen), tf.reshape(tf.tensor1d(advantages), [-1, 1])), mask); // [R, C]
  return tf.neg(tf.div(tf.sum(weighted), tf.sum(mask))) as tf.Scalar;
}
