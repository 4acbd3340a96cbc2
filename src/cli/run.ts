/** `run`: an experiment's arms or one spec, over seeds. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { RunFailure } from '../core/events';
import type { Experiment } from '../core/experiment';
import { SpecError } from '../core/params';
import { resolveSpec } from '../core/resolve';
import type { Result, RunRecord } from '../core/result';
import { type RunSpec, totalSteps } from '../core/spec';
import { judge, type Outcome } from '../core/verdict';
import type { WorldContext } from '../core/world';
import { runComposed } from '../policies/fused';
import { catalogue } from '../trainer/catalogue';
import { OwnFault } from '../trainer/own-source';
import { createRun, type TrainingRun } from '../trainer/run';
import type { Device } from '../worker/device';
import type { DeviceInfo } from '../worker/protocol';
import { loadDatasets } from './datasets';
import { deviceFor } from './device';
import { experiments } from './experiments';
import { createKeeper, type Kept } from './keeper';
import { withOwnCode } from './own';
import { progress } from './progress';
import { UsageError, wholeNumber } from './usage';

interface Options {
  readonly target: string;
  readonly arms: readonly string[];
  readonly seeds: number | undefined;
  readonly seed: number | undefined;
  readonly steps: number | undefined;
  readonly device: DeviceInfo['backend'] | undefined;
  readonly composed: boolean;
  readonly allowCode: boolean;
  readonly out: string | undefined;
  readonly bundle: string | undefined;
  readonly json: boolean;
}

/**
 * Runs, reports, and answers the exit status.
 * @param open opens the device that the options name
 */
export async function run(argv: readonly string[], open: typeof deviceFor = deviceFor): Promise<number> {
  const options = parse(argv);
  const { experiment, arms } = await plan(options);
  runComposed(options.composed);
  const context = await loadDatasets(arms.flatMap(({ specs }) => specs));
  const device = await open(options.device);
  process.stderr.write(
    `${device.info.backend} on ${device.info.name}${device.info.fallbackReason === null ? '' : ` (${device.info.fallbackReason})`}\n`,
  );
  const origin = experiment === null ? null : { id: experiment.id, edited: options.steps !== undefined };
  const keeper = options.bundle === undefined ? null : createKeeper({ device: device.info, context, experiment: origin });
  const runs: RunRecord[] = [];
  for (const { arm, specs } of arms) {
    for (const spec of specs) runs.push(await runOne(device, context, arm, spec, keeper?.keep(arm, spec) ?? null));
  }
  const result: Result = {
    target: options.target,
    version: 1,
    date: new Date().toISOString().slice(0, 10),
    command: `npm run -s lab -- run ${argv.filter((word) => word !== '--json').join(' ')}`,
    device: device.info,
    runs,
    outcomes: experiment === null ? [] : judgeAll(experiment, runs),
  };
  if (options.out !== undefined) await record(options.out, experiment, result);
  if (options.bundle !== undefined) await keeper?.write(options.bundle);
  process.stdout.write(options.json ? `${JSON.stringify(result, null, 1)}\n` : summary(result));
  return runs.some(({ state }) => state === 'failed') ? 1 : 0;
}

function parse(argv: readonly string[]): Options {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        arm: { type: 'string', multiple: true },
        seeds: { type: 'string' },
        seed: { type: 'string' },
        steps: { type: 'string' },
        device: { type: 'string' },
        composed: { type: 'boolean' },
        'allow-code': { type: 'boolean' },
        out: { type: 'string' },
        bundle: { type: 'string' },
        json: { type: 'boolean' },
      },
    });
    const [target, ...more] = positionals;
    if (target === undefined || more.length > 0) throw new UsageError('run: expected one experiment or one spec file');
    const device = values.device;
    if (device !== undefined && device !== 'webgpu' && device !== 'wasm' && device !== 'cpu') {
      throw new UsageError(`--device: expected webgpu, wasm or cpu; got ${device}`);
    }
    return {
      target,
      arms: values.arm ?? [],
      seeds: wholeNumber(values.seeds, 'seeds', 1),
      seed: wholeNumber(values.seed, 'seed', 0),
      steps: wholeNumber(values.steps, 'steps', 1),
      device,
      composed: values.composed ?? false,
      allowCode: values['allow-code'] ?? false,
      out: values.out,
      bundle: values.bundle,
      json: values.json ?? false,
    };
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(error instanceof Error ? error.message : String(error));
  }
}

interface Plan {
  readonly experiment: Experiment | null;
  readonly arms: readonly { arm: string; specs: readonly RunSpec[] }[];
}

async function plan(options: Options): Promise<Plan> {
  const available = catalogue();
  const experiment = experiments().find(({ id }) => id === options.target) ?? null;
  const inputs: [string, unknown][] =
    experiment === null ? [['run', await readSpec(options.target)]] : Object.entries(experiment.arms).map(([arm, { spec }]) => [arm, spec]);
  for (const arm of options.arms) {
    if (!inputs.some(([name]) => name === arm))
      throw new UsageError(`--arm: expected one of ${inputs.map(([name]) => name).join(', ')}; got ${arm}`);
  }
  const chosen = inputs.filter(([arm]) => options.arms.length === 0 || options.arms.includes(arm));
  const count = options.seeds ?? experiment?.seeds ?? 1;
  const arms = chosen.map(([arm, input]) => {
    const spec = resolve(input, withOwnCode(input, available, options.allowCode), options.steps);
    const first = options.seed ?? spec.seed;
    return { arm, specs: Array.from({ length: count }, (_, i) => ({ ...spec, seed: first + i })) };
  });
  return { experiment, arms };
}

function resolve(input: unknown, available: ReturnType<typeof catalogue>, steps: number | undefined): RunSpec {
  try {
    const spec = resolveSpec(input, available);
    if (steps === undefined) return spec;
    return { ...spec, stages: spec.stages.map((stage) => ({ ...stage, training: { ...stage.training, steps } })) };
  } catch (error) {
    if (error instanceof SpecError) throw new UsageError(`The spec cannot be used. ${error.message}`);
    throw error;
  }
}

async function readSpec(path: string): Promise<unknown> {
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch {
    throw new UsageError(`${path} is neither an experiment (see \`list\`) nor a file that can be read.`);
  }
  try {
    return JSON.parse(content);
  } catch (error) {
    throw new UsageError(`${path} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Trains one run to its end. A failure is a result too. */
async function runOne(device: Device, context: WorldContext, arm: string, spec: RunSpec, kept: Kept | null): Promise<RunRecord> {
  const bar = progress(`${arm}, seed ${spec.seed}`);
  const total = totalSteps(spec);
  const started = performance.now();
  const rows = new Map<number, Record<string, number>>();
  const latest: Record<string, number> = {};
  let steps = 0;
  let error: string | null = null;
  let training: TrainingRun | null = null;
  try {
    training = createRun(spec, { context, deviceFailure: device.failure });
    for await (const event of training.events()) {
      await kept?.take(event, training);
      if (event.type === 'step') {
        steps = event.step;
        bar.update(steps / total, headline(latest));
      }
      if (event.type !== 'metrics') continue;
      event.steps.forEach((step, i) => {
        const row = rows.get(step) ?? {};
        for (const [id, column] of Object.entries(event.columns)) {
          const value = column[i] as number;
          if (!Number.isNaN(value)) row[id] = latest[id] = value;
        }
        rows.set(step, row);
      });
    }
  } catch (failure) {
    error =
      failure instanceof RunFailure || failure instanceof SpecError || failure instanceof OwnFault ? failure.message : String(failure);
    kept?.end(failure);
  } finally {
    training?.dispose();
  }
  if (error === null) kept?.end(null);
  bar.end(error === null ? `done, ${headline(latest)},` : `failed: ${error}`);
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  const evaluations = thinned([...rows].filter(([step]) => step % spec.evaluation.every === 0 || step === steps));
  return {
    arm,
    seed: spec.seed,
    spec,
    state: error === null ? 'finished' : 'failed',
    error,
    steps,
    seconds,
    first: rows.get(0) ?? {},
    last: latest,
    series: columnsOf(evaluations),
  };
}

/** The few numbers that a reader watches. */
function headline(latest: Readonly<Record<string, number>>): string {
  const watched = ['loss', 'reward', 'expected_reward', 'eval/accuracy', 'eval/ndcg@10', 'eval/closed_book_accuracy'];
  return watched
    .filter((id) => latest[id] !== undefined)
    .map((id) => `${id} ${rounded(latest[id] as number)}`)
    .join('  ');
}

const rounded = (value: number): string => String(Number(value.toPrecision(3)));

/** Metrics of speed say something about the machine and not about the run. */
const SPEED = /_per_second$/;

/** Most points of a recorded curve. */
const RECORDED_POINTS = 60;

/** Evenly chosen rows, the first and the last among them. */
function thinned<T>(rows: readonly T[]): T[] {
  if (rows.length <= RECORDED_POINTS) return [...rows];
  return Array.from({ length: RECORDED_POINTS }, (_, i) => rows[Math.round((i * (rows.length - 1)) / (RECORDED_POINTS - 1))] as T);
}

function columnsOf(rows: readonly (readonly [number, Readonly<Record<string, number>>])[]): RunRecord['series'] {
  const ids = [...new Set(rows.flatMap(([, row]) => Object.keys(row)))].filter((id) => !SPEED.test(id));
  const brief = (value: number | undefined): number | null => (value === undefined ? null : Number(value.toPrecision(5)));
  return { steps: rows.map(([step]) => step), columns: Object.fromEntries(ids.map((id) => [id, rows.map(([, row]) => brief(row[id]))])) };
}

function judgeAll(experiment: Experiment, runs: readonly RunRecord[]): Outcome[] {
  const byArm = Object.fromEntries(
    Object.keys(experiment.arms).map((arm) => [
      arm,
      runs.filter((one) => one.arm === arm).map((one) => (one.state === 'failed' ? null : one)),
    ]),
  );
  const ran = (arm: string): boolean => (byArm[arm]?.length ?? 0) > 0;
  return experiment.claims
    .filter(({ arm, against }) => ran(arm) && (typeof against === 'string' || ran(against.arm)))
    .map((claim) => judge(claim, byArm));
}

/** Writes a result. Arms that were recorded before, by the same specs, stay: an experiment can be recorded arm by arm. */
async function record(directory: string, experiment: Experiment | null, result: Result): Promise<void> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, `${experiment?.id ?? 'run'}.json`);
  const before = experiment === null ? null : await recorded(path);
  const whole = experiment === null || before === null ? result : joined(experiment, before, result);
  await writeFile(path, `${JSON.stringify(whole)}\n`);
  process.stderr.write(`Recorded in ${path}\n`);
}

const recorded = (path: string): Promise<Result | null> =>
  readFile(path, 'utf8').then(
    (content) => JSON.parse(content) as Result,
    () => null,
  );

function joined(experiment: Experiment, before: Result, now: Result): Result {
  const available = catalogue();
  const current = ({ arm, seed, spec }: RunRecord): boolean => {
    const input = experiment.arms[arm]?.spec;
    return input !== undefined && isDeepStrictEqual({ ...resolveSpec(input, available), seed }, resolved(spec, available));
  };
  const kept = before.runs.filter((run) => !now.runs.some(({ arm }) => arm === run.arm) && current(run));
  if (kept.length === 0) return now;
  const runs = [...kept, ...now.runs];
  return { ...now, command: `${before.command} && ${now.command}`, runs, outcomes: judgeAll(experiment, runs) };
}

/** A recorded spec with what a spec of today says; null where there is no such thing. */
function resolved(spec: RunSpec, available: ReturnType<typeof catalogue>): RunSpec | null {
  try {
    return resolveSpec(spec, available);
  } catch (error) {
    if (error instanceof SpecError) return null;
    throw error;
  }
}

function summary({ runs, outcomes }: Result): string {
  const lines = runs.map(
    ({ arm, seed, state, steps, last, error }) =>
      `${arm.padEnd(24)} seed ${seed}  ${state} after ${steps} steps  ${error ?? headline(last)}`,
  );
  for (const { claim, mean, interval, effects, verdict } of outcomes) {
    lines.push(
      `${verdict}: ${claim.text} Effect ${rounded(mean)} [${interval.map(rounded).join(', ')}] over ${effects.length} seeds; threshold ${claim.threshold}.`,
    );
  }
  return `${lines.join('\n')}\n`;
}
