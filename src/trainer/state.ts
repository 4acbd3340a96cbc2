/** What changes while a run goes on, and how it is saved, opened and handed from stage to stage. */
import * as tf from '@tensorflow/tfjs-core';
import { type Checkpoint, RunFailure, type SamplePool } from '../core/events';
import type { Layout, Slice } from '../core/layout';
import type { RunSpec } from '../core/spec';
import { readAll } from '../kernels/memory';
import { initialState, type OptimState } from '../optim/adamw';
import { NOTHING_SEEN } from './draw';
import type { Prepared, PreparedStage } from './lab';
import { diverged } from './recorder';
import { startingTheta } from './start';
import { carriedBy } from './step';

/** The changing part of a run. */
export interface State {
  optim: OptimState;
  reference: tf.Tensor1D;
  /** θ at the start of the run. */
  start: tf.Tensor1D;
  step: number;
  stage: number;
  stageStep: number;
  pool: SamplePool | null;
  /** θ that samples are drawn from, and the step of the stage that it is of; null where it is the one of the moment. */
  sampler: { readonly theta: tf.Tensor1D; readonly since: number } | null;
  /** θ at the end of those stages that a later one learns from. */
  ends: Map<number, tf.Tensor1D>;
  /** What the stage's objective carries, [S]; null where nothing. */
  carried: tf.Tensor1D | null;
  /** Rewards of this stage. */
  seen: { readonly count: number; readonly mean: number };
  rewardQueries: number;
  tokens: number;
}

/** All tensors of a state. */
export const tensorsOf = ({ optim: { theta, m, v }, reference, start, sampler, ends, carried }: State): tf.Tensor[] => [
  ...[theta, m, v, reference, start],
  ...(sampler === null ? [] : [sampler.theta]),
  ...ends.values(),
  ...(carried === null ? [] : [carried]),
];

/** The state at the start of a run, or as a checkpoint has kept it. @throws RunFailure where the checkpoint is of another policy. */
export async function open(prepared: Prepared, from: Checkpoint | null): Promise<State> {
  if (from === null) {
    const theta = await startingTheta(prepared.policy, prepared.world, prepared.spec.seed);
    const start = tf.tensor1d(theta); // [n]
    return {
      optim: initialState(theta),
      // The first stage's reference: the same memory under another handle.
      reference: tf.clone(start),
      start,
      step: 0,
      stage: 0,
      stageStep: 0,
      pool: null,
      sampler: null,
      ends: new Map(),
      carried: carriedAtStart(prepared, 0),
      seen: NOTHING_SEEN,
      rewardQueries: 0,
      tokens: 0,
    };
  }
  const misfit = misfitOf(from, prepared);
  if (misfit !== null) throw new RunFailure('bad-spec', misfit);
  const { theta, m, v, reference, start, step, stage, stageStep, pool, rewardQueries, tokens } = from;
  return {
    optim: { theta: tf.tensor1d(theta), m: tf.tensor1d(m), v: tf.tensor1d(v) },
    reference: tf.tensor1d(reference),
    start: tf.tensor1d(start),
    step,
    stage,
    stageStep,
    pool,
    sampler: from.sampler == null ? null : { theta: tf.tensor1d(from.sampler.theta), since: from.sampler.since },
    ends: new Map(Object.entries(from.ends ?? {}).map(([at, end]) => [Number(at), tf.tensor1d(end)])),
    carried: from.carried == null ? carriedAtStart(prepared, stage) : tf.tensor1d(from.carried), // [S]
    seen: from.seen ?? NOTHING_SEEN,
    rewardQueries,
    tokens,
  };
}

/** Policies whose parameters lay in another order before checkpoints noted how theirs lie: those cannot be told apart. */
const REORDERED: readonly string[] = ['mlp'];

/** Why the numbers of a checkpoint are not this policy's, in a sentence; null where they are. */
function misfitOf({ theta, layout }: Checkpoint, { policy, spec }: Prepared): string | null {
  if (theta.length !== policy.layout.size) {
    return `The checkpoint has ${theta.length} parameters and the policy has ${policy.layout.size}: it belongs to another spec.`;
  }
  if (layout === undefined) {
    return REORDERED.includes(spec.policy.id)
      ? 'The checkpoint is from an earlier version and does not say in which order its parameters lie, which has changed since. Train the run anew.'
      : null;
  }
  for (let i = 0; i < Math.max(layout.slices.length, policy.layout.slices.length); i++) {
    const [theirs, ours] = [inWords(layout.slices[i]), inWords(policy.layout.slices[i])];
    if (theirs !== ours)
      return `The checkpoint has ${theirs} where the policy has ${ours}: it is from another version. Train the run anew.`;
  }
  return null;
}

const inWords = (slice: Slice | undefined): string =>
  slice === undefined ? 'nothing' : `${slice.name} of ${slice.shape.join(' x ')} at ${slice.offset}`;

function carriedAtStart({ stages }: Prepared, stage: number): tf.Tensor1D | null {
  const at = stages[stage];
  return at === undefined || carriedBy(at).length === 0 ? null : tf.tensor1d([...carriedBy(at)]); // [S]
}

/** All of a state. @throws RunFailure where a number in it is not finite. */
export async function saved(spec: RunSpec, layout: Layout, state: State): Promise<Checkpoint> {
  const { step, stage, stageStep, pool, sampler, ends, carried, seen, rewardQueries, tokens } = state;
  const vectors = tensorsOf(state);
  const all = await readAll(vectors); // [5 n + ...]
  // The last step's loss and gradient may be finite and what it made of θ not.
  if (!allFinite(all)) throw diverged('a parameter is not a number', step);
  let offset = 0;
  const read = vectors.map(({ size }) => {
    offset += size;
    return all.slice(offset - size, offset);
  });
  const take = (): Float32Array => read.shift() as Float32Array;
  const [theta, m, v, reference, start] = [take(), take(), take(), take(), take()];
  return {
    ...{ spec, layout, step, stage, stageStep, theta, m, v, reference, start, pool },
    // In the order of `tensorsOf`.
    sampler: sampler === null ? null : { theta: take(), since: sampler.since },
    ends: Object.fromEntries([...ends.keys()].map((at) => [at, take()])),
    carried: carried === null ? null : take(),
    ...{ seen, rewardQueries, tokens },
  };
}

function allFinite(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

/** The next stage begins with fresh moments, and the policy that it begins with is its reference. */
export function nextStage(prepared: Prepared, state: State): void {
  const { theta, m, v } = state.optim;
  const next = prepared.stages[state.stage + 1];
  if (prepared.kept.has(state.stage)) state.ends.set(state.stage, tf.clone(theta));
  const from = next?.begins ?? state.stage;
  const isFresh = from !== state.stage;
  const begun = isFresh ? tf.clone(from < 0 ? state.start : (state.ends.get(from) as tf.Tensor1D)) : theta; // [n]
  tf.dispose([state.reference, m, v, ...(isFresh ? [theta] : []), ...drawnFrom(state)]);
  if (state.carried !== null) state.carried.dispose();
  state.reference = tf.clone(begun);
  state.optim = { theta: begun, m: tf.zerosLike(begun), v: tf.zerosLike(begun) };
  state.stage += 1;
  state.stageStep = 0;
  state.pool = null;
  state.sampler = null;
  state.carried = carriedAtStart(prepared, state.stage);
  state.seen = NOTHING_SEEN;
}

const drawnFrom = ({ sampler }: State): tf.Tensor[] => (sampler === null ? [] : [sampler.theta]);

/** Before samples are drawn: the sampler takes over θ where it is due, and otherwise stays as old as it is. */
export function followPolicy(stage: PreparedStage, state: State): void {
  const { syncEvery } = stage.spec.training;
  if (syncEvery === 1) return;
  const { sampler, stageStep } = state;
  if (sampler !== null && (syncEvery === 0 || stageStep - sampler.since < syncEvery)) return;
  sampler?.theta.dispose();
  state.sampler = { theta: tf.clone(state.optim.theta), since: stageStep };
}
