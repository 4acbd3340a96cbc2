/**
 * Shop: a customer says vaguely what to read, the policy writes a query, and a black-box search engine (BM25 over author, title
 * and subjects of real books) answers with a ranking (after Rec-R1, arXiv 2503.24289).
 *
 * Relevance is by subject: a book's grade is 2 where it has a main subject of the need, 1 where it has only a related one,
 * else 0. Each need is said in several wordings; the last of each is held out, so test prompts are new but their needs are not.
 */
import { number, type Params, resolveParams } from '../core/params';
import type { Rng } from '../core/rng';
import {
  BOS,
  type ChecklistItem,
  type Completion,
  type Demonstration,
  EOS,
  type Example,
  type Ranking,
  SPECIAL_TOKENS,
  type Split,
  type Verdict,
  type World,
  type WorldInstance,
} from '../core/world';
import { ndcgAtK } from '../metrics/ranking';
import { createBm25, indexWords } from './bm25';
import { BOOKS } from './content/books';
import { NEEDS, type Need } from './content/needs';
import { encode, makeVocabulary } from './text';

const PARAMS = {
  k: number({
    title: 'Results that count',
    help: 'The true reward is NDCG over this many results.',
    default: 10,
    min: 1,
    max: 100,
    integer: true,
  }),
} as const;

/** Stands between the wish and the query. */
const ASK = ':';
const QUERY_WORDS = 5;
/** Words of the wish that the teacher keeps; the last place is for its guess. */
const COPIED_WORDS = QUERY_WORDS - 1;

const split = (words: string): string[] => words.split(' ');

const SUBJECTS: readonly ReadonlySet<string>[] = BOOKS.map(([, , subjects]) => new Set(split(subjects)));

const vocab = makeVocabulary([ASK, ...SUBJECTS.flatMap((subjects) => [...subjects]), ...NEEDS.flatMap(needWords)], ' ');

function needWords({ main, related, wordings }: Need): string[] {
  return [main, related, ...wordings].flatMap(split);
}

/** A wording with its need, by split: the last wording of each need is held out. */
const WISHES = {
  train: NEEDS.flatMap((_, need) => wishesOf(need).slice(0, -1)),
  test: NEEDS.flatMap((_, need) => wishesOf(need).slice(-1)),
} as const satisfies Record<Split, unknown>;

interface Wish {
  readonly need: number;
  readonly wording: string;
}

function wishesOf(need: number): Wish[] {
  return (NEEDS[need] as Need).wordings.map((wording) => ({ need, wording }));
}

/** Relevance grade of every book for a need, in catalogue order. */
export function gradesOf({ main, related }: Need): number[] {
  const grade = (subjects: ReadonlySet<string>): number => {
    if (split(main).some((subject) => subjects.has(subject))) return 2;
    return split(related).some((subject) => subjects.has(subject)) ? 1 : 0;
  };
  return SUBJECTS.map(grade);
}

const GRADES = NEEDS.map(gradesOf);
const RELEVANT = GRADES.map((grades) => grades.filter((grade) => grade > 0));

const ENGINE = createBm25(
  BOOKS.map(([author, title, subjects]) => indexWords(`${author} ${title} ${subjects}`)),
  { k1: 1.2, b: 0.75 },
);

/** What the search engine makes of a query, graded for a need. */
function search(need: number, words: readonly string[]): Ranking {
  const grades = GRADES[need] as number[];
  const found = ENGINE.search(words.flatMap(indexWords));
  return { relevance: found.map((book) => grades[book] as number), relevant: RELEVANT[need] as number[] };
}

/** The words of a query; null where it is empty, cut off, too long, or holds a token that is no word. */
function readQuery({ tokens, ended }: Completion): string[] | null {
  const first = SPECIAL_TOKENS.length + 1;
  const wellFormed =
    ended && tokens.length > 0 && tokens.length <= QUERY_WORDS && tokens.every((id) => id >= first && id < vocab.tokens.length);
  return wellFormed ? tokens.map((id) => vocab.tokens[id] as string) : null;
}

/** What is asked of a query, beginning with what counts most. */
const CHECKLIST = {
  relevant: 'Something relevant is among the results that count',
  first: 'The first result is relevant',
  format: 'It is written in the form that the world asks for',
  no_repeats: 'No word stands in it twice',
} as const;

function itemsOf(ranking: Ranking | null, { tokens }: Completion, k: number): ChecklistItem[] {
  const relevance = ranking?.relevance ?? [];
  return [
    { name: 'relevant', weight: 1, met: relevance.slice(0, k).some((grade) => grade > 0) },
    { name: 'first', weight: 0.5, met: (relevance[0] ?? 0) > 0 },
    { name: 'format', weight: 0.5, met: ranking !== null },
    { name: 'no_repeats', weight: 0.25, met: ranking !== null && new Set(tokens).size === tokens.length },
  ];
}

const exampleOf = ({ need, wording }: Wish): Example & { readonly data: number } => ({
  prompt: [BOS, ...encode(vocab, `${wording} ${ASK}`)],
  answer: (NEEDS[need] as Need).main,
  data: need,
});

/**
 * A mediocre teacher: it keeps the words of the wish that the search engine knows (the first four), thinks of one book that would
 * please the customer (any of grade 2), and adds one of that book's subjects, the wanted one or another.
 */
function teach(rng: Rng, { need, wording }: Wish): Demonstration {
  const known = split(wording).filter((word) => indexWords(word).some(ENGINE.knows));
  const pleasing = SUBJECTS.filter((_, book) => GRADES[need]?.[book] === 2);
  const query = [...known.slice(0, COPIED_WORDS), rng.pick([...rng.pick(pleasing)])];
  return { example: exampleOf({ need, wording }), completion: [...encode(vocab, query.join(' ')), EOS] };
}

const longestWish = Math.max(...NEEDS.flatMap(({ wordings }) => wordings.map((wording) => split(wording).length)));

function create(given: Params): WorldInstance {
  const { k } = resolveParams(PARAMS, given, 'world.params');
  const rank = (example: Example, completion: Completion): Ranking | null => {
    const words = readQuery(completion);
    return words === null ? null : search(example.data as number, words);
  };
  return {
    vocab,
    // bos, the wish, and the mark that asks for a query
    promptLength: 1 + longestWish + 1,
    completionLength: QUERY_WORDS + 1,
    sample: (rng, from) => exampleOf(rng.pick<Wish>(WISHES[from])),
    verify(example, completion): Verdict {
      const ranking = rank(example, completion);
      const score = ranking === null ? 0 : ndcgAtK(ranking, k);
      return { correct: score >= 0.5, score, parts: { format: ranking === null ? 0 : 1 } };
    },
    checklist: (example, completion) => itemsOf(rank(example, completion), completion, k),
    demonstrate: (rng, from) => teach(rng, rng.pick<Wish>(WISHES[from])),
    rank,
  };
}

export const shop: World = {
  id: 'shop',
  title: 'Shop',
  summary: 'Hundreds of real books behind a search engine, and customers who say vaguely what they want. The policy writes the query.',
  policies: ['gpt'],
  rewards: ['ndcg', 'recall', 'mrr', 'checklist', 'format'],
  checklist: CHECKLIST,
  params: PARAMS,
  suggested: {
    policy: { layers: 2, width: 64, heads: 4 },
    // Untrained, the policy writes no query at all, and every reward in a group is the same.
    stages: [
      { objective: 'sft', training: { steps: 300, batchSize: 32, lr: 0.003 } },
      { objective: 'grpo', training: { steps: 300, prompts: 16, group: 8, lr: 0.001 } },
    ],
  },
  create,
};
