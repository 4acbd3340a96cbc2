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

export const accentOf = (index: number): Accent => ACCENTS[index % ACCENTS.length] as Accent;

/** An accent for a new run: the preferred one where no run has it, else the one that the fewest have. */
export function pickAccent(used: readonly number[], preferred: number | null): number {
  const counts = ACCENTS.map((_, i) => used.filter((index) => index % ACCENTS.length === i).length);
  if (preferred !== null && counts[preferred % ACCENTS.length] === 0) return preferred % ACCENTS.length;
  return counts.indexOf(Math.min(...counts));
}
