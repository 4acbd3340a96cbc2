/** TypeScript in a worker of its own, so that a slow check never holds up typing. */
import { FILES } from './files';
import type { Answer, Ask, Question } from './protocol';
import { createLanguage, type Language } from './service';

const language = createLanguage(FILES);

self.onmessage = ({ data }: MessageEvent<Ask>): void => {
  const { id, question, about } = data;
  // The message's own type says that the question and what it is about belong together.
  const ask = language[question] as (...about: Parameters<Language[Question]>) => unknown;
  self.postMessage({ id, answer: ask(...about) } satisfies Answer);
};
