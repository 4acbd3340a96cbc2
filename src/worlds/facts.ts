/**
 * Facts: the chemical elements, one token for each name, symbol, number and so on. Snippets of eight words, questions about
 * them with and without the snippet, and held-out questions that need two facts (after RLAG, arXiv 2509.20162).
 *
 * One hop: `symbol of sodium ?` and its inverse `name of element with symbol Na ?`; every such question is in the
 * training split, since a fact can only be known if it was learned. Two hops: `category of element with symbol Na ?`;
 * these are the test split and are demonstrated only about made-up elements, never as facts.
 */
import { choice, flag, type Params, resolveParams, type ValuesOf } from '../core/params';
import type { Rng } from '../core/rng';
import {
  BOS,
  type ChecklistItem,
  type Completion,
  type Demonstration,
  EOS,
  type Example,
  type Split,
  type Verdict,
  type World,
  type WorldInstance,
} from '../core/world';
import { ELEMENTS, type ElementRow } from './content/elements';
import { encode, makeVocabulary } from './text';

const PARAMS = {
  demonstrations: choice({
    title: 'Demonstrations',
    help: 'What imitation learns from. Reading: questions below snippets with made-up values, so that only reading answers them.',
    default: 'reading',
    options: [
      { value: 'reading', title: 'Reading made-up snippets' },
      { value: 'questions', title: 'True questions and answers' },
      { value: 'snippets', title: 'True snippets as texts' },
      { value: 'reading+snippets', title: 'Reading and true snippets, half each' },
    ],
  }),
  explain: flag({
    title: 'Explanations',
    help: 'Answers in examples quote the fact first: because sodium symbol Na so Na. Either form is accepted from the policy.',
    default: false,
  }),
} as const;

/** What a snippet says, in its order. */
export const SLOTS = ['name', 'symbol', 'number', 'period', 'group', 'block', 'category', 'state'] as const;
export type Slot = (typeof SLOTS)[number];

/** The words of a snippet, one for each slot. */
export type Snippet = Readonly<Record<Slot, string>>;

/** Asks for `target` of the element that has the snippet's value of `key`. */
export interface Question {
  readonly kind: 'question';
  readonly snippet: Snippet;
  readonly key: Slot;
  readonly target: Slot;
}

/** Asks for the rest of a snippet after the name. */
interface Recital {
  readonly kind: 'recital';
  readonly snippet: Snippet;
}

/** What `Example.data` is in this world. */
export type Task = Question | Recital;

type QuestionForm = Pick<Question, 'key' | 'target'>;

const VALUE_SLOTS = SLOTS.filter((slot) => slot !== 'name');
/** Slots whose value belongs to one element only. */
const KEYS = ['symbol', 'number'] as const;

const ONE_HOP: readonly QuestionForm[] = [
  ...VALUE_SLOTS.map((target) => ({ key: 'name' as const, target })),
  ...KEYS.map((key) => ({ key, target: 'name' as const })),
];
const TWO_HOP: readonly QuestionForm[] = KEYS.flatMap((key) =>
  VALUE_SLOTS.filter((target) => target !== key).map((target) => ({ key, target })),
);
const FORMS: Readonly<Record<Split, readonly QuestionForm[]>> = { train: ONE_HOP, test: TWO_HOP };

function snippetOf([name, symbol, number, period, group, block, category, state]: ElementRow): Snippet {
  return {
    name,
    symbol,
    number: String(number),
    period: `period-${period}`,
    group: group === null ? 'no-group' : `group-${group}`,
    block: `${block}-block`,
    category,
    state,
  };
}

const SNIPPETS: readonly Snippet[] = ELEMENTS.map(snippetOf);

const bySlot = <T>(make: (slot: Slot) => T): Record<Slot, T> =>
  Object.fromEntries(SLOTS.map((slot) => [slot, make(slot)])) as Record<Slot, T>;

/** Every value that occurs in a slot. */
const VALUES = bySlot((slot) => [...new Set(SNIPPETS.map((snippet) => snippet[slot]))]);

const snippetText = (snippet: Snippet): string => SLOTS.map((slot) => snippet[slot]).join(' ');

const recitalText = (snippet: Snippet): string => VALUE_SLOTS.map((slot) => snippet[slot]).join(' ');

const questionText = ({ snippet, key, target }: Question): string =>
  key === 'name' ? `${target} of ${snippet.name} ?` : `${target} of element with ${key} ${snippet[key]} ?`;

const rightAnswer = ({ snippet, target }: Question): string => snippet[target];

/** The relation that the answer is read off: the one that was asked for, or the one that singles out the name. */
const quotedSlot = ({ key, target }: Question): Slot => (target === 'name' ? key : target);

/** An answer as it is written, right or wrong, with the explanation that would lead to it. */
function answerText(question: Question, answer: string, explain: boolean): string {
  if (!explain) return answer;
  const slot = quotedSlot(question);
  const fact = { ...question.snippet, [question.target]: answer };
  return `because ${fact.name} ${slot} ${fact[slot]} so ${answer}`;
}

/** A completion taken apart; null where it has neither of the two forms. */
function readAnswer(words: readonly string[]): { readonly answer: string; readonly quote: readonly string[] | null } | null {
  const [first, ...rest] = words;
  if (first !== undefined && rest.length === 0) return { answer: first, quote: null };
  const [name, slot, value, so, answer] = rest;
  if (first !== 'because' || so !== 'so' || rest.length !== 5) return null;
  return { answer: answer as string, quote: [name as string, slot as string, value as string] };
}

function judge(task: Task, words: readonly string[], ended: boolean): Verdict {
  if (task.kind === 'recital') {
    const right = words.join(' ') === recitalText(task.snippet) ? 1 : 0;
    const format = ended && words.length === VALUE_SLOTS.length ? 1 : 0;
    return { correct: format * right === 1, score: format * right, parts: { format, accuracy: right, rationality: right } };
  }
  const read = readAnswer(words);
  const format = read !== null && ended ? 1 : 0;
  const accuracy = read?.answer === rightAnswer(task) ? 1 : 0;
  const fact = [task.snippet.name, quotedSlot(task), task.snippet[quotedSlot(task)]];
  const rationality = accuracy === 1 && read?.quote?.join(' ') === fact.join(' ') ? 1 : 0;
  return { correct: format * accuracy === 1, score: format * accuracy, parts: { format, accuracy, rationality } };
}

/** What is asked of a completion, beginning with what counts most. */
const CHECKLIST = {
  answer: 'Its answer is right',
  reason: 'It quotes the fact from which the right answer follows',
  explained: 'It gives a reason, right or wrong',
  format: 'It is written in the form that the world asks for',
} as const;

function itemsOf(task: Task, words: readonly string[], ended: boolean): ChecklistItem[] {
  const { format = 0, accuracy = 0, rationality = 0 } = judge(task, words, ended).parts;
  const met = {
    answer: accuracy === 1,
    reason: rationality === 1,
    explained: (readAnswer(words)?.quote ?? null) !== null,
    format: format === 1,
  };
  const weights = { answer: 1, reason: 0.5, explained: 0.25, format: 0.25 };
  return (Object.keys(CHECKLIST) as (keyof typeof CHECKLIST)[]).map((name) => ({ name, weight: weights[name], met: met[name] }));
}

const wordsOf = (tokens: readonly number[]): string[] => tokens.map((id) => vocab.tokens[id] ?? '');

function trueQuestion(rng: Rng, split: Split): Question {
  return { kind: 'question', snippet: rng.pick(SNIPPETS), ...rng.pick(FORMS[split]) };
}

/** One in eight made-up snippets is held out, by the sum of its values' places in their lists. */
const READING_TEST = 8;

/** A question of either form about a snippet in which every value, drawn by itself, says nothing about the real element. */
function madeUpQuestion(rng: Rng, split: Split): Question {
  for (;;) {
    const snippet = bySlot((slot) => rng.pick(VALUES[slot]));
    const places = SLOTS.reduce((sum, slot) => sum + VALUES[slot].indexOf(snippet[slot]), 0);
    if ((places % READING_TEST === 0) !== (split === 'test')) continue;
    return { kind: 'question', snippet, ...rng.pick([...ONE_HOP, ...TWO_HOP]) };
  }
}

const vocab = makeVocabulary([...SLOTS, 'of', 'element', 'with', '?', 'because', 'so', ...SLOTS.flatMap((slot) => VALUES[slot])], ' ');

const closedBook = (question: Question): number[] => [BOS, ...encode(vocab, questionText(question))];
const openBook = (question: Question): number[] => [BOS, ...encode(vocab, `${snippetText(question.snippet)} ${questionText(question)}`)];
const ending = (text: string): number[] => [...encode(vocab, text), EOS];

const exampleOf = (question: Question, prompt: readonly number[]): Example => ({
  prompt,
  answer: rightAnswer(question),
  data: question satisfies Task,
});

/** The snippet as a text to continue from its name. */
function recital(snippet: Snippet): Demonstration {
  const text = recitalText(snippet);
  const data: Task = { kind: 'recital', snippet };
  return { example: { prompt: [BOS, ...encode(vocab, snippet.name)], answer: text, data }, completion: ending(text) };
}

/** In the test split true snippets give way to two-hop questions: every snippet is there to be learned, none is held out. */
function demonstrate(rng: Rng, split: Split, { demonstrations, explain }: ValuesOf<typeof PARAMS>): Demonstration {
  const about = demonstrations === 'reading+snippets' ? rng.pick(['reading', 'snippets']) : demonstrations;
  if (about === 'snippets' && split === 'train') return recital(rng.pick(SNIPPETS));
  const question = about === 'reading' ? madeUpQuestion(rng, split) : trueQuestion(rng, split);
  const example = exampleOf(question, about === 'reading' ? openBook(question) : closedBook(question));
  return { example, completion: ending(answerText(question, rightAnswer(question), explain)) };
}

/**
 * A completion is a bare answer, `Na`, or an explained one, `because sodium symbol Na so Na`. Parts of a verdict, each 0 or 1:
 *
 * - format: it has one of the two forms and ends.
 * - accuracy: its answer is what the snippet says (the true one, or the made-up one that the prompt shows).
 * - rationality: it is explained, the quoted fact is the snippet's own about the element in question and the relation that
 *   the question turns on, and the answer follows from the quoted fact. A right answer without its reason has none.
 *
 * `augment` asks one-hop questions in the training split and two-hop questions in the test split, with four options.
 * Lengths do not depend on the parameters, so that stages with different demonstrations can share one policy.
 */
function create(given: Params): WorldInstance {
  const params = resolveParams(PARAMS, given, 'world.params');
  return {
    vocab,
    // bos, a snippet, and `category of element with symbol Na ?`
    promptLength: 1 + SLOTS.length + 7,
    // A snippet after its name, and eos; an explained answer is one shorter.
    completionLength: VALUE_SLOTS.length + 1,
    sample(rng, split) {
      const question = trueQuestion(rng, split);
      return exampleOf(question, closedBook(question));
    },
    verify: (example: Example, { tokens, ended }: Completion) => judge(example.data as Task, wordsOf(tokens), ended),
    checklist: (example, { tokens, ended }) => itemsOf(example.data as Task, wordsOf(tokens), ended),
    // Either form ends in the answer.
    answerSpan: ({ tokens }) => (readAnswer(wordsOf(tokens)) === null ? null : { start: tokens.length - 1, end: tokens.length }),
    demonstrate: (rng, split) => demonstrate(rng, split, params),
    augment(rng, split) {
      const question = trueQuestion(rng, split);
      const right = rightAnswer(question);
      const wrong = rng.shuffle(VALUES[question.target].filter((value) => value !== right)).slice(0, 3);
      const options = rng.shuffle([right, ...wrong]);
      const text = recital(question.snippet);
      return {
        example: exampleOf(question, closedBook(question)),
        augmentedPrompt: openBook(question),
        snippet: { prompt: text.example.prompt, completion: text.completion },
        options: options.map((option) => ending(answerText(question, option, params.explain))),
        correct: options.indexOf(right),
      };
    },
  };
}

export const facts: World = {
  id: 'facts',
  title: 'Facts',
  summary:
    'The 118 chemical elements: short texts, four-option questions with and without the text, and held-out questions that join two facts.',
  policies: ['gpt'],
  rewards: ['rlag-style', 'exact-match', 'checklist', 'format', 'answer-confidence'],
  checklist: CHECKLIST,
  params: PARAMS,
  suggested: {
    policy: { layers: 2, width: 64, heads: 4 },
    // RLAG needs a policy that can read the text: it learns that first, on made-up facts.
    stages: [
      { objective: 'sft', world: { demonstrations: 'reading' }, training: { steps: 1000, batchSize: 64, lr: 0.003 } },
      { objective: 'rlag', training: { steps: 500, batchSize: 32, lr: 0.001 } },
    ],
  },
  create,
};
