/** Questions to TypeScript, answered in time. */
import type { Answer, Ask, Question } from './protocol';
import type { Language } from './service';

export interface LanguageClient {
  /** Rejects where TypeScript could not be loaded. */
  ask<Q extends Question>(question: Q, ...about: Parameters<Language[Q]>): Promise<ReturnType<Language[Q]>>;
  close(): void;
}

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (reason: Error) => void;
}

export function startLanguage(): LanguageClient {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  const waiting = new Map<number, Waiting>();
  let count = 0;
  let lost: Error | null = null;
  worker.onmessage = ({ data }: MessageEvent<Answer>): void => {
    waiting.get(data.id)?.resolve(data.answer);
    waiting.delete(data.id);
  };
  worker.onerror = (): void => {
    lost = new Error('TypeScript could not be loaded');
    for (const { reject } of waiting.values()) reject(lost);
    waiting.clear();
  };
  return {
    ask: (question, ...about) =>
      new Promise((resolve, reject) => {
        if (lost !== null) {
          reject(lost);
          return;
        }
        count += 1;
        waiting.set(count, { resolve: resolve as Waiting['resolve'], reject });
        worker.postMessage({ id: count, question, about } satisfies Ask);
      }),
    close: () => worker.terminate(),
  };
}
