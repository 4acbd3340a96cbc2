/** Ranked results, and pass@k. */
import { passAtK } from '../../metrics/pass-at-k';
import { ndcgAtK, recallAtK, reciprocalRank } from '../../metrics/ranking';
import { type ScoredRanking, tiedNdcgAtK, tiedRecallAtK, tiedReciprocalRank } from '../../metrics/ranking-ties';
import { promptOf } from './completions';
import { defineEntry, groupBy, type MetricEntry, mean } from './define';
import { flagOf, has, InputError, numberOf, numbersOf, type Row, wrong } from './rows';

interface List {
  readonly relevance: number[];
  /** Null where the results stand in rank order already. */
  readonly scores: number[] | null;
  readonly relevant: number[];
}

const GRADES = 'Give the grade of each result, such as [2, 0, 1]; 0 means that it is not relevant.';

function readList(row: Row): List {
  const relevance = numbersOf(row, 'relevance', GRADES, { min: 0 });
  const scores = has(row, 'scores') ? numbersOf(row, 'scores', 'Give one score for each result; the highest ranks first.') : null;
  if (scores !== null && scores.length !== relevance.length) {
    wrong('scores', `has ${scores.length} entries and "relevance" has ${relevance.length}`, 'Give one score for each result.');
  }
  const all = 'Give every grade above 0 that there is to find, in any order.';
  const relevant = has(row, 'relevant') ? numbersOf(row, 'relevant', all, { min: 0 }) : relevance;
  return { relevance, scores, relevant: relevant.filter((grade) => grade > 0) };
}

interface RankingMetric {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly title: string;
  readonly rule: string;
  readonly depth: number;
  ordered(list: List, k: number): number;
  scored(list: ScoredRanking, k: number): number;
}

const TIES = 'Equal scores: the expected value over all orders of the tied results.';

const ranking = ({ depth, ordered, scored, ...rest }: RankingMetric): MetricEntry =>
  defineEntry<List>({
    ...rest,
    reads:
      '"relevance": grades of the results, in rank order unless there are scores; "scores" (optional): one for each result; "relevant" (optional): every grade above 0 that there is to find, where the results do not hold all.',
    examples: ['{"relevance": [2, 0, 1]}', '{"relevance": [0, 2, 1], "scores": [0.9, 0.9, 0.3], "relevant": [2, 2, 1]}'],
    options: ['k'],
    read: readList,
    compute(lists, { k = depth }) {
      const each = lists.map((list) => (list.scores === null ? ordered(list, k) : scored({ ...list, scores: list.scores }, k)));
      return { value: mean(each), details: { k: Number.isFinite(k) ? k : 'all', rankings: lists.length, each } };
    },
  });

interface Tries {
  readonly line: number;
  readonly prompt: string;
  /** Whether the line holds the counts of a prompt, not one sample. */
  readonly counted: boolean;
  readonly n: number;
  readonly c: number;
}

function readTries(row: Row): Tries {
  if (!has(row, 'n') && !has(row, 'c')) {
    const remedy = 'Give "prompt" and "correct" for every sample, or "n" and "c" for every prompt.';
    return { line: row.line, prompt: promptOf(row), counted: false, n: 1, c: flagOf(row, 'correct', remedy) ? 1 : 0 };
  }
  const n = numberOf(row, 'n', 'Give the number of samples.', { min: 1, integer: true });
  const c = numberOf(row, 'c', 'Give the number of samples that were right.', { min: 0, max: n, integer: true });
  return { line: row.line, prompt: `line ${row.line}`, counted: true, n, c };
}

/** Counts by prompt. @throws InputError for samples and counts in one input. */
function countsOf(rows: readonly Tries[]): Omit<Tries, 'line'>[] {
  const sample = rows.find(({ counted }) => !counted);
  if (sample !== undefined && rows.some(({ counted }) => counted)) {
    throw new InputError(
      `Line ${sample.line}: has no "n" and "c" as other lines have. Give counts on every line, or a sample on every line.`,
    );
  }
  return [...groupBy(rows, ({ prompt }) => prompt)].map(([prompt, group]) => ({
    prompt,
    counted: group.some(({ counted }) => counted),
    n: group.reduce((sum, { n }) => sum + n, 0),
    c: group.reduce((sum, { c }) => sum + c, 0),
  }));
}

export const RANKING: readonly MetricEntry[] = [
  ranking({
    id: 'ndcg',
    aliases: [],
    title: 'NDCG@k: discounted gain over that of the best possible list',
    rule: `k is 10 unless --k says otherwise (ndcg@5 is short for --k 5). The gain is the grade, discounted by log2(rank + 1). ${TIES}`,
    depth: 10,
    ordered: ndcgAtK,
    scored: tiedNdcgAtK,
  }),
  ranking({
    id: 'recall',
    aliases: [],
    title: 'Recall@k: share of everything relevant that is among the first k',
    rule: `k is 10 unless --k says otherwise. Any grade above 0 is relevant. ${TIES}`,
    depth: 10,
    ordered: recallAtK,
    scored: tiedRecallAtK,
  }),
  ranking({
    id: 'mrr',
    aliases: ['reciprocal-rank'],
    title: 'MRR: mean of 1 / rank of the first relevant result',
    rule: `All results count unless --k cuts the list; 0 where nothing relevant is found. ${TIES}`,
    depth: Number.POSITIVE_INFINITY,
    ordered: ({ relevance, relevant }, k) => reciprocalRank({ relevance: relevance.slice(0, k), relevant }),
    scored: tiedReciprocalRank,
  }),
  defineEntry<Tries>({
    id: 'pass@k',
    aliases: ['pass-at-k', 'passk', 'pass'],
    title: 'pass@k: probability that at least one of k samples is right, without bias',
    reads: '"n": samples of a prompt, and "c": how many were right; or a line for each sample with "prompt" and "correct".',
    examples: ['{"n": 10, "c": 3}', '{"prompt": "2+3=", "correct": true}'],
    options: ['k'],
    rule: 'k is 1 unless --k says otherwise (pass@8 is short for --k 8); powers of two up to the fewest samples of a prompt are listed beside it.',
    read: readTries,
    compute(rows, { k = 1 }) {
      const counts = countsOf(rows);
      const short = counts.find(({ n }) => n < k);
      if (short !== undefined) {
        const whose = short.counted ? short.prompt.replace(/^l/, 'L') : `Prompt ${JSON.stringify(short.prompt)}`;
        throw new InputError(`${whose}: has ${short.n} samples, fewer than k = ${k}. Take a smaller --k, or leave it out.`);
      }
      const at = (depth: number): number => mean(counts.map(({ n, c }) => passAtK(n, c, depth)));
      const fewest = Math.min(...counts.map(({ n }) => n));
      const depths = Array.from({ length: Math.floor(Math.log2(fewest)) + 1 }, (_, i) => 2 ** i);
      return { value: at(k), details: { k, prompts: counts.length, by_k: depths.map((depth) => ({ k: depth, pass: at(depth) })) } };
    },
  }),
];
