/** What the sicknesses of a run are read off, and what each of them has to say. */
import type { DataKind } from './catalogue';
import type { Curve, Threshold } from './curves';
import { type Stage, stepsBefore } from './spec';

/** As much of a run as its warnings are read off. */
export interface Patient {
  /** A metric's values since the stage began; an empty curve where it was not measured. */
  curve(metric: string): Curve;
  /** Its last value before that, and the step at which the stage began. NaN where it was not measured. */
  before(metric: string): number;
  readonly from: number;
  /** The stage at hand: its index and settings, and the kind of examples that its objective learns from. */
  readonly index: number;
  readonly stage: Stage;
  readonly data: DataKind;
}

/** A run as it stood after `step` steps. */
export interface Course {
  readonly stages: readonly Stage[];
  /** The stage of the last step. */
  readonly stage: number;
  /** All of a metric's values. */
  readonly read: (metric: string) => Curve;
  readonly dataOf: (stage: Stage) => DataKind;
}

/** The stage at hand of a run, for `warningsOf`. Null for a stage that the run has not. */
export function patientOf({ stages, stage: index, read, dataOf }: Course): Patient | null {
  const stage = stages[index];
  if (stage === undefined) return null;
  const from = stepsBefore(stages, index);
  const cuts = new Map<string, { readonly curve: Curve; readonly before: number }>();
  const cut = (metric: string) => {
    const known = cuts.get(metric);
    if (known !== undefined) return known;
    const { steps, values } = read(metric);
    // What was measured before the first step of a run says how its first stage began.
    const first = steps.findIndex((step) => step > from);
    const at = first < 0 ? steps.length : first;
    const made = { curve: { steps: steps.slice(at), values: values.slice(at) }, before: values[at - 1] ?? Number.NaN };
    cuts.set(metric, made);
    return made;
  };
  return { index, stage, from, data: dataOf(stage), curve: (metric) => cut(metric).curve, before: (metric) => cut(metric).before };
}

/** The stage that the last of so many steps of a run belongs to. */
export function stageAt(stages: readonly Stage[], step: number): number {
  const found = stages.findIndex((_, index) => step <= stepsBefore(stages, index + 1));
  return found < 0 ? stages.length - 1 : found;
}

/** All thresholds, with their reasons. Levels are said in each entry of `sicknesses.ts`. */
export const THRESHOLDS = {
  /** Nats that the chosen completions have lost: at 2 they are 7 times less likely than at the start; below 1 it may be noise. */
  'chosen-falls': { on: 2, off: 1, patience: 5 },
  /** Implicit reward margin: the sigmoid loss weighs a pair by sigmoid(-margin), .05 at 3. */
  'margins-saturated': { on: 3, off: 2, patience: 5 },
  /** Share of its first entropy that the policy has lost while it is often wrong: a tenth left is one way of writing. */
  'entropy-collapsed': { on: 0.9, off: 0.8, patience: 3 },
  /** Share of groups whose rewards are equal: at .8 four fifths of all samples are drawn for nothing. */
  'no-spread': { on: 0.8, off: 0.6, patience: 5 },
  /** Share of completions that the length limit cuts off: their reward says little of what they would have come to. */
  truncated: { on: 0.5, off: 0.3, patience: 5 },
  /** Share of its best value that the truth has lost while the reward rose: a tenth is within the noise of a small evaluation. */
  'reward-hacked': { on: 0.2, off: 0.1, patience: 3 },
  /** Nats for a whole completion: at 15 the policy's samples are three million times less likely under the reference. */
  'kl-blown-up': { on: 15, off: 10, patience: 3 },
  /** Length against that at the start of the stage, while the truth has not gained. */
  'length-grows': { on: 2, off: 1.6, patience: 5 },
  /** Share of ratios that are clipped and so carry no gradient: in an ordinary run a few hundredths. */
  'ratios-clipped': { on: 0.3, off: 0.15, patience: 3 },
  /** Gradient norm against what was usual before. Ordinary batches differ by a factor of 3. */
  diverging: { on: 10, off: 4, patience: 3 },
  /** Gradient of the value loss against that of the policy term: clipping by the global norm leaves the latter a tenth of a step. */
  'value-dominates': { on: 10, off: 5, patience: 2 },
  /** 1 where the gradient is as good as 0: AdamW then still moves, by what its moments remember. */
  'nothing-learnt': { on: 0.9, off: 0.5, patience: 10 },
} as const satisfies Record<string, Threshold>;

export type SicknessId = keyof typeof THRESHOLDS;

export interface Link {
  readonly title: string;
  readonly url: string;
}

/** An entry of `sicknesses.ts`. */
export interface Sickness {
  readonly id: SicknessId;
  readonly title: string;
  /** The more, the worse; empty where it cannot be told. */
  level(patient: Patient): Curve;
  sentence(patient: Patient, level: number): string;
  /** Settings to try, by their place in a stage, such as `objective.params.beta`. Those that the stage lacks are left out. */
  readonly remedies: readonly (readonly [place: string, words: string])[];
  readonly link: Link;
  /** Sicknesses that explain this one: with them it goes without saying. */
  readonly explainedBy?: readonly SicknessId[];
}
