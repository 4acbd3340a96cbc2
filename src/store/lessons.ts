/** The lessons, fetched when they are asked for, and what the reader has predicted and answered. */
import type { Lesson, Points } from '../core/lesson';

const modules = import.meta.glob<Lesson>(['../experiments/lessons/*.ts', '!../experiments/lessons/*.test.ts'], { import: 'default' });

/** Experiments that have a lesson. */
export const LESSONS: ReadonlySet<string> = new Set(Object.keys(modules).map((file) => file.replace(/^.*\/|\.ts$/g, '')));

/** The lesson on an experiment; null where there is none. */
export async function loadLesson(experiment: string): Promise<Lesson | null> {
  try {
    return (await modules[`../experiments/lessons/${experiment}.ts`]?.()) ?? null;
  } catch {
    // Without a network a page can be read that was not all fetched.
    return null;
  }
}

/** What a reader has said, by the id of the prediction or the check. */
export interface Answers {
  readonly choices: Readonly<Record<string, string>>;
  readonly sketches: Readonly<Record<string, Points>>;
  /** Index of the answer to a check. */
  readonly checks: Readonly<Record<string, number>>;
  /** Whether the result has been looked at. */
  readonly shown: boolean;
}

export const NO_ANSWERS: Answers = { choices: {}, sketches: {}, checks: {}, shown: false };

const keyOf = (experiment: string): string => `objective-lab/lesson/${experiment}`;

/** Kept beside the theme rather than with the runs: a few words, wanted before the storage is open. */
export function loadAnswers(experiment: string): Answers {
  try {
    const stored = JSON.parse(localStorage.getItem(keyOf(experiment)) ?? '{}') as Partial<Answers>;
    return { ...NO_ANSWERS, ...stored };
  } catch {
    return NO_ANSWERS;
  }
}

export function saveAnswers(experiment: string, answers: Answers): void {
  try {
    localStorage.setItem(keyOf(experiment), JSON.stringify(answers));
  } catch {
    // A private window forgets them when it closes.
  }
}
