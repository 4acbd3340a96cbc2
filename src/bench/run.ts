/** The bench: engines beside each other on the same tasks, in interleaved rounds. */
import type { EngineFigures, WorkloadId, WorkloadResult } from '../core/bench';
import { freeUnusedMemory } from '../kernels/memory';
import { compareOutcomes, compareProbes } from './check';
import type { BenchEngine, BenchSession, Outcome, Task } from './engine';
import { countWork, timeWork, type Work } from './measure';
import { median, medianRatio, range } from './statistics';
import { buildTask } from './workloads';

/** What to run. */
export interface BenchPlan {
  /** The lab first. */
  readonly engines: readonly BenchEngine[];
  readonly workloads: readonly WorkloadId[];
  /** Timed rounds, at least `FEWEST_ROUNDS`. */
  readonly rounds: number;
  /** Called as the bench goes on, with a fraction in [0, 1]. */
  readonly report?: (done: number, text: string) => void;
  /** The failure of the device, once there is one; asked before any number is believed. */
  readonly deviceFailure?: () => Error | null;
}

/** Rounds that a median is taken of, at least. */
export const FEWEST_ROUNDS = 3;
/** A workload whose rounds are longer than this gets no more than the fewest. */
const LONG_ROUND_MS = 20_000;
/** Steps follow one another in a round until about this time has passed, so that a short step is not lost in the wait for the device. */
const ROUND_MS = 300;
const MOST_STEPS = 20;

/**
 * Runs the workloads one after another. Of every engine the first step is timed with all that it compiles, the second is
 * counted (without the reading of its loss), and then the rounds are timed; within a round every engine takes its steps, in
 * an order that turns from round to round.
 * @throws BenchMismatch where the engines do not compute the same
 */
export async function runBench(plan: BenchPlan): Promise<WorkloadResult[]> {
  const results: WorkloadResult[] = [];
  for (const [i, id] of plan.workloads.entries()) {
    const report = (done: number, text: string): void => plan.report?.((i + done) / plan.workloads.length, `${id}: ${text}`);
    results.push(await runTask(buildTask(id), { ...plan, report }));
  }
  return results;
}

/** One engine at the task at hand. */
interface Contestant {
  readonly engine: BenchEngine;
  readonly session: BenchSession;
  firstStepMs: number;
  work: Work | null;
  /** Steps in a round. */
  steps: number;
  readonly stepMs: number[];
  readonly encodeMs: number[];
}

/** Runs one task. @throws BenchMismatch where the engines do not compute the same */
export async function runTask(
  task: Task,
  { engines, rounds, report = () => {}, deviceFailure = () => null }: Omit<BenchPlan, 'workloads'>,
): Promise<WorkloadResult> {
  if (engines[0]?.id !== 'lab') throw new Error('the bench compares with the lab, which has to be the first engine');
  const entered: Contestant[] = [];
  const all = Math.max(FEWEST_ROUNDS, rounds);
  try {
    for (const engine of engines.filter(({ workloads }) => workloads.includes(task.id))) {
      report(0, `${engine.id} starts`);
      const session = await engine.open(task);
      entered.push({ engine, session, firstStepMs: 0, work: null, steps: 1, stepMs: [], encodeMs: [] });
    }
    const estimate = await warmUp(task, entered, (done, text) => report(done * WARM_UP_SHARE, text));
    const planned = estimate > LONG_ROUND_MS ? FEWEST_ROUNDS : all;
    for (let round = 0; round < planned; round++) {
      for (let i = 0; i < entered.length; i++) {
        const contestant = entered[(i + round) % entered.length] as Contestant;
        const done = (round + i / entered.length) / planned;
        report(WARM_UP_SHARE + done * (1 - WARM_UP_SHARE), `round ${round + 1} of ${planned}, ${contestant.engine.id}`);
        await timeRound(contestant);
      }
    }
    await compareModels(task, entered);
    const failure = deviceFailure();
    if (failure !== null) throw failure;
    return resultOf(task, entered);
  } finally {
    for (const { session } of entered) session.dispose();
    freeUnusedMemory();
  }
}

/** How much of a task's progress the steps before the rounds are. */
const WARM_UP_SHARE = 0.3;

/** The first two steps of every engine, compared with the lab's. Answers the milliseconds of a round. */
async function warmUp(task: Task, entered: readonly Contestant[], report: (done: number, text: string) => void): Promise<number> {
  let roundMs = 0;
  const outcomes: Outcome[] = [];
  for (const [i, contestant] of entered.entries()) {
    const { engine, session } = contestant;
    report(i / entered.length, `${engine.id} takes its first step`);
    const first = await timeWork(() => settled(session));
    contestant.firstStepMs = first.ms;
    report((i + 0.5) / entered.length, `${engine.id} takes its second step`);
    const start = performance.now();
    const { work } = await countWork(() => session.step());
    const outcome = await session.settle();
    const ms = performance.now() - start;
    contestant.work = work;
    contestant.steps = Math.min(MOST_STEPS, Math.max(1, Math.round(ROUND_MS / ms)));
    roundMs += ms * contestant.steps;
    const own = [first.value, outcome];
    if (i === 0) outcomes.push(...own);
    for (const [step, outcome] of own.entries()) await compareOutcomes(task, engine.id, step, outcome, outcomes[step] as Outcome);
  }
  return roundMs;
}

async function settled(session: BenchSession): Promise<Outcome> {
  await session.step();
  return session.settle();
}

/** Every engine, started anew, scores the same rows. At the end, so that this neither compiles nor frees what is to be timed. */
async function compareModels(task: Task, entered: readonly Contestant[]): Promise<void> {
  let lab = Number.NaN;
  for (const { engine } of entered) {
    const fresh = await engine.open(task);
    try {
      const value = await fresh.probe(task.probe);
      if (engine.id === 'lab') lab = value;
      compareProbes(task, engine.id, value, lab);
    } finally {
      fresh.dispose();
    }
  }
}

async function timeRound({ session, steps, stepMs, encodeMs }: Contestant): Promise<void> {
  const times = await timeWork(async () => {
    for (let i = 0; i < steps; i++) await session.step();
    await session.settle();
  });
  stepMs.push(times.ms / steps);
  encodeMs.push(times.encodeMs / steps);
}

function resultOf(task: Task, [lab, ...others]: readonly Contestant[]): WorkloadResult {
  if (lab === undefined) throw new Error('the bench compares with the lab, which does not do this workload');
  const engines = Object.fromEntries(others.map((one) => [one.engine.id, figuresOf(task, one)]));
  const ratio = Object.fromEntries(others.map(({ engine, stepMs }) => [engine.id, medianRatio(stepMs, lab.stepMs)]));
  return { name: task.id, engines: { ...engines, lab: figuresOf(task, lab) }, ratio };
}

function figuresOf(task: Task, { work, firstStepMs, stepMs, encodeMs }: Contestant): EngineFigures {
  if (work === null) throw new Error('an engine was timed before it was counted');
  const ms = median(stepMs);
  return {
    ...work,
    encodeMs: median(encodeMs),
    stepMs: ms,
    stepMsRange: range(stepMs),
    firstStepMs,
    tokensPerSecond: (1000 * task.tokens) / ms,
  };
}
