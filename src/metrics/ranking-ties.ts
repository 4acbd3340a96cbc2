/**
 * Ranking metrics of scored results, where several results can have the same score. The rule for ties is the expected value over all
 * orders of the tied results (McSherry and Najork, 2008): what a sort that breaks ties at random would give on average.
 */
import { dcg } from './ranking';

/** One scored result. */
interface Result {
  readonly relevance: number;
  readonly score: number;
}

/** Results of equal score together, the highest score first. */
function tiedGroups(relevance: readonly number[], scores: readonly number[]): number[][] {
  const groups: number[][] = [];
  let last = Number.NaN;
  const results = relevance.map((grade, i): Result => ({ relevance: grade, score: scores[i] as number }));
  for (const { relevance: grade, score } of results.sort((a, b) => b.score - a.score)) {
    if (score === last) groups.at(-1)?.push(grade);
    else groups.push([grade]);
    last = score;
  }
  return groups;
}

/** What stands at each rank on average: within a group every result is as likely as any other to stand at each of its ranks. */
const expected = (groups: readonly (readonly number[])[], of: (grade: number) => number): number[] =>
  groups.flatMap((group) => {
    const mean = group.reduce((sum, grade) => sum + of(grade), 0) / group.length;
    return group.map(() => mean);
  });

export interface ScoredRanking {
  /** Grade of each result, in any order. */
  readonly relevance: readonly number[];
  /** Score of each result; the highest ranks first. */
  readonly scores: readonly number[];
  /** Every non-zero grade there is, found or not. */
  readonly relevant: readonly number[];
}

/** Expected NDCG@k with the grade as the gain. DCG adds up over ranks, so the mean grade of a tie can stand at all its ranks. */
export function tiedNdcgAtK({ relevance, scores, relevant }: ScoredRanking, k: number): number {
  const best = dcg(
    [...relevant].sort((x, y) => y - x),
    k,
  );
  return best === 0 ? 0 : dcg(expected(tiedGroups(relevance, scores), Number), k) / best;
}

/** Expected share of everything relevant among the first k. */
export function tiedRecallAtK({ relevance, scores, relevant }: ScoredRanking, k: number): number {
  if (relevant.length === 0) return 0;
  const found = expected(tiedGroups(relevance, scores), (grade) => (grade > 0 ? 1 : 0)).slice(0, k);
  return found.reduce((sum, share) => sum + share, 0) / relevant.length;
}

/**
 * Expected 1 / rank of the first relevant result, 0 beyond rank k. Only the first group that holds anything relevant matters: with r
 * relevant among its n results, the next one drawn is relevant with probability r / n, then r / (n - 1), and so on.
 */
export function tiedReciprocalRank({ relevance, scores }: ScoredRanking, k = Number.POSITIVE_INFINITY): number {
  let above = 0;
  for (const group of tiedGroups(relevance, scores)) {
    const relevant = group.filter((grade) => grade > 0).length;
    if (relevant > 0) {
      let sum = 0;
      let notYet = 1;
      for (let left = group.length, rank = above + 1; notYet > 0 && rank <= k; left--, rank++) {
        const now = Math.min(1, relevant / left);
        sum += (notYet * now) / rank;
        notYet *= 1 - now;
      }
      return sum;
    }
    above += group.length;
  }
  return 0;
}
