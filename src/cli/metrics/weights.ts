/** Weights before and after training. */

import { chanceJaccard, density, jaccard, touched } from '../../metrics/jaccard';
import { compare, roundedToBf16, sliceMovement, TOLERANCES, toleranceCurve } from '../../metrics/movement';
import { ranksOf } from '../../metrics/rank';
import { angleBetween, slerp } from '../../metrics/slerp';
import { type Cell, defineEntry, type MetricEntry, mean, type Precision } from './define';
import { InputError, type Row, tensorOf, wrong } from './rows';

interface Change {
  readonly line: number;
  readonly name: string;
  readonly shape: readonly number[];
  readonly before: number[];
  readonly after: number[];
}

const WEIGHTS = 'Give the weights as a list of numbers, or as a list of rows.';

function readChange(row: Row): Change {
  const [before, after] = [tensorOf(row, 'before', WEIGHTS), tensorOf(row, 'after', WEIGHTS)];
  if (before.shape.join() !== after.shape.join()) {
    const [ours, theirs] = [before.shape.join(' x '), after.shape.join(' x ')];
    wrong('after', `has the shape ${theirs}, and "before" has ${ours}`, 'Give the same weights before and after.');
  }
  const name = typeof row.fields.name === 'string' ? row.fields.name : `line ${row.line}`;
  return { line: row.line, name, shape: before.shape, before: before.values, after: after.values };
}

function readMatrix(row: Row): Change {
  const change = readChange(row);
  if (change.shape.length !== 2)
    wrong('before', 'is a list of numbers', 'A rank needs a matrix: give a list of rows, such as [[1, 0], [0, 1]].');
  return change;
}

const READS = '"before" and "after": the weights, a list of numbers or a list of rows; "name" (optional).';
const AS = 'Weights are compared as --as bf16 or f32 (bf16), and count as touched where they differ by more than --tolerance (1e-5).';

/** Ranks of the difference of two matrices, as f32. */
function ranksOfChange({ shape, before, after }: Change, as: Precision): ReturnType<typeof ranksOf> {
  const [rows, columns] = shape as [number, number];
  const [from, to] = [before, after].map((values) =>
    as === 'bf16' ? roundedToBf16(Float32Array.from(values)) : Float32Array.from(values),
  );
  const delta = Float32Array.from(to ?? [], (value, i) => value - (from?.[i] as number)); // [rows, columns]
  const [side, longer] = [Math.min(rows, columns), Math.max(rows, columns)];
  const at = (short: number, long: number): number => delta[rows <= columns ? short * columns + long : long * columns + short] as number;
  const gram = new Float64Array(side * side);
  for (let i = 0; i < side; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let t = 0; t < longer; t++) sum += at(i, t) * at(j, t);
      gram[i * side + j] = sum;
      gram[j * side + i] = sum;
    }
  }
  return ranksOf(gram, side, longer);
}

/** A flat vector in the shape that the input had. */
const shaped = (values: Float64Array, shape: readonly number[]): number[] | number[][] => {
  const [rows, columns] = shape as [number, number?];
  return columns === undefined ? [...values] : Array.from({ length: rows }, (_, i) => [...values.subarray(i * columns, (i + 1) * columns)]);
};

export const WEIGHT_METRICS: readonly MetricEntry[] = [
  defineEntry<Change>({
    id: 'sparsity',
    aliases: ['update-sparsity', 'updated-fraction'],
    title: 'Share of the weights that an update leaves alone',
    reads: `${READS} All lines together are one model.`,
    examples: ['{"name": "w", "before": [1, 2, 3], "after": [1, 2.5, 3]}'],
    options: ['as', 'tolerance'],
    rule: `${AS} Listed beside it: the fraction updated at every tolerance, in both precisions.`,
    read: readChange,
    compute(changes, { as = 'bf16', tolerance }) {
      const pairs = changes.map(({ name, before, after }) => ({
        name,
        before: Float32Array.from(before),
        after: Float32Array.from(after),
      }));
      const slices = pairs.map(({ name, before, after }) => sliceMovement(name, before.length, [compare(before, after)]));
      const sizes = slices.reduce((sum, { size }) => sum + size, 0);
      const updated = pairs.reduce((sum, { before, after }) => sum + density(touched(before, after, tolerance, as)) * before.length, 0);
      const [f32, bf16] = [toleranceCurve(slices, 'f32'), toleranceCurve(slices, 'bf16')];
      return {
        value: 1 - updated / sizes,
        details: {
          as,
          tolerance,
          weights: sizes,
          updated: updated / sizes,
          l2: Math.hypot(...slices.map(({ l2 }) => l2)),
          max: Math.max(...slices.map(({ max }) => max)),
          curve: TOLERANCES.map((level, i) => ({ tolerance: level, updated_f32: f32[i] as number, updated_bf16: bf16[i] as number })),
        },
      };
    },
  }),
  defineEntry<Change>({
    id: 'rank',
    aliases: ['relative-rank', 'update-rank'],
    title: 'Rank of the update of a matrix over its smaller side',
    reads: '"before" and "after": a weight matrix as a list of rows; "name" (optional). Each line is a matrix.',
    examples: ['{"before": [[1, 0], [0, 1]], "after": [[1.5, 0], [0, 1]]}'],
    options: ['as'],
    rule: 'Weights as --as bf16 or f32 (f32); a singular value counts above max(rows, columns) 2^-23 times the largest. Mean over the matrices. The stable rank stands beside it.',
    read: readMatrix,
    compute(changes, { as = 'f32' }) {
      const each = changes.map((change) => ({ name: change.name, ...ranksOfChange(change, as) }));
      return {
        value: mean(each.map(({ relative }) => relative)),
        details: {
          as,
          matrices: each.map(({ name, relative, stable }, i) => ({
            name,
            rank: Math.round(relative * Math.min(...(changes[i]?.shape ?? []))),
            relative,
            stable: Number.isNaN(stable) ? null : stable,
          })),
        },
      };
    },
  }),
  defineEntry<Change>({
    id: 'jaccard',
    title: 'Overlap of the sets of weights that updates touch, beside that of independent sets',
    reads: `${READS} Each line is one update of the same weights, such as one seed; every two lines are compared.`,
    examples: [
      '{"name": "seed 0", "before": [1, 2, 3], "after": [1, 2.5, 3]}',
      '{"name": "seed 1", "before": [1, 2, 3], "after": [1, 2.5, 4]}',
    ],
    options: ['as', 'tolerance'],
    rule: `${AS} Chance: p q / (p + q - p q) for updates that touch shares p and q, which is p / (2 - p) where they are equal. Means over the pairs.`,
    read: readChange,
    compute(changes, { as = 'bf16', tolerance }) {
      const [first] = changes;
      if (changes.length < 2)
        throw new InputError('One update has nothing to be compared with. Give a second line with another update of the same weights.');
      const odd = changes.find(({ before }) => before.length !== first?.before.length);
      if (odd !== undefined) {
        throw new InputError(
          `Line ${odd.line}: "before" has ${odd.before.length} weights where line ${first?.line} has ${first?.before.length}. Give updates of the same weights.`,
        );
      }
      const sets = changes.map(({ name, before, after }) => {
        const set = touched(Float32Array.from(before), Float32Array.from(after), tolerance, as);
        return { name, set, share: density(set) };
      });
      const pairs = sets.flatMap((a, i) =>
        sets.slice(i + 1).map((b) => ({ a: a.name, b: b.name, jaccard: jaccard(a.set, b.set), chance: chanceJaccard(a.share, b.share) })),
      );
      const known = pairs.filter((pair) => !Number.isNaN(pair.jaccard));
      return {
        value: mean(known.map((pair) => pair.jaccard)),
        details: {
          chance: mean(known.map(({ chance }) => chance)),
          as,
          tolerance,
          updates: sets.map(({ name, share }) => ({ name, updated: share })),
          pairs: pairs.map((pair): Record<string, Cell> => ({ ...pair })),
        },
        ...(known.length === 0 ? { note: 'No update touches anything at this tolerance.' } : {}),
      };
    },
  }),
  defineEntry<Change>({
    id: 'slerp',
    title: 'Spherical interpolation of tensors; its value is the angle between them in radians, mean over tensors',
    reads:
      '"before" and "after": a tensor at t = 0 and at t = 1, a list of numbers or a list of rows; "name" (optional). Each line is a tensor.',
    examples: ['{"before": [1, 0], "after": [0, 1]}'],
    options: ['t'],
    rule: 'At --t (.5). The angle is that between the whole tensors; lengths are not normalised. Linear where the angle is below 1e-3 or within that of a half turn.',
    read: readChange,
    compute(changes, { t }) {
      const tensors = changes.map(({ name, shape, before, after }) => {
        const angle = angleBetween(before, after);
        return { name, angle, result: shaped(slerp(before, after, t), shape) };
      });
      const known = tensors.map(({ angle }) => angle).filter((angle) => !Number.isNaN(angle));
      return {
        value: mean(known),
        details: { t, tensors },
        ...(known.length === 0 ? { note: 'A tensor of zeros has no direction, so there is no angle; the interpolation is linear.' } : {}),
      };
    },
  }),
];
