/** Questions to TypeScript, answered in time. */
import type { Answer, Ask, Question } from './protocol';
import type { Language } from './service';

export interface LanguageClient {
  ask<Q extends Question>(question: Q, ...about: Parameters<Language[Q]>): Promise<ReturnType<Language[Q]>>;
  close(): void;
}

/** Starts TypeScript. A question is never answered where its worker could not be loaded; `onLost` is called then. */
export function startLanguage(onLost: () => void): LanguageClient {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  const waiting = new Map<number, (answer: unknown) => void>();
  let count = 0;
  worker.onmessage = ({ data }: MessageEvent<Answer>): void => {
    waiting.get(data.id)?.(data.answer);
    waiting.delete(data.id);
  };
  worker.onerror = onLost;
  return {
    ask: (question, ...about) =>
      new Promise((resolve) => {
        count += 1;
        waiting.set(count, resolve as (answer: unknown) => void);
        worker.postMessage({ id: count, question, about } satisfies Ask);
      }),
    close: () => worker.terminate(),
  };
}
