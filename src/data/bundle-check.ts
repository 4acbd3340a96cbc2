/** Whether what stands in a bundle has the shape that the page and the trainer count on. A bundle may come from anywhere. */
import type { Diagnosis } from '../core/diagnosis';
import type { Checkpoint, Sample } from '../core/events';
import { type RunSpec, renewed, SPEC_VERSION } from '../core/spec';
import { BundleError, type BundleSlices, type RunAbout } from './bundle-format';

/** Says in words what was expected, where a value is something else; null where it fits. */
type Check = (value: unknown) => string | null;

const when =
  (expected: string, test: (value: unknown) => boolean): Check =>
  (value) =>
    test(value) ? null : `expected ${expected}`;

const text = when('a text', (value) => typeof value === 'string');
const finite = when('a number', (value) => typeof value === 'number' && Number.isFinite(value));
/** Something measured, which may have become infinite or no number at all. */
const measured = when('a number', (value) => typeof value === 'number');
const whole = when('a whole number from 0', (value) => Number.isSafeInteger(value) && (value as number) >= 0);
const yesNo = when('true or false', (value) => typeof value === 'boolean');
const floats = when('numbers', (value) => value instanceof Float32Array);
const ints = when('whole numbers', (value) => value instanceof Int32Array);
const setting = when('a setting', (value) => ['string', 'boolean'].includes(typeof value) || Number.isFinite(value));

const orNull =
  (check: Check): Check =>
  (value) =>
    value === null ? null : check(value);
const maybe =
  (check: Check): Check =>
  (value) =>
    value === undefined ? null : check(value);
const either = (...options: readonly string[]): Check => when(`one of ${options.join(', ')}`, (value) => options.includes(value as string));

function list(of: Check, most = 100_000): Check {
  return (value) => {
    if (!Array.isArray(value)) return 'expected a list';
    if (value.length > most) return `expected at most ${most} entries`;
    for (const [i, item] of value.entries()) {
      const wrong = of(item);
      if (wrong !== null) return `entry ${i + 1}: ${wrong}`;
    }
    return null;
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);

function shape(fields: Readonly<Record<string, Check>>): Check {
  return (value) => {
    if (!isRecord(value)) return 'expected an object';
    for (const [key, check] of Object.entries(fields)) {
      const wrong = check(value[key]);
      if (wrong !== null) return `${key}: ${wrong}`;
    }
    return null;
  };
}

function record(of: Check): Check {
  return (value) => {
    if (!isRecord(value)) return 'expected an object';
    for (const [key, item] of Object.entries(value)) {
      const wrong = of(item);
      if (wrong !== null) return `${key}: ${wrong}`;
    }
    return null;
  };
}

const params = record(setting);
const CHOICE = { id: text, params, source: maybe(text) };
const spec = shape({
  version: when(`the version ${SPEC_VERSION}`, (value) => value === SPEC_VERSION),
  seed: whole,
  world: shape(CHOICE),
  policy: shape(CHOICE),
  stages: (value) =>
    Array.isArray(value) && value.length === 0
      ? 'expected at least one stage'
      : list(
          shape({
            objective: shape(CHOICE),
            rewards: list(shape({ ...CHOICE, weight: finite })),
            training: (training) => params(training) ?? shape({ steps: whole, source: text })(training),
            world: orNull(params),
          }),
          100,
        )(value),
  evaluation: shape({ every: whole, prompts: whole, samples: whole }),
});

const about = shape({
  id: text,
  name: text,
  note: orNull(text),
  colour: shape({ index: whole, name: orNull(text) }),
  origin: orNull(shape({ experiment: text, arm: text, edited: yesNo })),
  state: either('preparing', 'running', 'paused', 'finished', 'stopped', 'failed', 'interrupted'),
  failure: orNull(
    shape({
      kind: either('bad-spec', 'diverged', 'device-lost', 'out-of-memory', 'gpu-error', 'own-code', 'internal'),
      message: text,
    }),
  ),
  spec,
  totalSteps: whole,
  step: whole,
  stage: whole,
  parameters: orNull(whole),
  device: shape({ name: text, backend: orNull(text) }),
  created: when('a date', (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value))),
  lab: shape({ version: text, commit: orNull(text) }),
  dataset: orNull(shape({ id: text, name: text, included: yesNo })),
});

const histogram = shape({ edges: list(measured), counts: list(measured), count: measured, mean: measured });
const diagnosis = shape({
  stage: whole,
  data: text,
  pairs: orNull(
    shape({
      measure: either('log-ratio', 'log-probability'),
      chosen: histogram,
      rejected: histogram,
      margins: orNull(histogram),
      ahead: orNull(measured),
      ties: measured,
    }),
  ),
  rollouts: orNull(
    shape({
      ratios: shape({
        level: either('token', 'completion', 'mean'),
        histogram,
        clip: orNull(shape({ low: measured, high: measured, lowShare: measured, highShare: measured })),
      }),
      advantages: histogram,
      points: list(shape({ reward: measured, kl: measured })),
    }),
  ),
  likelihood: orNull(histogram),
  pool: orNull(
    shape({
      drawnAt: whole,
      groups: shape({ size: measured, std: histogram, withoutSpread: measured, right: measured, wrong: measured, mixed: measured }),
      lengths: shape({ right: histogram, wrong: histogram, truncated: histogram }),
      samples: list(
        shape({
          ...{ prompt: text, completion: text, reward: measured, trueReward: measured },
          ...{ correct: yesNo, advantage: orNull(measured), length: measured, truncated: yesNo },
        }),
      ),
    }),
  ),
  terms: orNull(record(measured)),
});

const sample = shape({ prompt: text, completion: text, answer: orNull(text), reward: measured, correct: yesNo, ended: yesNo });
const slices = shape({
  step: whole,
  names: list(text),
  f32: list(measured),
  bf16: list(measured),
  l2: maybe(list(measured)),
  max: maybe(list(measured)),
  curve: maybe(shape({ tolerances: list(measured), f32: list(measured), bf16: list(measured) })),
});

const pool: Check = (value) => {
  const wrong = shape({
    ...{ rows: whole, length: whole, group: whole, drawnAt: whole },
    ...{ tokens: ints, mask: floats, logp: floats, rewards: floats, advantages: floats, values: maybe(floats), returns: maybe(floats) },
  })(value);
  if (wrong !== null) return wrong;
  const { rows, length, tokens, mask, logp, rewards } = value as NonNullable<Checkpoint['pool']>;
  const cells = [tokens, mask, logp].every((values) => values.length === rows * length) && rewards.length === rows;
  return cells ? null : 'its arrays have other sizes than its rows';
};

const checkpoint: Check = (value) => {
  const wrong = shape({
    layout: maybe(shape({ size: whole, slices: list(shape({ name: text, offset: whole, shape: list(whole) })) })),
    ...{ step: whole, stage: whole, stageStep: whole, rewardQueries: whole, tokens: whole },
    ...{ theta: floats, m: floats, v: floats, reference: floats, start: floats },
    pool: orNull(pool),
    sampler: orNull(shape({ theta: floats, since: whole })),
    ends: record(floats),
    carried: orNull(floats),
    seen: shape({ count: whole, mean: finite }),
  })(value);
  if (wrong !== null) return wrong;
  const { theta, m, v, reference, start, sampler, ends } = value as Checkpoint;
  const vectors = [m, v, reference, start, ...Object.values(ends), ...(sampler === null ? [] : [sampler.theta])];
  return theta.length > 0 && vectors.every(({ length }) => length === theta.length) ? null : 'its vectors differ in length';
};

/** @throws BundleError naming the file, the field, and what was expected there */
function ensure(check: Check, value: unknown, file: string): void {
  const wrong = check(value);
  if (wrong !== null) throw new BundleError(`${file} cannot be used: ${wrong}.`);
}

/** A spec of before a stage could have several rewards. */
const isOld = (spec: unknown): spec is RunSpec => isRecord(spec) && Array.isArray(spec.stages) && spec.stages.every(isRecord);

/** @throws BundleError */
export function checkedAbout(value: unknown, file: string): RunAbout {
  const given = isRecord(value) && isOld(value.spec) ? { ...value, spec: renewed(value.spec) } : value;
  ensure(about, given, file);
  return given as RunAbout & { readonly spec: RunSpec };
}

/** @throws BundleError */
export function checkedCheckpoint(value: unknown, spec: RunSpec, file: string): Checkpoint {
  ensure(checkpoint, value, file);
  return { ...(value as Omit<Checkpoint, 'spec'>), spec };
}

/** @throws BundleError */
export function checkedSamples(value: unknown, file: string): readonly Sample[] {
  ensure(list(sample), value, file);
  return value as readonly Sample[];
}

/** @throws BundleError */
export function checkedDiagnosis(value: unknown, file: string): Diagnosis {
  ensure(diagnosis, value, file);
  return value as Diagnosis;
}

/** @throws BundleError */
export function checkedSlices(value: unknown, file: string): BundleSlices {
  ensure(slices, value, file);
  return value as BundleSlices;
}

/** @throws BundleError */
export function checkedIndex(value: unknown): {
  readonly written: string;
  readonly lab: RunAbout['lab'];
  readonly runs: readonly string[];
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly crc32: string }>>;
} {
  const index = shape({
    written: text,
    lab: shape({ version: text, commit: orNull(text) }),
    runs: list(text, 500),
    files: record(shape({ bytes: whole, crc32: text })),
  });
  ensure(index, value, 'bundle.json');
  return value as ReturnType<typeof checkedIndex>;
}
