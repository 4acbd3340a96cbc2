/** The accents of runs: Okabe and Ito's colours, each with a marker so that colour never stands alone. */

export type Marker = 'circle' | 'square' | 'triangle' | 'diamond' | 'cross' | 'wedge';

export interface Accent {
  readonly name: string;
  readonly colour: string;
  readonly marker: Marker;
}

/** In the order in which they are given out; yellow is left out, as it cannot be seen on paper. */
export const ACCENTS: readonly Accent[] = [
  { name: 'blue', colour: '#0072b2', marker: 'circle' },
  { name: 'vermilion', colour: '#d55e00', marker: 'square' },
  { name: 'green', colour: '#009e73', marker: 'triangle' },
  { name: 'purple', colour: '#cc79a7', marker: 'diamond' },
  { name: 'orange', colour: '#e69f00', marker: 'cross' },
  { name: 'sky', colour: '#56b4e9', marker: 'wedge' },
];

export const accentOf = (index: number): Accent => ACCENTS[index % ACCENTS.length] as Accent;

/** An accent for a new run: the preferred one where no run has it, else the one that the fewest have. */
export function pickAccent(used: readonly number[], preferred: number | null): number {
  const counts = ACCENTS.map((_, i) => used.filter((index) => index % ACCENTS.length === i).length);
  if (preferred !== null && counts[preferred % ACCENTS.length] === 0) return preferred % ACCENTS.length;
  return counts.indexOf(Math.min(...counts));
}
