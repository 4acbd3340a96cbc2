/** The recorded result of an experiment: `lab run --out` writes it, the page and `lab results` read it. */
import type { RunSpec } from './spec';
import type { Outcome, RunSummary } from './verdict';

/** One run as it is reported and recorded. */
export interface RunRecord extends RunSummary {
  readonly arm: string;
  readonly seed: number;
  readonly spec: RunSpec;
  readonly state: 'finished' | 'failed';
  readonly error: string | null;
  readonly steps: number;
  readonly seconds: number;
  /** Evaluations: the steps, and a column per metric; null where a metric was not measured. */
  readonly series: { readonly steps: readonly number[]; readonly columns: Readonly<Record<string, readonly (number | null)[]>> };
}

export interface Result {
  readonly target: string;
  readonly version: 1;
  /** YYYY-MM-DD, UTC. */
  readonly date: string;
  /** What to type to do it again. */
  readonly command: string;
  readonly device: { readonly backend: string; readonly name: string };
  readonly runs: readonly RunRecord[];
  readonly outcomes: readonly Outcome[];
}
