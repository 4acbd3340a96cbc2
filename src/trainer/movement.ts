/** How far θ has moved, measured where θ lies: a small table comes back, and at the end of a stage Gram matrices. */
import * as tf from '@tensorflow/tfjs-core';
import type { EvaluationResult } from '../core/events';
import { type Layout, type Slice, sliceSize } from '../core/layout';
import type { Movement, SliceMovement, ThetaMetric, UpdateRank } from '../core/metric';
import { gram, gramAttrs, gramMatrix } from '../kernels/gram/op';
import { movement } from '../kernels/movement/op';
import { chunksOf, rowOf } from '../kernels/movement/reference';
import { METRICS } from '../metrics';
import { sliceMovement, TOLERANCES, toleranceCurve } from '../metrics/movement';
import { type Ranks, ranksOf } from '../metrics/rank';
import { updatedBySlice } from '../metrics/sparsity';

/** Greatest smaller side of a matrix whose rank is measured: eigenvalues take its third power, on the host. */
const LARGEST_SIDE = 256;

export interface MovementInput {
  readonly layout: Layout;
  readonly step: number;
  /** [layout.size] */
  readonly theta: tf.Tensor1D;
  /** θ at the start of the run, [layout.size]. */
  readonly start: tf.Tensor1D;
  /**
   * Whether to measure ranks. They read back two numbers for every weight of a square matrix and take the host near a millisecond for
   * one of 64 by 64, twice: too much for every look. What was published is the rank after training, so the end of a stage asks.
   */
  readonly ranks: boolean;
}

/** The metrics of θ, and the event that shows it slice by slice. */
export async function evaluateMovement({ layout, step, theta, start, ranks }: MovementInput): Promise<EvaluationResult> {
  const slices = await measureSlices(layout, theta, start);
  const measured: Movement = { slices, ranks: ranks ? await measureRanks(layout, slices, theta, start) : null };
  const metrics: Record<string, number> = {};
  for (const metric of thetaMetrics()) {
    const value = metric.compute(measured);
    if (!Number.isNaN(value)) metrics[metric.id] = value;
  }
  const curve = { tolerances: TOLERANCES, f32: toleranceCurve(slices, 'f32'), bf16: toleranceCurve(slices, 'bf16') };
  return { metrics, events: [{ type: 'slices', step, ...updatedBySlice(slices), curve }] };
}

const thetaMetrics = (): ThetaMetric[] => Object.values(METRICS).filter((metric) => metric.of === 'theta');

/** The movement of every slice, [layout.size] weights in one dispatch and one read. */
export async function measureSlices(layout: Layout, theta: tf.Tensor1D, start: tf.Tensor1D): Promise<SliceMovement[]> {
  const chunks = chunksOf(layout);
  const table = tf.tidy(() => movement({ theta, start, chunks: tf.tensor2d(chunks.flat(), [chunks.length, 2], 'int32') })); // [chunks, 22]
  const values = await read(table);
  const rows = chunks.map(([offset], row) => ({ offset, compared: rowOf(values, row) }));
  return layout.slices.map((slice) => {
    const end = slice.offset + sliceSize(slice);
    const own = rows.filter(({ offset }) => offset >= slice.offset && offset < end);
    return sliceMovement(
      slice.name,
      sliceSize(slice),
      own.map(({ compared }) => compared),
    );
  });
}

/** The ranks of the update of every weight matrix that is not too large. One after another, so that their memory is the same. */
export async function measureRanks(
  layout: Layout,
  slices: readonly SliceMovement[],
  theta: tf.Tensor1D,
  start: tf.Tensor1D,
): Promise<UpdateRank[]> {
  const found: UpdateRank[] = [];
  for (const [i, slice] of layout.slices.entries()) {
    if (!isMatrix(slice)) continue;
    const { max = 0, maxBf16 = 0 } = slices[i] ?? {};
    const f32 = await measureRank(slice, 0, max, theta, start);
    const bf16 = await measureRank(slice, 1, maxBf16, theta, start);
    found.push({ name: slice.name, f32: f32.relative, bf16: bf16.relative, stable: f32.stable });
  }
  return found;
}

/** The ranks of one matrix whose largest difference is `max`, in one dispatch. */
async function measureRank(slice: Slice, bf16: 0 | 1, max: number, theta: tf.Tensor1D, start: tf.Tensor1D): Promise<Ranks> {
  // Neither no change nor an infinite one has a scale to compute in.
  if (max === 0 || !Number.isFinite(max)) return { relative: max === 0 ? 0 : Number.NaN, stable: Number.NaN };
  const attrs = gramAttrs(slice, bf16, max);
  return ranksOf(gramMatrix(await read(gram({ theta, start }, attrs)), attrs), attrs.side, attrs.length);
}

const isMatrix = ({ shape: [rows = 0, columns = 0, ...more] }: Slice): boolean =>
  more.length === 0 && Math.min(rows, columns) > 1 && Math.min(rows, columns) <= LARGEST_SIDE;

/** A tensor's values; the tensor is disposed of. */
async function read(tensor: tf.Tensor): Promise<ArrayLike<number>> {
  const values = await tensor.data();
  tensor.dispose();
  return values;
}
