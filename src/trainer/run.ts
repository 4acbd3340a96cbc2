/**
 * A run as an async generator of events: stages of steps, an evaluation now and then, scalars in asynchronous packets that
 * training does not wait for. Pausing is not asking for the next event; nothing else is needed, and nothing that is
 * reported depends on timing but the speed.
 */
import * as tf from '@tensorflow/tfjs-core';
import { type Checkpoint, type RunEvent, RunFailure } from '../core/events';
import { createRng } from '../core/rng';
import { type RunSpec, totalSteps } from '../core/spec';
import type { WorldContext } from '../core/world';
import { freeUnusedMemory, submitRecorded } from '../kernels/memory';
import { learningRate } from '../optim/schedule';
import type { Policy } from '../policies/policy';
import { poolBatch, worldBatch } from './batch';
import { diagnose, type Learnt } from './diagnosis';
import { evaluate } from './evaluate';
import { type Prepared, type PreparedStage, prepare } from './lab';
import { drawPool, orderStream } from './pool';
import { createRecorder, type Recorder } from './recorder';
import { exactProbabilities } from './start';
import { followPolicy, nextStage, open, type State, saved, tensorsOf } from './state';
import { releaseSteps, stepNumbers, trainStep } from './step';

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
    let samples: Learnt['samples'] = null;
    if (state.step === 0) yield* look(prepared, state, recorder, referenceProbabilities, null);
    yield { type: 'opened', step: state.step };
    while (state.stage < prepared.stages.length) {
      const stage = prepared.stages[state.stage] as PreparedStage;
      const taken: RunEvent = { type: 'step', step: state.step + 1, stage: state.stage };
      const learnt = await oneStep(prepared, stage, state, recorder, samples);
      samples = learnt.samples;
      const stageEnds = state.stageStep >= stage.spec.training.steps;
      if (stageEnds || state.step % spec.evaluation.every === 0) yield* look(prepared, state, recorder, referenceProbabilities, learnt);
      else if (recorder.isDue()) {
        await recorder.turn();
        yield* said(recorder);
      }
      if (stageEnds) {
        nextStage(prepared, state);
        samples = null;
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
      const checkpoint = await saved(spec, prepared.policy.layout, state);
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

/** The policy's exact distribution at the start of the stage, where it can be enumerated. */
async function enumerated(prepared: Prepared, state: State): Promise<readonly number[] | null> {
  const exact = prepared.world.enumerate?.();
  if (exact === undefined) return null;
  const { prompt } = prepared.world.sample(createRng(prepared.spec.seed).fork('held-out').fork('prompts'), 'test');
  return exactProbabilities(prepared.policy, state.reference, prompt, exact);
}

/** @param samples as they were last drawn in the stage; null before that */
async function oneStep(
  prepared: Prepared,
  stage: PreparedStage,
  state: State,
  recorder: Recorder,
  samples: Learnt['samples'],
): Promise<Learnt> {
  const { policy } = prepared;
  const host: Record<string, number> = { learning_rate: learningRate(stage.spec.training, state.stageStep) };
  const learnt = await nextBatch(prepared, stage, state, host, samples);
  const { batch } = learnt;
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
  return learnt;
}

async function nextBatch(
  prepared: Prepared,
  stage: PreparedStage,
  state: State,
  host: Record<string, number>,
  samples: Learnt['samples'],
): Promise<Learnt> {
  const { policy, spec } = prepared;
  const { training } = stage.spec;
  const rng = createRng(spec.seed).fork('data').fork(state.stage);
  if (training.source === 'world') {
    return { batch: await worldBatch(stage, policy, state.optim.theta, rng.fork(state.stageStep)), samples: null };
  }
  let latest = samples;
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
    latest = drawn;
    state.rewardQueries += drawn.queries;
    const { count, mean } = state.seen;
    const all = count + drawn.pool.rows;
    state.seen = { count: all, mean: mean + (drawn.pool.rewards.reduce((sum, r) => sum + r, 0) - drawn.pool.rows * mean) / all };
    Object.assign(host, drawn.metrics);
    if (state.sampler !== null) host['sampling/age'] = state.stageStep - state.sampler.since;
  }
  const batch = poolBatch(stage, state.pool, state.stageStep, orderStream(spec.seed, state.stage, state.pool.drawnAt));
  return { batch, samples: latest };
}

async function* look(
  prepared: Prepared,
  state: State,
  recorder: Recorder,
  referenceProbabilities: readonly number[] | null,
  learnt: Learnt | null,
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
  const { step, reference, carried, stage: at } = state;
  const seen =
    learnt === null ? null : await diagnose({ ...learnt, policy, stage, at, step, theta: state.optim.theta, reference, carried });
  if (seen !== null) recorder.note(step, seen.metrics);
  yield* said(recorder);
  yield* events;
  if (seen !== null) yield seen.event;
}
