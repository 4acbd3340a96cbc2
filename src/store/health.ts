/** What is wrong with the runs at hand, read off their recordings. */
import type { Catalogue } from '../core/catalogue';
import type { Curve } from '../core/curves';
import { patientOf, stageAt } from '../core/sickness';
import type { Stage } from '../core/spec';
import { type Warning, warningsOf } from '../core/warnings';
import type { Recording } from './recording';
import type { Run } from './run';
import type { Series } from './series';

/** Rows after which a run is looked over again, where it has not been evaluated before. */
const ROWS = 32;

/** What was wrong with a run after some steps. */
export interface Health {
  readonly step: number;
  readonly warnings: readonly Warning[];
}

interface LookedOver {
  readonly key: string;
  readonly health: Health;
}

/** What was made of the newest state, and of the one that the reader has scrubbed to: the list of runs shows the former meanwhile. */
const known = { newest: new WeakMap<Recording, LookedOver>(), held: new WeakMap<Recording, LookedOver>() };

/**
 * The warnings of a run as it stands, or as it stood after `held` steps: the same object until there is enough to look it over again.
 */
export function healthOf(run: Pick<Run, 'spec' | 'state'>, recording: Recording, catalogue: Catalogue, held: number | null): Health {
  const { series, samples } = recording;
  const { stages } = run.spec;
  const [step, stage] = held === null ? [recording.step, recording.stage] : [held, stageAt(stages, held)];
  const ended = run.state === 'running' || run.state === 'preparing' ? '' : String(step);
  const key = [held ?? '', stage, samples.items.at(-1)?.step ?? -1, Math.floor(series.length / ROWS), ended, series.columns.size].join(' ');
  const looked = held === null ? known.newest : known.held;
  const before = looked.get(recording);
  if (before?.key === key) return before.health;
  const dataOf = ({ objective, training }: Stage) =>
    catalogue.objectives.find(({ id }) => id === objective.id)?.data ?? (training.source === 'samples' ? 'rollouts' : 'demonstrations');
  const patient = patientOf({ stages, stage, read: (metric) => curveOf(series, metric, held ?? Number.POSITIVE_INFINITY), dataOf });
  const health = { step, warnings: patient === null ? [] : warningsOf(patient) };
  looked.set(recording, { key, health });
  return health;
}

/** The finite values of a metric, of the steps up to `until`. */
export function curveOf(series: Series, metric: string, until = Number.POSITIVE_INFINITY): Curve {
  const steps: number[] = [];
  const values: number[] = [];
  const column = series.columns.get(metric);
  for (let row = 0; column !== undefined && row < series.length; row++) {
    const value = column.values[row] as number;
    if (!Number.isFinite(value) || (series.steps[row] as number) > until) continue;
    steps.push(series.steps[row] as number);
    values.push(value);
  }
  return { steps, values };
}
