/** The diagnoses of a recording, as they are shown. */
import type { Diagnosis } from '../core/diagnosis';
import type { Frame } from './frames';

export interface ShownDiagnosis {
  readonly seen: Diagnosis;
  /** The step of the look that the samples are from, where it is an earlier one; null where they are the look's own. */
  readonly samplesOf: number | null;
}

/**
 * The look at an index. A run that was taken up knows its samples again once it has drawn anew; until then those of the last look of
 * the same stage stand in for them. Null where there is no such look.
 */
export function diagnosisAt(looks: readonly Frame<Diagnosis>[], index: number): ShownDiagnosis | null {
  const look = looks[index];
  if (look === undefined) return null;
  const { value } = look;
  const earlier = looks.slice(0, index).findLast((one) => one.value.stage === value.stage && one.value.pool !== null);
  if (value.pool !== null || earlier === undefined) return { seen: value, samplesOf: null };
  return { seen: { ...value, pool: earlier.value.pool }, samplesOf: earlier.step };
}
