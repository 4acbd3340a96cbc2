/** The messages between the editor and the worker that TypeScript runs in. */
import type { Language } from './service';

export type Question = keyof Language;

export interface Ask<Q extends Question = Question> {
  readonly id: number;
  readonly question: Q;
  readonly about: Parameters<Language[Q]>;
}

export interface Answer {
  readonly id: number;
  readonly answer: unknown;
}
