/**
 * What is wrong with a run, in words, read off its curves. Pure functions: the same curves give the same warnings, however often
 * they are asked for.
 */
import type { DataKind } from './catalogue';
import { type Curve, lastValue, since } from './curves';
import { SICKNESSES, type SicknessId, THRESHOLDS } from './sicknesses';
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

/** A setting to change, by its path in the spec. */
export interface Remedy {
  readonly words: string;
  readonly path: string;
}

export interface Warning {
  readonly id: string;
  readonly title: string;
  /** What the curves say, with the figures. */
  readonly sentence: string;
  readonly remedies: readonly Remedy[];
  readonly link: Link;
  /** Step since which it holds. */
  readonly since: number;
}

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

/** What is wrong with a run just now; the longest-standing first. */
export function warningsOf(patient: Patient): Warning[] {
  const found = SICKNESSES.flatMap((sickness) => {
    const level = sickness.level(patient);
    const began = since(level, THRESHOLDS[sickness.id]);
    return began === null ? [] : [{ sickness, level: lastValue(level), began }];
  });
  const ids = new Set(found.map(({ sickness }) => sickness.id));
  return found
    .filter(({ sickness: { explainedBy = [] } }) => !explainedBy.some((id) => ids.has(id)))
    .sort((a, b) => a.began - b.began)
    .map(({ sickness, level, began }) => ({
      id: sickness.id,
      title: sickness.title,
      sentence: sickness.sentence(patient, level),
      remedies: remediesFor(sickness, patient),
      link: sickness.link,
      since: began,
    }));
}

/** Those whose setting the stage has, and that could still be changed in the direction that they name. */
function remediesFor({ remedies }: Sickness, { index, stage }: Patient): Remedy[] {
  const { training, objective } = stage;
  const has = (place: string): boolean => {
    if (place === 'rewards') return stage.rewards.length > 0;
    const key = place.split('.').at(-1) as string;
    if (place.startsWith('objective.')) return key in objective.params;
    const sampled = training.source === 'samples';
    if (key === 'source') return !sampled;
    return key === 'lr' || key === 'steps' || key === 'clipNorm' || key === 'warmup' || sampled;
  };
  return remedies
    .filter(([place]) => has(place))
    .map(([place, words]) => ({ words, path: `stages[${index}].${place === 'rewards' ? 'rewards[0]' : place}` }));
}
