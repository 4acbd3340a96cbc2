/**
 * Principles: short replies to a message under a house style, such as friendly or brief. The setting of SAMI, "Self-Supervised
 * Alignment with Mutual Information" (arXiv 2404.14313), small enough that every possible reply can be written down, so that the
 * mutual information of replies and principles is computed and not bounded.
 */
import { number, type Params, resolveParams } from '../core/params';
import type { Rng } from '../core/rng';
import { BOS, type Completion, EOS, type Example, type Split, type Verdict, type World, type WorldInstance } from '../core/world';
import { decode, encode, makeVocabulary } from './text';

const GREETINGS = ['hey', 'dear'] as const;
const ANSWERS = ['yes', 'no'] as const;
const REASONS = ['rain', 'work', 'cost'] as const;

/** Every reply: a greeting, an answer, and perhaps a reason. */
export const REPLIES: readonly string[] = GREETINGS.flatMap((greeting) =>
  ANSWERS.flatMap((answer) => [`${greeting} ${answer}`, ...REASONS.map((reason) => `${greeting} ${answer} because ${reason}`)]),
);

/** What each principle asks of a reply. */
const PRINCIPLES: Readonly<Record<string, (reply: string) => boolean>> = {
  friendly: (reply) => reply.startsWith('hey'),
  formal: (reply) => reply.startsWith('dear'),
  brief: (reply) => !reply.includes('because'),
  thorough: (reply) => reply.includes('because'),
};
const NAMES = Object.keys(PRINCIPLES);

const MESSAGES = ['lunch', 'tennis', 'picnic', 'cinema', 'museum', 'hiking', 'skating', 'chess', 'opera', 'sailing', 'cycling', 'dancing'];
/** Messages that are only asked when the policy is judged. */
const HELD_OUT = 3;

const PARAMS = {
  adherence: number({
    title: 'Adherence of the demonstrations',
    help: 'How often a demonstrated reply is picked because it keeps to the principle; the others are picked from all replies.',
    default: 0.3,
    min: 0,
    max: 1,
    step: 0.05,
  }),
} as const;

interface Task {
  readonly principle: string;
}

function create(params: Params): WorldInstance {
  const { adherence } = resolveParams(PARAMS, params, 'world.params');
  const vocab = makeVocabulary([...NAMES, ...MESSAGES, ...GREETINGS, ...ANSWERS, 'because', ...REASONS], ' ');
  const asked = (principle: string, message: string): Example => ({
    prompt: [BOS, ...encode(vocab, `${principle} ${message}`)],
    data: { principle } satisfies Task,
  });
  const messageOf = (rng: Rng, split: Split): string =>
    rng.pick(split === 'test' ? MESSAGES.slice(-HELD_OUT) : MESSAGES.slice(0, -HELD_OUT));
  const written = (reply: string): number[] => [...encode(vocab, reply), EOS];
  const sample = (rng: Rng, split: Split): Example => asked(rng.pick(NAMES), messageOf(rng, split));
  return {
    vocab,
    promptLength: 3,
    completionLength: 5,
    modes: REPLIES.map((name) => ({ name, contains: ({ text, ended }: Completion) => ended && text === name })),
    sample,
    verify(example, { tokens, ended }): Verdict {
      const reply = decode(vocab, tokens);
      const format = ended && REPLIES.includes(reply);
      const kept = format && (PRINCIPLES[(example.data as Task).principle]?.(reply) ?? false);
      return { correct: kept, score: kept ? 1 : 0, parts: { format: format ? 1 : 0, accuracy: kept ? 1 : 0 } };
    },
    demonstrate(rng, split) {
      const example = sample(rng, split);
      const keeps = PRINCIPLES[(example.data as Task).principle] ?? (() => true);
      const adheres = rng.uniform() < adherence;
      return { example, completion: written(rng.pick(adheres ? REPLIES.filter(keeps) : REPLIES)) };
    },
    contrast(rng, split) {
      const message = messageOf(rng, split);
      return NAMES.map((principle) => asked(principle, message));
    },
    replies: REPLIES.map(written),
  };
}

export const principles: World = {
  id: 'principles',
  title: 'Principles',
  summary: 'Short replies under a house style: friendly, formal, brief or thorough. Few enough replies for all probabilities to be exact.',
  policies: ['gpt'],
  rewards: ['exact-match', 'format'],
  params: PARAMS,
  suggested: {
    policy: { layers: 2, width: 32, heads: 2 },
    stages: [
      { objective: 'sft', training: { steps: 200, batchSize: 32, lr: 0.003 } },
      { objective: 'sami', training: { source: 'samples', steps: 100, prompts: 8, batchSize: 8, lr: 0.0003 } },
    ],
  },
  create,
};
