/**
 * What is wrong with a run, in words, read off its curves. Pure functions: the same curves give the same warnings, however often
 * they are asked for.
 */
import { lastValue, since } from './curves';
import { type Link, type Patient, type Sickness, THRESHOLDS } from './sickness';
import { SICKNESSES } from './sicknesses';

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
