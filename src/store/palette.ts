/** The accents of runs: Okabe and Ito's colours, each with a marker so that colour never stands alone. */

export type Marker = 'circle' | 'square' | 'triangle' | 'diamond' | 'cross' | 'wedge';

export interface Accent {
  readonly name: string;
  /** A CSS colour. */
  readonly colour: string;
  readonly marker: Marker;
}

/**
 * In the order in which they are given out; yellow is left out, as it cannot be seen on paper. The theme holds the
 * colours themselves, a little lighter in the dark.
 */
export const ACCENTS: readonly Accent[] = [
  { name: 'blue', colour: 'var(--accent-blue)', marker: 'circle' },
  { name: 'vermilion', colour: 'var(--accent-vermilion)', marker: 'square' },
  { name: 'green', colour: 'var(--accent-green)', marker: 'triangle' },
  { name: 'purple', colour: 'var(--accent-purple)', marker: 'diamond' },
  { name: 'orange', colour: 'var(--accent-orange)', marker: 'cross' },
  { name: 'sky', colour: 'var(--accent-sky)', marker: 'wedge' },
];

/** Accents that differ in colour or in marker. */
const DISTINCT = ACCENTS.length ** 2;

/** Past the sixth accent the colours come again, each time with other markers. */
export function accentOf(index: number): Accent {
  const round = Math.floor((index % DISTINCT) / ACCENTS.length);
  const accent = ACCENTS[index % ACCENTS.length] as Accent;
  const { marker } = ACCENTS[(index + round) % ACCENTS.length] as Accent;
  return { ...accent, marker };
}

/** An accent for a new arm: the preferred one where no arm has it, else the first of those that the fewest have. */
export function pickAccent(used: readonly number[], preferred: number | null): number {
  const counts = Array.from({ length: DISTINCT }, (_, i) => used.filter((index) => index % DISTINCT === i).length);
  if (preferred !== null && counts[preferred % DISTINCT] === 0) return preferred % DISTINCT;
  return counts.indexOf(Math.min(...counts));
}
