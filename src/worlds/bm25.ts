/** Okapi BM25, the black-box retriever: it sees only words and gives only an order. */

export interface Bm25Options {
  /** How soon repeating a word in a document stops counting. */
  readonly k1: number;
  /** How much a document is marked down for being long: 0 not at all, 1 in full. */
  readonly b: number;
}

export interface Bm25 {
  /** Whether any document holds the word. */
  knows(word: string): boolean;
  /** Indices of all documents that hold a word of the query, best first; equals keep the order of the collection. */
  search(query: readonly string[]): number[];
}

/**
 * Indexes documents given as words.
 *
 *     score(q, d) = sum over words w of q: idf(w) tf (k1 + 1) / (tf + k1 (1 - b + b |d| / mean |d|))
 *     idf(w) = ln(1 + (N - n + .5) / (n + .5)),   n of N documents hold w
 *
 * The idf is the form of Lucene, which is never negative. A word repeated in the query counts each time.
 * Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009).
 */
export function createBm25(documents: readonly (readonly string[])[], { k1, b }: Bm25Options): Bm25 {
  const postings = new Map<string, Map<number, number>>();
  documents.forEach((words, index) => {
    for (const word of words) {
      const counts = postings.get(word) ?? new Map<number, number>();
      counts.set(index, (counts.get(index) ?? 0) + 1);
      postings.set(word, counts);
    }
  });
  const meanLength = documents.reduce((sum, words) => sum + words.length, 0) / Math.max(1, documents.length);
  const damping = documents.map((words) => k1 * (1 - b + (b * words.length) / meanLength));
  return {
    knows: (word) => postings.has(word),
    search(query) {
      const scores = new Map<number, number>();
      for (const word of query) {
        const counts = postings.get(word) ?? new Map<number, number>();
        const idf = Math.log(1 + (documents.length - counts.size + 0.5) / (counts.size + 0.5));
        for (const [index, tf] of counts) {
          scores.set(index, (scores.get(index) ?? 0) + (idf * tf * (k1 + 1)) / (tf + (damping[index] as number)));
        }
      }
      return [...scores].sort(([i, x], [j, y]) => y - x || i - j).map(([index]) => index);
    },
  };
}

/** Words that say nothing about a book: left out of the index and of queries. */
const STOP_WORDS = new Set(
  'a about all an and are as at be before by can did do for from have he her his how i if in into is it me my no not of on or out over she so that the their there they this to under up was we what when where which who will with without'.split(
    ' ',
  ),
);

/** The words of a text as the index knows them: lower case, without accents, punctuation and stop words. */
export function indexWords(text: string): string[] {
  const plain = text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  return (plain.match(/[a-z0-9]+/g) ?? []).filter((word) => !STOP_WORDS.has(word));
}
