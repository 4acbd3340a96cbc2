/**
 * A run as an async generator of events: stages of steps, an evaluation now and then, scalars in asynchronous packets that
 * training does not wait for. Pausing is not asking for the next event; nothing else is needed, and nothing that is
 * reported depends on timing but the speed.
 */
import * as tf from '@tensorflow/tfjs-core';
import { type Checkpoint, type RunEvent, RunFailure, type SamplePool } from '../core/events';
import { createRng } from '../core/rng';
import { type RunSpec, totalSteps } from '../core/spec';
import type { WorldContext } from '../core/world';
import { freeUnusedMemory, readAll, submitRecorded } from '../kernels/memory';
import { initialState, type OptimState } from '../optim/adamw';
import { learningRate } from '../optim/schedule';
import type { Policy } from '../policies/policy';
import { type HostBatch, poolBatch, worldBatch } from './batch';
import { evaluate } from './evaluate';
import { type Prepared, type PreparedStage, prepare } from './lab';
import { drawPool, NOTHING_SEEN, orderStream } from './pool';
import { createRecorder, diverged, type Recorder } from './recorder';
import { exactProbabilities, startingTheta } from './start';
import { carriedBy, releaseSteps, stepNumbers, trainStep } from './step';

/** What a run needs from outside. */
export interface RunOptions {
  readonly context: WorldContext;
  readonly from?: Checkpoint | null;
  /** The failure of the device, once there is one; asked before any number is believed. */
  readonly deviceFailure?: () => RunFailure | null;
  /** Milliseconds, for speed only. */
  readonly now?: () => number;
}

export interface TrainingRun {
  /** The events, once. */
  events(): AsyncGenerator<RunEvent, void, void>;
  /**
   * Scalars of steps that have not been reported yet; null for none. May be called between events.
   * @throws RunFailure where there is nothing to report any more because the run has failed
   */
  flush(): Promise<RunEvent | null>;
  /** Whether there is a θ yet, and so something to save. */
  hasStarted(): boolean;
  /**
   * All that is needed to go on bit for bit. May be called between events, once the run has started.
   * @throws RunFailure where a step up to this one has diverged or the device has failed: then the one before is the last
   */
  checkpoint(): Promise<Checkpoint>;
  /** Frees the run's memory, on the device too. The run cannot go on after this. */
  dispose(): void;
}

/** The changing part of a run. */
interface State {
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
const tensorsOf = ({ optim: { theta, m, v }, reference, start, sampler, ends, carried }: State): tf.Tensor[] => [
  ...[theta, m, v, reference, start],
  ...(sampler === null ? [] : [sampler.theta]),
  ...ends.values(),
  ...(carried === null ? [] : [carried]),
];

/**
 * Prepares a run.
 * @throws SpecError where the spec names something that does not exist or does not fit together.
 */
export function createRun(spec: RunSpec, options: RunOptions): TrainingRun {
  const prepared = prepare(spec, options.context);
  const now = options.now ?? (() => performance.now());
  const deviceFailure = options.deviceFailure ?? (() => null);
  const recorder = createRecorder(now, deviceFailure);
  let state: State | null = null;

  async function* events(): AsyncGenerator<RunEvent, void, void> {
    const total = totalSteps(spec);
    yield { type: 'started', totalSteps: total, parameters: prepared.policy.layout.size };
    yield* compiled(prepared.policy, deviceFailure);
    state = await open(prepared, options.from ?? null);
    let referenceProbabilities = await enumerated(prepared, state);
    if (state.step === 0) yield* look(prepared, state, recorder, referenceProbabilities);
    yield { type: 'opened', step: state.step };
    while (state.stage < prepared.stages.length) {
      const stage = prepared.stages[state.stage] as PreparedStage;
      const taken: RunEvent = { type: 'step', step: state.step + 1, stage: state.stage };
      await oneStep(prepared, stage, state, recorder);
      const stageEnds = state.stageStep >= stage.spec.training.steps;
      if (stageEnds || state.step % spec.evaluation.every === 0) yield* look(prepared, state, recorder, referenceProbabilities);
      else if (recorder.isDue()) {
        await recorder.turn();
        yield* said(recorder);
      }
      if (stageEnds) {
        nextStage(prepared, state);
        referenceProbabilities = await enumerated(prepared, state);
      }
      // Last, so that whoever stops here has seen all that this step had to show.
      yield taken;
    }
    yield { type: 'finished', step: state.step };
  }

  return {
    events,
    async flush() {
      await recorder.settle();
      const report = recorder.report();
      if (report === null) recorder.assertSound();
      return report;
    },
    hasStarted: () => state !== null,
    checkpoint: async () => {
      if (state === null) throw new Error('the run has not started');
      await recorder.settle();
      recorder.assertSound();
      const checkpoint = await saved(spec, state);
      // A device that was lost meanwhile reads zeros; the checkpoint before is the good one.
      const failure = deviceFailure();
      if (failure !== null) throw failure;
      return checkpoint;
    },
    dispose() {
      recorder.dispose();
      if (state !== null) tf.dispose(tensorsOf(state));
      state = null;
      // Nothing that is recorded may use what is freed now.
      submitRecorded();
      prepared.policy.release?.();
      for (const stage of prepared.stages) releaseSteps(stage);
      freeUnusedMemory();
    },
  };
}

/** What has arrived since the last report. */
function* said(recorder: Recorder): Generator<RunEvent, void, void> {
  const report = recorder.report();
  if (report !== null) yield report;
  recorder.assertSound();
}

/** Compiles the policy's shaders. */
async function* compiled(policy: Policy, deviceFailure: () => RunFailure | null): AsyncGenerator<RunEvent, void, void> {
  if (policy.prepare === undefined) return;
  let latest: RunEvent | null = null;
  let wake = (): void => {};
  let isReady = false;
  const preparing = policy
    .prepare((done, total) => {
      latest = { type: 'preparing', done, total };
      wake();
    })
    .catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      throw deviceFailure() ?? new RunFailure('gpu-error', `The graphics device could not compile a shader: ${why}`);
    })
    .finally(() => {
      isReady = true;
      wake();
    });
  // Awaited below, once its last word has been passed on.
  preparing.catch(() => {});
  while (!isReady || latest !== null) {
    if (latest === null) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      continue;
    }
    const event: RunEvent = latest;
    latest = null;
    yield event;
  }
  await preparing;
}

async function open(prepared: Prepared, from: Checkpoint | null): Promise<State> {
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
  if (from.theta.length !== prepared.policy.layout.size) {
    throw new RunFailure(
      'bad-spec',
      `The checkpoint has ${from.theta.length} parameters and the policy has ${prepared.policy.layout.size}: it belongs to another spec.`,
    );
  }
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

function carriedAtStart({ stages }: Prepared, stage: number): tf.Tensor1D | null {
  const at = stages[stage];
  return at === undefined || carriedBy(at).length === 0 ? null : tf.tensor1d([...carriedBy(at)]); // [S]
}

async function saved(spec: RunSpec, state: State): Promise<Checkpoint> {
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
    ...{ spec, step, stage, stageStep, theta, m, v, reference, start, pool },
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

/** The policy's exact distribution at the start of the stage, where it can be enumerated. */
async function enumerated(prepared: Prepared, state: State): Promise<readonly number[] | null> {
  const exact = prepared.world.enumerate?.();
  if (exact === undefined) return null;
  const { prompt } = prepared.world.sample(createRng(prepared.spec.seed).fork('held-out').fork('prompts'), 'test');
  return exactProbabilities(prepared.policy, state.reference, prompt, exact);
}

/** The next stage begins with fresh moments, and the policy that it begins with is its reference. */
function nextStage(prepared: Prepared, state: State): void {
  const { theta, m, v } = state.optim;
  const next = prepared.stages[state.stage + 1];
  if (prepared.kept.has(state.stage)) state.ends.set(state.stage, tf.clone(theta));
  const isFresh = next?.spec.training.begin === 'start';
  const begun = isFresh ? tf.clone(state.start) : theta; // [n]
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

async function oneStep(prepared: Prepared, stage: PreparedStage, state: State, recorder: Recorder): Promise<void> {
  const { policy } = prepared;
  const host: Record<string, number> = { learning_rate: learningRate(stage.spec.training, state.stageStep) };
  const batch = await nextBatch(prepared, stage, state, host);
  const { next, carried, packet } = trainStep(stage, policy, state.optim, state.reference, batch, state.stageStep, state.carried);
  tf.dispose([state.optim.theta, state.optim.m, state.optim.v, ...(state.carried === null ? [] : [state.carried])]);
  state.optim = next;
  state.carried = carried;
  state.step += 1;
  state.stageStep += 1;
  state.tokens += batch.totals.tokens;
  if (stage.spec.training.source === 'samples') host.reward_queries = state.rewardQueries;
  host.num_tokens = state.tokens;
  recorder.push({ step: state.step, packet, read: (values) => stepNumbers(stage, values), host, tokens: batch.totals.tokens });
}

async function nextBatch(prepared: Prepared, stage: PreparedStage, state: State, host: Record<string, number>): Promise<HostBatch> {
  const { policy, spec } = prepared;
  const { training } = stage.spec;
  const rng = createRng(spec.seed).fork('data').fork(state.stage);
  if (training.source === 'world') return worldBatch(stage, policy, state.optim.theta, rng.fork(state.stageStep));
  const age = state.pool === null ? 0 : state.stageStep - state.pool.drawnAt;
  if (state.pool === null || (training.refreshEvery > 0 && age >= training.refreshEvery)) {
    followPolicy(stage, state);
    const drawn = await drawPool({
      policy,
      stage,
      theta: state.optim.theta,
      sampler: state.sampler?.theta ?? state.optim.theta,
      models: { reference: state.reference, ends: state.ends },
      seen: state.seen,
      rng,
      // A stage of its own must not repeat the draws of the one before.
      seed: (spec.seed + Math.imul(state.stage, 0x9e3779b1)) >>> 0,
      stageStep: state.stageStep,
    });
    state.pool = drawn.pool;
    state.rewardQueries += drawn.queries;
    const { count, mean } = state.seen;
    const all = count + drawn.pool.rows;
    state.seen = { count: all, mean: mean + (drawn.pool.rewards.reduce((sum, r) => sum + r, 0) - drawn.pool.rows * mean) / all };
    Object.assign(host, drawn.metrics);
    if (state.sampler !== null) host['sampling/age'] = state.stageStep - state.sampler.since;
  }
  return poolBatch(stage, state.pool, state.stageStep, orderStream(spec.seed, state.stage, state.pool.drawnAt));
}

/** Before samples are drawn: the sampler takes over θ where it is due, and otherwise stays as old as it is. */
function followPolicy(stage: PreparedStage, state: State): void {
  const { syncEvery } = stage.spec.training;
  if (syncEvery === 1) return;
  const { sampler, stageStep } = state;
  if (sampler !== null && (syncEvery === 0 || stageStep - sampler.since < syncEvery)) return;
  sampler?.theta.dispose();
  state.sampler = { theta: tf.clone(state.optim.theta), since: stageStep };
}

async function* look(
  prepared: Prepared,
  state: State,
  recorder: Recorder,
  referenceProbabilities: readonly number[] | null,
): AsyncGenerator<RunEvent, void, void> {
  const { spec, world, policy } = prepared;
  const stage = prepared.stages[state.stage] as PreparedStage;
  // A policy that has diverged is not looked at.
  await recorder.settle();
  if (!recorder.isSound()) yield* said(recorder);
  // After the last step of a stage the stage has not moved on yet, so its own reward and reference still apply.
  const { metrics, events } = await evaluate({
    world,
    policy,
    stage,
    seed: spec.seed,
    step: state.step,
    prompts: spec.evaluation.prompts,
    samples: spec.evaluation.samples,
    theta: state.optim.theta,
    reference: state.reference,
    ends: state.ends,
    start: state.start,
    stageEnds: state.stageStep >= stage.spec.training.steps,
    referenceProbabilities,
  });
  recorder.note(state.step, metrics);
  yield* said(recorder);
  yield* events;
}
