/** `replay`: trains the runs of a bundle again, and says whether everything comes out as it was recorded. */
import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { type Checkpoint, RunFailure } from '../core/events';
import { SpecError } from '../core/params';
import { resolveSpec } from '../core/resolve';
import type { RunSpec } from '../core/spec';
import type { WorldContext } from '../core/world';
import { type Bundle, BundleError, type BundleRun, buildInWords, readBundle } from '../data/bundle';
import { compareCheckpoints, compareSeries } from '../data/bundle-compare';
import { createWitness, type Witness } from '../data/bundle-record';
import { parseDataset } from '../data/jsonl';
import { catalogue } from '../trainer/catalogue';
import { OwnFault } from '../trainer/own-source';
import { createRun } from '../trainer/run';
import type { Device } from '../worker/device';
import type { DeviceInfo } from '../worker/protocol';
import { deviceFor } from './device';
import { withOwnCode } from './own';
import { progress } from './progress';
import { inWords, type Replayed } from './replay-words';
import { UsageError } from './usage';

/** What runs on different devices may differ by: the rounding of sums in another order grows as training goes on. */
const ELSEWHERE = 0.01;

interface Options {
  readonly path: string;
  readonly device: DeviceInfo['backend'] | undefined;
  readonly fromCheckpoint: boolean;
  readonly tolerance: number | undefined;
  readonly runs: readonly string[];
  readonly allowCode: boolean;
  readonly json: boolean;
}

/** Trains every run of the bundle again; 0 where all of them agree, 1 where one does not. */
export async function replay(argv: readonly string[]): Promise<number> {
  const options = parse(argv);
  const bundle = await open(options.path);
  const chosen = choose(bundle, options);
  const plans = chosen.map((run) => ({ run, spec: specOf(run, options.allowCode), context: contextOf(run) }));
  const device = await deviceFor(options.device ?? commonBackend(chosen));
  process.stderr.write(`${device.info.backend} on ${device.info.name}\n`);
  const replayed: Replayed[] = [];
  for (const { run, spec, context } of plans) replayed.push(await again(device, run, spec, context, options));
  const agrees = replayed.every(({ agreement }) => agreement !== 'no');
  const report = {
    bundle: options.path,
    written: bundle.written,
    lab: buildInWords(bundle.lab),
    device: device.info,
    agrees,
    runs: replayed,
  };
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 1)}\n` : replayed.map(inWords).join('\n'));
  return agrees ? 0 : 1;
}

function parse(argv: readonly string[]): Options {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        device: { type: 'string' },
        'from-checkpoint': { type: 'boolean' },
        tolerance: { type: 'string' },
        run: { type: 'string', multiple: true },
        'allow-code': { type: 'boolean' },
        json: { type: 'boolean' },
      },
    });
    const [path, ...more] = positionals;
    if (path === undefined || more.length > 0) throw new UsageError('replay: expected one bundle, a .zip file');
    const { device, tolerance } = values;
    if (device !== undefined && device !== 'webgpu' && device !== 'wasm' && device !== 'cpu') {
      throw new UsageError(`--device: expected webgpu, wasm or cpu; got ${device}`);
    }
    if (tolerance !== undefined && !(Number(tolerance) >= 0 && tolerance.trim() !== '')) {
      throw new UsageError(`--tolerance: expected a number from 0; got ${tolerance}`);
    }
    return {
      path,
      device,
      fromCheckpoint: values['from-checkpoint'] ?? false,
      tolerance: tolerance === undefined ? undefined : Number(tolerance),
      runs: values.run ?? [],
      allowCode: values['allow-code'] ?? false,
      json: values.json ?? false,
    };
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(error instanceof Error ? error.message : String(error));
  }
}

async function open(path: string): Promise<Bundle> {
  const bytes = await readFile(path).catch(() => {
    throw new UsageError(`${path} cannot be read.`);
  });
  try {
    return await readBundle(bytes);
  } catch (error) {
    throw error instanceof BundleError ? new UsageError(`${path}: ${error.message}`) : error;
  }
}

function choose({ runs }: Bundle, { runs: wanted, fromCheckpoint }: Options): readonly BundleRun[] {
  const names = runs.map(({ about }) => about.name);
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new UsageError(`--run: expected one of ${names.join(', ')}; got ${unknown}`);
  const chosen = runs.filter(({ about }) => wanted.length === 0 || wanted.includes(about.name));
  for (const { about, checkpoint, series } of fromCheckpoint ? chosen : []) {
    if (checkpoint === null) throw new UsageError(`--from-checkpoint: the bundle has no checkpoint of ${about.name}.`);
    if ((series.steps.at(-1) ?? 0) <= checkpoint.step) {
      throw new UsageError(
        `--from-checkpoint: the checkpoint of ${about.name} is of its last step ${checkpoint.step}, so there is nothing to train again.`,
      );
    }
  }
  return chosen;
}

function specOf({ about }: BundleRun, allowCode: boolean): RunSpec {
  try {
    return resolveSpec(about.spec, withOwnCode(about.spec, catalogue(), allowCode));
  } catch (error) {
    if (error instanceof SpecError) throw new UsageError(`${about.name} cannot be trained by this lab. ${error.message}`);
    throw error;
  }
}

function contextOf({ about, dataset: bytes }: BundleRun): WorldContext {
  if (about.dataset === null) return { dataset: () => undefined };
  if (bytes === null) throw new UsageError(`${about.name} learns from the file ${about.dataset.name}, which the bundle does not hold.`);
  const { dataset, error } = parseDataset(about.dataset.name, bytes);
  if (dataset === null) throw new UsageError(`${about.dataset.name} in the bundle: ${error ?? 'nothing in it can be used.'}`);
  return { dataset: (id) => (id === dataset.id ? dataset : undefined) };
}

/** The backend that all runs were trained on, so that the processor's are not done again on a GPU; undefined for the best there is. */
function commonBackend(runs: readonly BundleRun[]): DeviceInfo['backend'] | undefined {
  const [first, ...others] = new Set(runs.map(({ about }) => about.device.backend));
  return others.length === 0 && (first === 'wasm' || first === 'cpu') ? first : undefined;
}

async function again(device: Device, run: BundleRun, spec: RunSpec, context: WorldContext, options: Options): Promise<Replayed> {
  const { about, checkpoint } = run;
  const from = options.fromCheckpoint ? checkpoint : null;
  const after = from === null ? -1 : from.step;
  const until = Math.max(run.series.steps.at(-1) ?? 0, checkpoint?.step ?? 0);
  const sameDevice = about.device.backend === device.info.backend && about.device.name === device.info.name;
  const tolerance = options.tolerance ?? (sameDevice ? 0 : ELSEWHERE);
  const { witness, reached, failure } = await train(device, run, spec, context, from, until);
  const metrics = compareSeries(run.series, witness.series(), {
    after,
    until,
    leaveOut: (metric) => /_per_second$|^train_runtime$/.test(metric),
  });
  const vectors = checkpoint === null || reached === null ? [] : compareCheckpoints(checkpoint, reached);
  const looks = run.samples.filter(({ step }) => step > after && step <= until);
  const sameLooks = looks.filter(({ step, value }) => isDeepStrictEqual(witness.samples.find((look) => look.step === step)?.value, value));
  // A run that failed is the same run where it fails again at the same step.
  const ended = failure === null || (about.state === 'failed' && about.failure?.message === failure);
  const lacking = !ended || (checkpoint !== null && from === null && reached === null);
  const bits = !lacking && [...metrics, ...vectors].every(({ differing }) => differing === 0) && sameLooks.length === looks.length;
  const within = !lacking && [...metrics, ...vectors].every(({ differing, relative }) => differing === 0 || relative <= tolerance);
  return {
    name: about.name,
    seed: spec.seed,
    ...{ from: Math.max(0, after), until, totalSteps: about.totalSteps },
    recordedOn: about.device,
    recordedBy: buildInWords(about.lab),
    ...{ sameDevice, tolerance },
    ...{ metrics, vectors, checkpointStep: from === null ? (checkpoint?.step ?? null) : null },
    samples: { looks: looks.length, same: sameLooks.length },
    failure: ended ? null : failure,
    agreement: bits ? 'bits' : within && tolerance > 0 ? 'tolerance' : 'no',
  };
}

/** Trains up to a step; on the way, the checkpoint of the step that the recorded one is of. */
async function train(
  device: Device,
  { about, checkpoint }: BundleRun,
  spec: RunSpec,
  context: WorldContext,
  from: Checkpoint | null,
  until: number,
): Promise<{ readonly witness: Witness; readonly reached: Checkpoint | null; readonly failure: string | null }> {
  const bar = progress(`${about.name}, seed ${spec.seed}`);
  const witness = createWitness();
  let reached: Checkpoint | null = null;
  let failure: string | null = null;
  const training = createRun(spec, { context, from, deviceFailure: device.failure });
  try {
    for await (const event of training.events()) {
      witness.take(event);
      if (event.type !== 'step') continue;
      bar.update(event.step / until, `step ${event.step} of ${until}`);
      if (event.step === checkpoint?.step) reached = await training.checkpoint();
      if (event.step >= until) break;
    }
    const rest = await training.flush();
    if (rest !== null) witness.take(rest);
  } catch (error) {
    if (!(error instanceof RunFailure || error instanceof SpecError || error instanceof OwnFault)) throw error;
    failure = error.message;
  } finally {
    training.dispose();
  }
  bar.end(failure === null ? 'trained again' : `failed: ${failure}`);
  return { witness, reached, failure };
}
