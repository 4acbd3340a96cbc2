/** What a run says, event by event, as what a bundle holds of it. */
import type { Diagnosis } from '../core/diagnosis';
import type { RunEvent, Sample } from '../core/events';
import type { BundleDistribution, BundleSeries, BundleSlices, Moment } from './bundle-format';

export interface Witness {
  take(event: RunEvent): void;
  /** Last step that was taken, and its stage. */
  last(): { readonly step: number; readonly stage: number };
  series(): BundleSeries;
  readonly samples: Moment<readonly Sample[]>[];
  readonly distributions: Moment<BundleDistribution>[];
  readonly diagnoses: Moment<Diagnosis>[];
  slices(): BundleSlices | null;
}

export function createWitness(): Witness {
  const rows = new Map<number, Map<string, number>>();
  const samples: Moment<readonly Sample[]>[] = [];
  const distributions: Moment<BundleDistribution>[] = [];
  const diagnoses: Moment<Diagnosis>[] = [];
  let slices: BundleSlices | null = null;
  let last = { step: 0, stage: 0 };

  const addRows = ({ steps, columns }: Extract<RunEvent, { type: 'metrics' }>): void => {
    for (const [i, step] of steps.entries()) {
      const row = rows.get(step) ?? new Map<string, number>();
      rows.set(step, row);
      for (const [id, column] of Object.entries(columns)) {
        const value = column[i];
        if (value !== undefined && !Number.isNaN(value)) row.set(id, value);
      }
    }
  };

  return {
    samples,
    distributions,
    diagnoses,
    last: () => last,
    slices: () => slices,
    take(event) {
      if (event.type === 'step') last = { step: event.step, stage: event.stage };
      else if (event.type === 'metrics') addRows(event);
      else if (event.type === 'samples') samples.push({ step: event.step, value: event.samples });
      else if (event.type === 'diagnosis') diagnoses.push({ step: event.step, value: event.diagnosis });
      else if (event.type === 'distribution')
        distributions.push({ step: event.step, value: distributionOf(event, distributions.at(-1)?.value) });
      else if (event.type === 'slices') {
        const { type: _, ...rest } = event;
        slices = rest;
      }
    },
    series() {
      const steps = Float64Array.from([...rows.keys()].sort((a, b) => a - b));
      const ids = [...new Set([...rows.values()].flatMap((row) => [...row.keys()]))].sort();
      const column = (id: string): Float32Array => Float32Array.from(steps, (step) => rows.get(step)?.get(id) ?? Number.NaN);
      return { steps, columns: Object.fromEntries(ids.map((id) => [id, column(id)])) };
    },
  };
}

/** What is as in the moment before is the same array. */
function distributionOf(event: Extract<RunEvent, { type: 'distribution' }>, before: BundleDistribution | undefined): BundleDistribution {
  const share = (values: readonly number[], old: Float32Array | null | undefined): Float32Array => {
    const next = Float32Array.from(values);
    return old?.length === next.length && next.every((value, i) => value === old[i]) ? old : next;
  };
  const same = before?.labels.length === event.labels.length && event.labels.every((label, i) => label === before.labels[i]);
  return {
    labels: same ? before.labels : event.labels,
    policy: Float32Array.from(event.policy),
    reference: share(event.reference, before?.reference),
    reward: share(event.reward, before?.reward),
    optimum: event.optimum === null ? null : share(event.optimum, before?.optimum),
  };
}
