/**
 * A closer look at what a run has just learnt from, taken when it is evaluated: pairs, ratios, advantages, groups, lengths, and
 * the gradient of each part of the loss. It reads and never trains: no bit of a run depends on it.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Diagnosis, GroupsSeen, Histogram, PairsSeen, PoolSeen, RatiosSeen, RolloutsSeen, TrainedSample } from '../core/diagnosis';
import type { RunEvent, SamplePool } from '../core/events';
import type { Params } from '../core/params';
import type { Example } from '../core/world';
import { readAll, submitRecorded } from '../kernels/memory';
import type { Policy } from '../policies/policy';
import { toRows } from '../policies/rows';
import { type HostBatch, microBatches } from './batch';
import { type Drawn, firstHalves } from './draw';
import { edgesOf, histogram, histogramOf } from './histogram';
import type { PreparedStage } from './lab';
import { sampleDeviation } from './pool';
import { wordsOf } from './samples';
import { termGradients } from './step';

/** Completions whose words travel to the page, and whose reward is drawn against their KL. */
const SHOWN_SAMPLES = 32;
const POINTS = 96;
const BINS = 24;
/** Rewards within a group that differ by less are equal, as for `frac_reward_zero_std`, and an advantage below is none. */
const EQUAL = 1e-8;

/** What the last step of a run learnt from. */
export interface Learnt {
  readonly batch: HostBatch;
  /** The samples as they were last drawn, with the pool that was made of them; null where there are none at hand. */
  readonly samples: { readonly pool: SamplePool; readonly drawn: Drawn } | null;
}

export interface DiagnosisInput extends Learnt {
  readonly policy: Policy;
  readonly stage: PreparedStage;
  /** Index of the stage, and steps of the run. */
  readonly at: number;
  readonly step: number;
  readonly theta: tf.Tensor1D;
  readonly reference: tf.Tensor1D;
  /** [S], or null where the objective carries nothing. */
  readonly carried: tf.Tensor1D | null;
}

/** Numbers to log, `grad_norm/<part of the loss>`, and what is shown. All tensors are freed. */
export async function diagnose(input: DiagnosisInput): Promise<{ metrics: Record<string, number>; event: RunEvent }> {
  const { stage, step, at, batch, samples } = input;
  const rows = await scoredRows(input);
  const terms = await termNorms(input);
  const diagnosis: Diagnosis = {
    stage: at,
    data: batch.kind,
    pairs: pairsOf(stage, batch, rows),
    rollouts: rolloutsOf(stage, batch, rows),
    likelihood: likelihoodOf(batch, rows),
    pool: samples === null || batch.kind === 'contrasts' ? null : poolSeen(stage, samples.pool, samples.drawn),
    terms,
  };
  const metrics = Object.fromEntries(Object.entries(terms ?? {}).map(([name, norm]) => [`grad_norm/${name}`, norm]));
  return { metrics, event: { type: 'diagnosis', step, diagnosis } };
}

/** A batch's rows under the policy and the reference, [R, T] each, in the batch's order. */
interface ScoredBatch {
  readonly logp: Float32Array;
  readonly refLogp: Float32Array;
}

/** In the micro-batches of a step, so that looking takes no more memory than training. */
async function scoredRows({ policy, stage, theta, reference, batch }: DiagnosisInput): Promise<ScoredBatch> {
  const { rows, length } = batch.rows;
  const whole: ScoredBatch = { logp: new Float32Array(rows * length), refLogp: new Float32Array(rows * length) };
  for (const { rows: part, places } of placed(batch, partsOf(stage))) {
    const tensors = tf.tidy(() => {
      const tokens = toRows(part);
      return [policy.score(theta, tokens).logp, policy.score(reference, tokens).logp]; // [r, T], [r, T]
    });
    const reading = readAll(tensors);
    tf.dispose(tensors);
    const values = await reading;
    places.forEach((place, row) => {
      whole.logp.set(values.subarray(row * length, (row + 1) * length), place * length);
      whole.refLogp.set(values.subarray((part.rows + row) * length, (part.rows + row + 1) * length), place * length);
    });
  }
  return whole;
}

const partsOf = ({ objective, spec }: PreparedStage): number => (objective.wholeBatch === true ? 1 : spec.training.microBatches);

/** The micro-batches with the row of the batch that each of their rows is. */
function placed(batch: HostBatch, parts: number): { rows: HostBatch['rows']; places: number[] }[] {
  const numbered = { ...batch, perRow: { place: Float32Array.from({ length: batch.rows.rows }, (_, row) => row) } };
  return microBatches(numbered, parts).map(({ rows, perRow }) => ({ rows, places: Array.from(perRow.place as Float32Array) }));
}

/** The norm of each part's gradient over the whole batch; null where the loss has but one part. */
async function termNorms({ stage, policy, theta, reference, batch, carried }: DiagnosisInput): Promise<Record<string, number> | null> {
  const squares = tf.tidy(() => {
    const parts = microBatches(batch, partsOf(stage)).map((part) => termGradients(stage, policy, theta, reference, part, carried));
    return Object.fromEntries(
      Object.keys(parts[0] ?? {}).map((name) => {
        const grads = parts.flatMap((part) => (part[name] === undefined ? [] : [part[name]]));
        return [name, tf.sum(tf.square(tf.addN(grads)))]; // []
      }),
    );
  });
  const names = Object.keys(squares);
  if (names.length === 0) {
    // What the loss was asked for its parts with is recorded, and nobody reads it: freed only once it is submitted.
    submitRecorded();
    return null;
  }
  const reading = readAll(Object.values(squares));
  tf.dispose(squares);
  const values = await reading;
  return Object.fromEntries(names.map((name, i) => [name, Math.sqrt(values[i] as number)]));
}

/** Sums over the completion of each row, [R]. */
function sums({ rows: { rows, length, mask } }: HostBatch, of: (i: number) => number): number[] {
  return Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let i = row * length; i < (row + 1) * length; i++) if (mask[i] === 1) sum += of(i);
    return sum;
  });
}

/** The values of all completion tokens. */
function tokens({ rows: { mask } }: HostBatch, of: (i: number) => number): number[] {
  const all: number[] = [];
  for (let i = 0; i < mask.length; i++) if (mask[i] === 1) all.push(of(i));
  return all;
}

/** Rows that are to become more likely and less likely, side by side; `paired` where they belong together. */
interface Sides {
  readonly up: readonly number[];
  readonly down: readonly number[];
  readonly paired: boolean;
  readonly ties: number;
}

function sidesOf({ kind, items, perItem }: HostBatch): Sides | null {
  const all = Array.from({ length: items }, (_, i) => i);
  switch (kind) {
    case 'preferences':
      return { up: all, down: all.map((i) => i + items), paired: true, ties: 0 };
    case 'duels': {
      const won = (i: number): number => perItem.wins?.[i] as number;
      const decided = all.filter((i) => won(i) !== 0.5);
      const side = (ours: number): number[] => decided.map((i) => (won(i) === ours ? i : i + items));
      return { up: side(1), down: side(0), paired: true, ties: items - decided.length };
    }
    case 'unpaired': {
      const judged = (label: number): number[] => all.filter((i) => perItem.labels?.[i] === label);
      return { up: judged(1), down: judged(0), paired: false, ties: 0 };
    }
    case 'augmented': {
      const different = all.filter((i) => perItem.same?.[i] === 0);
      const block = (which: number): number[] => different.map((i) => i + which * items);
      return { up: block(1), down: block(2), paired: true, ties: items - different.length };
    }
    case 'demonstrations':
    case 'rollouts':
    case 'contrasts':
      return null;
    default:
      return kind satisfies never;
  }
}

function pairsOf({ objective, spec }: PreparedStage, batch: HostBatch, { logp, refLogp }: ScoredBatch): PairsSeen | null {
  const sides = sidesOf(batch);
  if (sides === null) return null;
  const compares = objective.needsReference(spec.objective.params as never);
  const values = sums(batch, (i) => (logp[i] as number) - (compares ? (refLogp[i] as number) : 0));
  const side = (rows: readonly number[]): number[] => rows.map((row) => values[row] as number);
  const [up, down] = [side(sides.up), side(sides.down)];
  const edges = edgesOf([...up, ...down], { bins: BINS, ...(compares ? { include: [0] } : {}) });
  const margins = up.map((value, i) => value - (down[i] as number));
  return {
    measure: compares ? 'log-ratio' : 'log-probability',
    chosen: histogramOf(up, edges),
    rejected: histogramOf(down, edges),
    margins: sides.paired ? histogram(margins, { bins: BINS, include: [0] }) : null,
    ahead: sides.paired && margins.length > 0 ? share(margins, (margin) => margin > 0) : null,
    ties: sides.ties,
  };
}

const share = <T>(values: readonly T[], is: (value: T, i: number) => boolean): number =>
  values.filter(is).length / Math.max(1, values.length);

function likelihoodOf(batch: HostBatch, { logp }: ScoredBatch): Histogram | null {
  if (batch.kind !== 'demonstrations') return null;
  const edges = Array.from({ length: 21 }, (_, i) => i / 20);
  return histogramOf(
    tokens(batch, (i) => Math.exp(logp[i] as number)),
    edges,
  );
}

function rolloutsOf(stage: PreparedStage, batch: HostBatch, { logp, refLogp }: ScoredBatch): RolloutsSeen | null {
  const { oldLogp, advantages } = batch.perToken;
  const { rewards } = batch.perRow;
  if (batch.kind !== 'rollouts' || oldLogp === undefined || advantages === undefined || rewards === undefined) return null;
  const lengths = sums(batch, () => 1);
  const perRow = sums(batch, (i) => advantages[i] as number).map((sum, row) => sum / Math.max(1, lengths[row] as number));
  const kl = sums(batch, (i) => (logp[i] as number) - (refLogp[i] as number));
  return {
    ratios: ratiosOf(stage, batch, { logp, oldLogp, advantages, perRow, lengths }),
    advantages: histogram(perRow, { bins: BINS, include: [0] }),
    withoutAdvantage: perRow.filter((advantage) => Math.abs(advantage) < EQUAL).length,
    points: kl.slice(0, POINTS).map((nats, row) => ({ reward: rewards[row] as number, kl: nats })),
  };
}

interface RatioInput {
  readonly logp: Float32Array;
  readonly oldLogp: Float32Array;
  readonly advantages: Float32Array;
  /** Mean advantage, and tokens, of each completion. */
  readonly perRow: readonly number[];
  readonly lengths: readonly number[];
}

function ratiosOf({ objective, spec }: PreparedStage, batch: HostBatch, input: RatioInput): RatiosSeen {
  const { logp, oldLogp, advantages, perRow, lengths } = input;
  const level = objective.ratioLevel?.(spec.objective.params as never) ?? 'token';
  const change = (i: number): number => (logp[i] as number) - (oldLogp[i] as number);
  const ratios =
    level === 'token'
      ? tokens(batch, change).map(Math.exp)
      : sums(batch, change).map((sum, row) => Math.exp(level === 'mean' ? sum / Math.max(1, lengths[row] as number) : sum));
  const weights = level === 'token' ? tokens(batch, (i) => advantages[i] as number) : perRow;
  const bounds = objective.ratioBounds?.(spec.objective.params as never) ?? boundsOf(spec.objective.params);
  return {
    level,
    histogram: histogram(ratios, { bins: BINS, include: [1, ...(bounds === null ? [] : [bounds.low, bounds.high])] }),
    clip:
      bounds === null
        ? null
        : {
            ...bounds,
            lowShare: share(ratios, (ratio, i) => ratio < bounds.low && (weights[i] as number) < 0),
            highShare: share(ratios, (ratio, i) => ratio > bounds.high && (weights[i] as number) > 0),
          },
  };
}

/** The clip bounds by TRL's names, for an objective on samples that has them. */
function boundsOf({ epsilon, epsilon_high: high = epsilon }: Params): { low: number; high: number } | null {
  return typeof epsilon === 'number' && typeof high === 'number' ? { low: 1 - epsilon, high: 1 + high } : null;
}

/** What was drawn, of a duel the policy's own half. */
function poolSeen(stage: PreparedStage, pool: SamplePool, all: Drawn): PoolSeen {
  const isDuel = stage.objective.data === 'duels';
  const [drawn, size] = isDuel ? [firstHalves(all, pool.group), pool.group / 2] : [all, pool.group];
  const { advantages } = pool;
  const seen = drawn.completions.map((completion, row): TrainedSample => {
    const example = drawn.examples[row] as Example;
    const { correct, score } = stage.world.verify(example, completion);
    const length = lengthOf(drawn, row);
    return {
      prompt: row < SHOWN_SAMPLES ? wordsOf(stage.world, example.prompt) : '',
      completion: completion.text,
      reward: drawn.scores[row]?.total ?? 0,
      trueReward: score,
      correct,
      advantage: advantages.length === 0 ? null : rowSum(advantages, row, pool.length) / Math.max(1, length),
      length,
      truncated: !completion.ended,
    };
  });
  const lengths = seen.map(({ length }) => length);
  const edges = edgesOf(lengths, { bins: BINS, include: [0, ...lengths], whole: true });
  const lengthsOf = (is: (sample: TrainedSample) => boolean): Histogram =>
    histogramOf(
      seen.filter(is).map(({ length }) => length),
      edges,
    );
  return {
    drawnAt: pool.drawnAt,
    groups: groupsOf(seen, size),
    lengths: {
      right: lengthsOf(({ correct, truncated }) => correct && !truncated),
      wrong: lengthsOf(({ correct, truncated }) => !correct && !truncated),
      truncated: lengthsOf(({ truncated }) => truncated),
    },
    samples: seen.slice(0, SHOWN_SAMPLES),
  };
}

const lengthOf = ({ sampled: { mask, length } }: Drawn, row: number): number => rowSum(mask, row, length);

function rowSum(matrix: Float32Array, row: number, length: number): number {
  let sum = 0;
  for (let i = row * length; i < (row + 1) * length; i++) sum += matrix[i] as number;
  return sum;
}

function groupsOf(seen: readonly TrainedSample[], size: number): GroupsSeen {
  const groups = Array.from({ length: seen.length / size }, (_, i) => seen.slice(i * size, (i + 1) * size));
  const deviations = groups.map((group) => sampleDeviation(Float32Array.from(group, ({ reward }) => reward)));
  const right = groups.filter((group) => group.every(({ correct }) => correct)).length;
  const wrong = groups.filter((group) => group.every(({ correct }) => !correct)).length;
  return {
    size,
    std: histogram(deviations, { bins: 16, include: [0] }),
    withoutSpread: deviations.filter((deviation) => deviation < EQUAL).length,
    right,
    wrong,
    mixed: groups.length - right - wrong,
  };
}
