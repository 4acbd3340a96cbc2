/** The batch of `lab loss`: which fields an objective reads, their shapes, and what is said where one cannot be used. */
import type { DataKind } from '../core/catalogue';
import { SpecError } from '../core/params';
import type { Objective } from '../objectives/objective';
import { BLOCKS, batchOf, type PlainBatch } from '../objectives/plain';

type Matrix = readonly (readonly number[])[];

/** `matrix` [R][T], `rows` [R], `items` [P], [N] as the kind has them, `sums` [S], `either` [R] or [R][T], `count` a whole number. */
type Shape = 'matrix' | 'rows' | 'items' | 'sums' | 'either' | 'count';

/** A field that an objective reads. */
export interface Field {
  readonly shape: Shape;
  readonly says: string;
  /** What stands for it where it is left out; undefined where it has to be given. */
  readonly otherwise?: string;
}

/** What is asked of an objective: its loss, with the settings that it will have. */
export interface Asked {
  readonly objective: Objective;
  readonly params: never;
}

export interface ReadBatch {
  readonly batch: PlainBatch;
  /** Rows that were given; the batch may repeat them. */
  readonly rows: number;
  /** Whether advantages, and returns, were given rather than left to the objective. */
  readonly given: { readonly advantages: boolean; readonly returns: boolean };
}

/** Every field of a batch, whichever objective reads it: one input may serve several objectives. */
const KNOWN = [
  ...['logp', 'refLogp', 'oldLogp', 'mask', 'entropy', 'values', 'oldValues', 'teacherLogp', 'scores', 'rewards', 'advantages', 'returns'],
  ...['rewardBaselines', 'draws', 'labels', 'margins', 'wins', 'same', 'group', 'carried'],
];

const ITEMS: Readonly<Partial<Record<DataKind, Readonly<Record<string, Field>>>>> = {
  unpaired: {
    labels: {
      shape: 'items',
      says: '1 desirable, 0 not; one per row, or one per two rows where the second half of the rows are mismatched completions',
    },
  },
  duels: { wins: { shape: 'items', says: "1 where the policy's row beats its opponent's, .5 for a tie" } },
  augmented: { same: { shape: 'items', says: '1 where both options are one', otherwise: 'zeros' } },
  contrasts: { group: { shape: 'count', says: 'principles per question' } },
};

const matrix = (says: string, otherwise?: string): Field => ({ shape: 'matrix', says, ...(otherwise === undefined ? {} : { otherwise }) });

/** The fields that an objective reads with these settings, by name. */
export function fieldsOf({ objective, params }: Asked): Record<string, Field> {
  const head = objective.needsHead?.(params) === true;
  const rollouts = objective.data === 'rollouts';
  const scored = head && !rollouts;
  const teachers = (objective.teachers?.(params) ?? []).length > 0;
  return {
    ...(scored
      ? {
          scores: { shape: 'rows', says: 'the head after the last token; `rewards` are taken for them where they are left out' },
          margins: { shape: 'items', says: 'by how much each chosen row is preferred', otherwise: 'zeros' },
        }
      : {}),
    logp: matrix('log-probability of each token under the policy', scored ? 'zeros' : undefined),
    ...(objective.needsReference(params) ? { refLogp: matrix('the same under the reference') } : {}),
    ...(rollouts ? rolloutFields(objective, head, teachers) : ITEMS[objective.data]),
    ...(objective.carries === undefined
      ? {}
      : { carried: { shape: 'sums', says: 'sums over earlier batches', otherwise: 'those of no batch' } }),
    mask: matrix('1 on completion tokens, else 0', 'ones'),
    entropy: matrix('entropy of the next-token distribution, in nats', 'zeros'),
  };
}

function rolloutFields(objective: Objective, head: boolean, teachers: boolean): Record<string, Field> {
  return {
    ...(teachers ? { teacherLogp: matrix("the teachers' log-probability of each token, weighted") } : {}),
    rewards: { shape: 'rows', says: 'what each row earned', ...(teachers ? { otherwise: 'zeros' } : {}) },
    ...(objective.baseline === undefined
      ? {}
      : { rewardBaselines: { shape: 'rows', says: "what the policy's most probable completion of the row's prompt earned" } }),
    group: { shape: 'count', says: 'rows of one prompt, which lie together; 1 where each row has a prompt of its own' },
    advantages: { shape: 'either', says: 'instead of rewards and group', otherwise: `what ${objective.id} makes of the rewards` },
    oldLogp: matrix('log-probability when the rows were sampled', 'logp'),
    ...(objective.draws === undefined
      ? {}
      : { draws: matrix('numbers in [0, 1) to choose tokens by, the largest first', 'all alike: the mean over every choice') }),
    ...(head
      ? {
          values: matrix('the head at each token'),
          oldValues: matrix('the same when the rows were sampled', 'values'),
          returns: { shape: 'either', says: 'what the head should say', otherwise: 'what follows from rewards and values' },
        }
      : {}),
  };
}

/**
 * Checks and completes a batch.
 * @param given the value of `batch` in the input
 * @throws SpecError that names the field, for one that is missing, unknown, ill-shaped or not finite
 */
export function readBatch(asked: Asked, given: unknown): ReadBatch {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw new SpecError('batch', 'expected an object of fields');
  // Python writes ref_logp.
  const raw = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()), value]),
  );
  const unknown = Object.keys(raw).find((name) => !KNOWN.includes(name));
  if (unknown !== undefined) throw new SpecError(`batch.${unknown}`, `no such field; known here: ${KNOWN.join(', ')}`);
  const reader = new Reader(asked.objective.id, fieldsOf(asked), raw);
  return asked.objective.data === 'rollouts' ? rollouts(asked, reader) : examples(asked, reader);
}

/** Takes fields out of the input, each checked against the shape of `logp`. */
class Reader {
  readonly rows: number;
  readonly length: number;
  private readonly raw: Readonly<Record<string, unknown>>;

  constructor(
    private readonly id: string,
    readonly fields: Readonly<Record<string, Field>>,
    raw: Readonly<Record<string, unknown>>,
  ) {
    const scores = raw.scores ?? raw.rewards;
    // A reward model's loss is that of its scores alone.
    const scoresOnly = fields.scores !== undefined && raw.logp === undefined && Array.isArray(scores);
    this.raw = scoresOnly ? { ...raw, logp: scores.map(() => [0]) } : raw;
    const logp = this.required('logp', '[R][T]');
    if (!Array.isArray(logp) || !Array.isArray(logp[0]) || logp[0].length === 0) {
      throw new SpecError('batch.logp', `expected [R][T], rows of one length with a log-probability for each token; got ${shown(logp)}`);
    }
    this.rows = logp.length;
    this.length = logp[0].length;
  }

  /** Whether the objective reads it and it was given. */
  has(name: string): boolean {
    return this.fields[name] !== undefined && this.raw[name] !== undefined && this.raw[name] !== null;
  }

  /** How many elements were given for a field, whatever they are; null where it is no list. */
  count(name: string): number | null {
    const value = this.raw[name];
    return Array.isArray(value) ? value.length : null;
  }

  /** [R][T] */
  matrix(name: string): number[][] {
    const shape = `[${this.rows}][${this.length}]`;
    const value = this.required(name, shape);
    const what = `expected ${shape}, as batch.logp`;
    if (!Array.isArray(value) || value.length !== this.rows) throw new SpecError(`batch.${name}`, `${what}; got ${shown(value)}`);
    return value.map((row, i) => numbers(row, this.length, `batch.${name}[${i}]`, what));
  }

  matrixOr<T>(name: string, otherwise: T): number[][] | T {
    return this.has(name) ? this.matrix(name) : otherwise;
  }

  /** As many numbers as `count` says; of the field `instead` where this one is left out. */
  list(name: string, count: number, instead = name): number[] {
    const from = this.has(name) || this.raw[instead] === undefined ? name : instead;
    const value = this.required(from, `[${count}]`);
    return numbers(value, count, `batch.${from}`, `expected [${count}], ${this.fields[name]?.says}`);
  }

  /** [R] given for every token, or [R][T]. */
  either(name: string, mask: Matrix): number[][] {
    const value = this.raw[name];
    if (Array.isArray(value) && Array.isArray(value[0])) return this.matrix(name);
    const perRow = numbers(value, this.rows, `batch.${name}`, `expected [${this.rows}] or [${this.rows}][${this.length}]`);
    return mask.map((row, i) => row.map((m) => m * (perRow[i] as number)));
  }

  /** A whole number; the rows are a multiple of as many as `unit` makes of it. */
  group(unit: (group: number) => number): number {
    const value = this.required('group', 'a whole number');
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 1) {
      throw new SpecError('batch.group', `expected a whole number from 1; got ${shown(value)}`);
    }
    if (this.rows % unit(value) === 0) return value;
    throw new SpecError('batch.group', `${this.rows} rows of batch.logp are no multiple of ${unit(value)}`);
  }

  private required(name: string, shape: string): unknown {
    const value = this.raw[name];
    if (value !== undefined && value !== null) return value;
    throw new SpecError(`batch.${name}`, `missing; ${this.id} needs ${shape}, ${this.fields[name]?.says}`);
  }
}

/** @throws SpecError for anything but 0 and 1 */
function binary<X extends readonly number[] | Matrix>(x: X, where: string): X {
  x.forEach((value: number | readonly number[], i: number) => {
    if (typeof value !== 'number') binary(value, `${where}[${i}]`);
    else if (value !== 0 && value !== 1) throw new SpecError(`${where}[${i}]`, `expected 0 or 1; got ${value}`);
  });
  return x;
}

/** What every kind has. */
function common(asked: Asked, reader: Reader): Pick<PlainBatch, 'logp' | 'mask' | 'refLogp' | 'entropy'> {
  const mask = binary(reader.matrixOr('mask', null) ?? reader.matrix('logp').map((row) => row.map(() => 1)), 'batch.mask');
  // Objectives may count on zeros where nothing counts.
  const masked = (x: Matrix): number[][] => x.map((row, i) => row.map((value, j) => value * (mask[i]?.[j] as number)));
  return {
    logp: masked(reader.matrix('logp')),
    mask,
    refLogp: asked.objective.needsReference(asked.params) ? masked(reader.matrix('refLogp')) : null,
    entropy: masked(reader.matrixOr('entropy', null) ?? mask.map((row) => row.map(() => 0))),
  };
}

function rollouts({ objective, params }: Asked, reader: Reader): ReadBatch {
  const shared = common({ objective, params }, reader);
  const { mask, logp } = shared;
  const given = { advantages: reader.has('advantages'), returns: reader.has('returns') };
  const zeros = mask.map(() => 0);
  const optional = given.advantages || reader.fields.rewards?.otherwise !== undefined;
  const rewards = optional && !reader.has('rewards') ? zeros : reader.list('rewards', reader.rows);
  const group = optional && !reader.has('group') ? 1 : reader.group((size) => size);
  const values = reader.fields.values === undefined ? null : reader.matrix('values');
  // Returns follow from rewards: without those they have to be given themselves.
  if (values !== null && !given.returns && !reader.has('rewards')) {
    throw new SpecError(
      'batch.returns',
      `${objective.id} needs them where batch.rewards are left out: [${reader.rows}] or [${reader.rows}][${reader.length}]`,
    );
  }
  const batch = batchOf('rollouts', {
    ...shared,
    rewards,
    group,
    values,
    scores: values === null ? null : zeros,
    oldValues: reader.matrixOr('oldValues', values),
    oldLogp: reader.matrixOr('oldLogp', logp),
    teacherLogp: reader.fields.teacherLogp === undefined ? null : reader.matrix('teacherLogp'),
    rewardBaselines:
      reader.fields.rewardBaselines === undefined || (optional && !reader.has('rewardBaselines'))
        ? null
        : reader.list('rewardBaselines', reader.rows),
    draws: reader.fields.draws === undefined ? null : reader.matrixOr('draws', mask),
    carried: carriedOf(objective, reader),
    ...(given.advantages ? { advantages: reader.either('advantages', mask) } : {}),
    ...(given.returns ? { returns: reader.either('returns', mask) } : {}),
  });
  return { batch, rows: reader.rows, given };
}

function examples(asked: Asked, reader: Reader): ReadBatch {
  const { objective } = asked;
  const { data: kind } = objective;
  const { rows } = reader;
  const judgedOnly = kind === 'unpaired' && reader.count('labels') === rows;
  checkRows(kind, rows, judgedOnly);
  const shared = common(asked, reader);
  const scored = reader.fields.scores !== undefined;
  const items = judgedOnly ? rows : rows / BLOCKS[kind];
  const wanted = Object.entries(reader.fields).filter(
    ([name, { shape, otherwise }]) => shape === 'items' && (reader.has(name) || !otherwise),
  );
  const lists = Object.fromEntries(wanted.map(([name]) => [name, reader.list(name, items)]));
  for (const name of ['labels', 'same']) binary(lists[name] ?? [], `batch.${name}`);
  const group = kind === 'contrasts' ? reader.group((size) => size * size) : 1;
  const batch = batchOf(kind, {
    ...(judgedOnly ? twice(shared) : shared),
    ...lists,
    group,
    scores: scored ? reader.list('scores', rows, 'rewards') : null,
    values: scored ? shared.mask.map((row) => row.map(() => 0)) : null,
    carried: carriedOf(objective, reader),
  });
  return { batch, rows, given: { advantages: false, returns: false } };
}

/**
 * Judged rows without mismatched ones: they stand for those too, so that KTO's point of reference is max(0, mean of s over the
 * batch's own rows). Their gradient as mismatched rows is zero.
 */
const twice = <B extends Pick<PlainBatch, 'logp' | 'mask' | 'refLogp' | 'entropy'>>({ logp, mask, refLogp, entropy }: B) => ({
  logp: [...logp, ...logp],
  mask: [...mask, ...mask],
  refLogp: refLogp === null ? null : [...refLogp, ...refLogp],
  entropy: [...entropy, ...entropy],
});

const ORDER: Readonly<Partial<Record<DataKind, string>>> = {
  preferences: 'all chosen, then all rejected',
  unpaired: 'all judged, then as many mismatched, with a label for each judged one; or with a label for every row',
  duels: "all samples of the policy, then all of its opponent's",
  augmented: 'all texts, then all chosen options, then all rejected ones',
};

function checkRows(kind: DataKind, rows: number, judgedOnly: boolean): void {
  if (judgedOnly || rows % BLOCKS[kind] === 0) return;
  throw new SpecError('batch.logp', `expected a multiple of ${BLOCKS[kind]} rows: ${ORDER[kind]}; got ${rows}`);
}

function carriedOf(objective: Objective, reader: Reader): readonly number[] | null {
  if (objective.carries === undefined) return null;
  return reader.has('carried') ? reader.list('carried', objective.carries.length) : objective.carries;
}

function numbers(value: unknown, count: number, where: string, what: string): number[] {
  if (!Array.isArray(value) || value.length !== count) throw new SpecError(where, `${what}; got ${shown(value)}`);
  return value.map((x, i) => {
    if (typeof x === 'number' && Number.isFinite(x)) return x;
    if (typeof x === 'boolean') return Number(x);
    throw new SpecError(`${where}[${i}]`, `expected a finite number; got ${typeof x === 'string' ? x : JSON.stringify(x)}`);
  });
}

/** What was found instead, in a few words. */
function shown(value: unknown): string {
  if (!Array.isArray(value)) return JSON.stringify(value) ?? 'nothing';
  const lengths = value.filter(Array.isArray).map((row) => row.length);
  if (lengths.length !== value.length || value.length === 0) return `[${value.length}]`;
  const [first, ...others] = lengths;
  return others.every((length) => length === first) ? `[${value.length}][${first}]` : `rows of ${[...new Set(lengths)].join(', ')}`;
}
