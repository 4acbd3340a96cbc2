/** Where figures come from: the reader's own GPU, and what is recorded. */
import type { BenchResult } from '../../core/bench';
import type { RecordedBench } from '../../store/bench-recorded';
import { ENGINE_WORDS } from '../../store/bench-words';
import { type Accent, accentOf } from '../../store/palette';

export interface Source {
  readonly key: string;
  readonly own: boolean;
  /** In a table and beside a curve. */
  readonly title: string;
  readonly accent: Accent;
  readonly result: BenchResult;
}

/** The accents before these are the engines'; the reader's own GPU has the lab's, as its curves are the lab's. */
const FIRST_ACCENT = 3;

/** The reader's own figures first. A recorded one keeps its accent when they come. */
export function sourcesOf(own: BenchResult | null, recorded: readonly RecordedBench[]): Source[] {
  const others = recorded.map(({ id, result }, i): Source => {
    return {
      key: id,
      own: false,
      title: `${result.adapter}; ${result.runtime}`,
      accent: accentOf(FIRST_ACCENT + (i % FIRST_ACCENT)),
      result,
    };
  });
  return own === null ? others : [{ key: 'own', own: true, title: 'This GPU', accent: ENGINE_WORDS.lab.accent, result: own }, ...others];
}
