/** An experiment: one question, its arms, and the claim that is tested. Data and prose, no logic. */
import type { RunSpecInput } from './spec';

/** What is compared at the end of every seed's runs. */
export interface Claim {
  /** In words, with the threshold in it. */
  readonly text: string;
  /** Metric read off each arm: its last value, or that of `at` when given. */
  readonly metric: string;
  /** Effect = metric of `arm` minus metric of `against` (or the value itself; or minus the arm's own first value). */
  readonly arm: string;
  readonly against: { readonly arm: string } | 'start' | 'nothing';
  /** The effect counts when it is at least this. Fixed before any run. */
  readonly threshold: number;
}

export interface Experiment {
  readonly id: string;
  readonly title: string;
  /** Position in the list. */
  readonly order: number;
  readonly question: string;
  readonly paper: { readonly title: string; readonly url: string };
  /** What the paper measured, what we measure, and how the two differ. */
  readonly theirs: string;
  readonly ours: string;
  readonly differs: string;
  readonly arms: Readonly<Record<string, { readonly title: string; readonly spec: RunSpecInput }>>;
  /** The arm that the lab opens with. */
  readonly opens: string;
  readonly seeds: number;
  /** The arm in which there is nothing to be found: what it shows is what chance and step size show. */
  readonly nullArm?: string;
  readonly claims: readonly Claim[];
}

/** Gives an experiment its type where it is written. */
export const defineExperiment = <const E extends Experiment>(experiment: E): E => experiment;
