/**
 * A run as an async generator of events: stages of steps, an evaluation now and then, one asynchronous packet of scalars per
 * flush. Pausing is not asking for the next event; nothing else is needed, and nothing that is reported depends on timing
 * but the speed.
 */
import * as tf from '@tensorflow/tfjs-core';
import { type Checkpoint, type RunEvent, RunFailure, type SamplePool } from '../core/events';
import { createRng } from '../core/rng';
import { type RunSpec, totalSteps } from '../core/spec';
import type { WorldContext } from '../core/world';
import { initialState, type OptimState } from '../optim/adamw';
import { learningRate } from '../optim/schedule';
import { type HostBatch, poolBatch, worldBatch } from './batch';
import { evaluate } from './evaluate';
import { type Prepared, type PreparedStage, prepare } from './lab';
import { drawPool, orderStream } from './pool';
import { createRecorder, type Recorder } from './recorder';
import { exactProbabilities, startingTheta } from './start';
import { packetNames, trainStep } from './step';

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
  /** Scalars of steps that have not been reported yet; null for none. May be called between events. */
  flush(): Promise<RunEvent | null>;
  /** Whether there is a θ yet, and so something to save. */
  hasStarted(): boolean;
  /** All that is needed to go on bit for bit. May be called between events, once the run has started. */
  checkpoint(): Promise<Checkpoint>;
  /** Frees the run's tensors. The run cannot go on after this. */
  dispose(): void;
}

/** The changing part of a run. */
interface State {
  optim: OptimState;
  reference: tf.Tensor1D;
  start: Float32Array;
  step: number;
  stage: number;
  stageStep: number;
  pool: SamplePool | null;
  rewardQueries: number;
  tokens: number;
}

/**
 * Prepares a run.
 * @throws SpecError where the spec names something that does not exist or does not fit together.
 */
export function createRun(spec: RunSpec, options: RunOptions): TrainingRun {
  const prepared = prepare(spec, options.context);
  const now = options.now ?? (() => performance.now());
  const recorder = createRecorder(now, options.deviceFailure ?? (() => null));
  let state: State | null = null;

  async function* events(): AsyncGenerator<RunEvent, void, void> {
    const total = totalSteps(spec);
    yield { type: 'started', totalSteps: total, parameters: prepared.policy.layout.size };
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
        const metrics = await recorder.flush();
        if (metrics !== null) yield metrics;
      }
      if (stageEnds) {
        nextStage(state);
        referenceProbabilities = await enumerated(prepared, state);
      }
      // Last, so that whoever stops here has seen all that this step had to show.
      yield taken;
    }
    yield { type: 'finished', step: state.step };
  }

  return {
    events,
    flush: () => recorder.flush(),
    hasStarted: () => state !== null,
    checkpoint: async () => {
      if (state === null) throw new Error('the run has not started');
      return saved(spec, state);
    },
    dispose() {
      recorder.dispose();
      if (state !== null) tf.dispose([state.optim.theta, state.optim.m, state.optim.v, state.reference]);
      state = null;
    },
  };
}

async function open(prepared: Prepared, from: Checkpoint | null): Promise<State> {
  if (from === null) {
    const theta = await startingTheta(prepared.policy, prepared.world, prepared.spec.seed);
    return {
      optim: initialState(theta),
      reference: tf.tensor1d(theta),
      start: theta,
      step: 0,
      stage: 0,
      stageStep: 0,
      pool: null,
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
    start,
    step,
    stage,
    stageStep,
    pool,
    rewardQueries,
    tokens,
  };
}

async function saved(spec: RunSpec, state: State): Promise<Checkpoint> {
  const { optim, reference, start, step, stage, stageStep, pool, rewardQueries, tokens } = state;
  const [theta, m, v, ref] = await Promise.all(
    [optim.theta, optim.m, optim.v, reference].map(async (x) => Float32Array.from(await x.data<'float32'>())),
  );
  return {
    spec,
    step,
    stage,
    stageStep,
    theta: theta as Float32Array,
    m: m as Float32Array,
    v: v as Float32Array,
    reference: ref as Float32Array,
    start,
    pool,
    rewardQueries,
    tokens,
  };
}

/** The policy's exact distribution at the start of the stage, where it can be enumerated. */
async function enumerated(prepared: Prepared, state: State): Promise<readonly number[] | null> {
  const exact = prepared.world.enumerate?.();
  if (exact === undefined) return null;
  const { prompt } = prepared.world.sample(createRng(prepared.spec.seed).fork('held-out').fork('prompts'), 'test');
  return exactProbabilities(prepared.policy, state.reference, prompt, exact);
}

/** The next stage begins with fresh moments, and the policy of this moment is its reference. */
function nextStage(state: State): void {
  const { theta, m, v } = state.optim;
  tf.dispose([state.reference, m, v]);
  state.reference = tf.clone(theta);
  state.optim = { theta, m: tf.zerosLike(theta), v: tf.zerosLike(theta) };
  state.stage += 1;
  state.stageStep = 0;
  state.pool = null;
}

async function oneStep(prepared: Prepared, stage: PreparedStage, state: State, recorder: Recorder): Promise<void> {
  const { policy } = prepared;
  const host: Record<string, number> = { learning_rate: learningRate(stage.spec.training, state.stageStep) };
  const batch = await nextBatch(prepared, stage, state, host);
  const { next, packet } = trainStep(stage, policy, state.optim, state.reference, batch, state.stageStep);
  tf.dispose([state.optim.theta, state.optim.m, state.optim.v]);
  state.optim = next;
  state.step += 1;
  state.stageStep += 1;
  state.tokens += batch.totals.tokens;
  if (stage.spec.training.source === 'samples') host.reward_queries = state.rewardQueries;
  host.num_tokens = state.tokens;
  recorder.push({ step: state.step, names: packetNames(stage), packet, host }, batch.totals.tokens);
}

async function nextBatch(prepared: Prepared, stage: PreparedStage, state: State, host: Record<string, number>): Promise<HostBatch> {
  const { policy, spec } = prepared;
  const { training } = stage.spec;
  const rng = createRng(spec.seed).fork('data').fork(state.stage);
  if (training.source === 'world') return worldBatch(stage, policy, state.optim.theta, rng.fork(state.stageStep));
  const age = state.pool === null ? 0 : state.stageStep - state.pool.drawnAt;
  if (state.pool === null || (training.refreshEvery > 0 && age >= training.refreshEvery)) {
    const drawn = await drawPool({
      policy,
      stage,
      theta: state.optim.theta,
      reference: state.reference,
      rng,
      // A stage of its own must not repeat the draws of the one before.
      seed: (spec.seed + Math.imul(state.stage, 0x9e3779b1)) >>> 0,
      stageStep: state.stageStep,
    });
    state.pool = drawn.pool;
    state.rewardQueries += drawn.pool.rows;
    Object.assign(host, drawn.metrics);
  }
  return poolBatch(stage, state.pool, state.stageStep, orderStream(spec.seed, state.stage, state.pool.drawnAt));
}

async function* look(
  prepared: Prepared,
  state: State,
  recorder: Recorder,
  referenceProbabilities: readonly number[] | null,
): AsyncGenerator<RunEvent, void, void> {
  const { spec, world, policy } = prepared;
  // After the last step of a stage the stage has not moved on yet, so its own reward and reference still apply.
  const { metrics, events } = await evaluate({
    world,
    policy,
    stage: prepared.stages[state.stage] as PreparedStage,
    seed: spec.seed,
    step: state.step,
    prompts: spec.evaluation.prompts,
    samples: spec.evaluation.samples,
    theta: state.optim.theta,
    reference: state.reference,
    start: state.start,
    referenceProbabilities,
  });
  recorder.note(state.step, metrics);
  const report = await recorder.flush();
  if (report !== null) yield report;
  yield* events;
}
