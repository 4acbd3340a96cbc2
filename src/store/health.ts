/** What is wrong with the runs at hand, read off their recordings. */
import type { Catalogue } from '../core/catalogue';
import type { Curve } from '../core/curves';
import { patientOf, type Warning, warningsOf } from '../core/sickness';
import type { Stage } from '../core/spec';
import type { Recording } from './recording';
import type { Run } from './run';
import type { Series } from './series';

/** Rows after which a run is looked over again, where it has not been evaluated before. */
const ROWS = 32;

interface LookedOver {
  readonly key: string;
  readonly warnings: readonly Warning[];
}

const known = new WeakMap<Recording, LookedOver>();

/** The warnings of a run as its recording stands: the same list until there is enough to look it over again. */
export function warningsFor(run: Pick<Run, 'spec' | 'state'>, recording: Recording, catalogue: Catalogue): readonly Warning[] {
  const { series, samples, step, stage } = recording;
  const ended = run.state === 'running' || run.state === 'preparing' ? '' : String(step);
  const key = [stage, samples.items.at(-1)?.step ?? -1, Math.floor(series.length / ROWS), ended, series.columns.size].join(' ');
  const before = known.get(recording);
  if (before?.key === key) return before.warnings;
  const dataOf = ({ objective, training }: Stage) =>
    catalogue.objectives.find(({ id }) => id === objective.id)?.data ?? (training.source === 'samples' ? 'rollouts' : 'demonstrations');
  const patient = patientOf({ stages: run.spec.stages, stage, read: (metric) => curveOf(series, metric), dataOf });
  const warnings = patient === null ? [] : warningsOf(patient);
  known.set(recording, { key, warnings });
  return warnings;
}

/** The finite values of a metric. */
export function curveOf(series: Series, metric: string): Curve {
  const steps: number[] = [];
  const values: number[] = [];
  const column = series.columns.get(metric);
  for (let row = 0; column !== undefined && row < series.length; row++) {
    const value = column.values[row] as number;
    if (!Number.isFinite(value)) continue;
    steps.push(series.steps[row] as number);
    values.push(value);
  }
  return { steps, values };
}
