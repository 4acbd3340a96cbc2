/** Whether a run that was done again is the run that was recorded: metric by metric, and vector by vector. */
import type { Checkpoint } from '../core/events';
import type { BundleSeries } from './bundle-format';

/** How one metric of the two runs compares. */
export interface MetricAgreement {
  readonly metric: string;
  /** Recorded values that were looked at. */
  readonly values: number;
  /** Values that are not the same float32. */
  readonly differing: number;
  /** Step of the first that differs; null where none does. */
  readonly firstStep: number | null;
  /** The largest difference; infinite where one of the two is not a number or was not measured. */
  readonly worst: { readonly step: number; readonly recorded: number; readonly again: number; readonly difference: number } | null;
  /** The largest difference as a share of the largest recorded value. */
  readonly relative: number;
}

/** How θ, or another vector of the checkpoint, compares. */
export interface VectorAgreement {
  readonly vector: string;
  readonly size: number;
  readonly differing: number;
  /** The largest difference of a number. */
  readonly worst: number;
  /** Euclidean distance as a share of the recorded vector's length. */
  readonly relative: number;
}

/** Every recorded value of steps after `after`, up to `until`. Metrics of `leaveOut` say something about the machine and not the run. */
export function compareSeries(
  recorded: BundleSeries,
  again: BundleSeries,
  { after, until, leaveOut }: { readonly after: number; readonly until: number; readonly leaveOut: (metric: string) => boolean },
): MetricAgreement[] {
  const rowOf = new Map(Array.from(again.steps, (step, row) => [step, row]));
  return Object.entries(recorded.columns)
    .filter(([metric]) => !leaveOut(metric))
    .flatMap(([metric, column]) => {
      const other = again.columns[metric];
      const found: [step: number, recorded: number, again: number][] = [];
      for (const [row, step] of recorded.steps.entries()) {
        const value = column[row] as number;
        if (Number.isNaN(value) || step <= after || step > until) continue;
        const at = rowOf.get(step);
        found.push([step, value, at === undefined ? Number.NaN : (other?.[at] ?? Number.NaN)]);
      }
      return found.length === 0 ? [] : [agreementOf(metric, found)];
    });
}

function agreementOf(metric: string, values: readonly (readonly [number, number, number])[]): MetricAgreement {
  let differing = 0;
  let firstStep: number | null = null;
  let worst: MetricAgreement['worst'] = null;
  let scale = 0;
  for (const [step, recorded, again] of values) {
    if (Number.isFinite(recorded)) scale = Math.max(scale, Math.abs(recorded));
    if (Object.is(recorded, again)) continue;
    differing += 1;
    firstStep ??= step;
    const gap = Math.abs(recorded - again);
    const difference = Number.isNaN(gap) ? Number.POSITIVE_INFINITY : gap;
    if (worst === null || difference > worst.difference) worst = { step, recorded, again, difference };
  }
  const relative = worst === null || worst.difference === 0 ? 0 : worst.difference / scale;
  return { metric, values: values.length, differing, firstStep, worst, relative };
}

/** θ, Adam's moments and the reference, number by number. */
export function compareCheckpoints(recorded: Checkpoint, again: Checkpoint): VectorAgreement[] {
  return (['theta', 'm', 'v', 'reference'] as const).map((vector) => compareVectors(vector, recorded[vector], again[vector]));
}

function compareVectors(vector: string, recorded: Float32Array, again: Float32Array): VectorAgreement {
  const size = recorded.length;
  if (again.length !== size) return { vector, size, differing: size, worst: Number.POSITIVE_INFINITY, relative: Number.POSITIVE_INFINITY };
  let [differing, worst, distance, length] = [0, 0, 0, 0];
  for (let i = 0; i < size; i++) {
    const [was, is] = [recorded[i] as number, again[i] as number];
    length += was * was;
    if (Object.is(was, is)) continue;
    differing += 1;
    worst = Math.max(worst, Math.abs(was - is));
    distance += (was - is) ** 2;
  }
  return { vector, size, differing, worst, relative: distance === 0 ? 0 : Math.sqrt(distance / length) };
}
