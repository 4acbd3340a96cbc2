/** The panels of a presentation, the same for the stage and for the window of notes. */
import type { Experiment } from '../../core/experiment';
import type { Lesson, Panel, Prediction } from '../../core/lesson';

export interface Slide {
  readonly panel: Panel;
  readonly title: string;
  /** Of a prediction: which, and whether the result may be seen. */
  readonly prediction?: Prediction;
  readonly revealed?: boolean;
}

/** One thing at a time: what is asked, what is predicted, the run, the result, how it compares, what it shows, what stays. */
export function slidesOf(lesson: Lesson | null): readonly Slide[] {
  const predictions = lesson?.predictions ?? [];
  const several = predictions.length > 1;
  const number = (i: number): string => (several ? ` ${i + 1}` : '');
  return [
    { panel: 'question', title: 'Question' },
    ...predictions.map((prediction, i): Slide => ({ panel: 'prediction', title: `Prediction${number(i)}`, prediction, revealed: false })),
    { panel: 'run', title: 'Live run' },
    { panel: 'chart', title: 'Result' },
    ...predictions.map((prediction, i): Slide => ({ panel: 'chart', title: `What was predicted${number(i)}`, prediction, revealed: true })),
    { panel: 'verdict', title: 'Verdict' },
    ...(lesson === null ? [] : [{ panel: 'notes', title: 'What stays' } as const]),
  ];
}

/** What whoever presents may want to say on a panel. */
export function notesFor({ panel }: Slide, lesson: Lesson | null, experiment: Experiment): readonly string[] {
  const own = lesson?.notes[panel] ?? [];
  const { theirs, ours, differs } = experiment;
  if (panel === 'question') return [...own, theirs];
  if (panel === 'run') return [...own, ours];
  if (panel === 'verdict') return [...own, `How the two differ: ${differs}`];
  return own;
}

/** Between the stage and the window of notes. */
export type StageMessage =
  | { readonly type: 'at'; readonly index: number; readonly startedAt: number }
  /** The other window wants to know where the stage is. */
  | { readonly type: 'hello' }
  | { readonly type: 'go'; readonly by: number };

export const channelOf = (experiment: string): string => `objective-lab/present/${experiment}`;

const TURNS: Readonly<Record<string, number>> = {
  ArrowRight: 1,
  ArrowDown: 1,
  PageDown: 1,
  Enter: 1,
  ArrowLeft: -1,
  ArrowUp: -1,
  PageUp: -1,
  Backspace: -1,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

/** By how many panels a key turns, those of clickers among them; 0 for any other key. */
export const turnOf = (key: string): number => (Object.hasOwn(TURNS, key) ? (TURNS[key] as number) : 0);
