import { describe, expect, it } from 'vitest';
import { createRng } from '../core/rng';
import { EOS, type Example } from '../core/world';
import { ndcgAtK } from '../metrics/ranking';
import { BOOKS } from './content/books';
import { NEEDS } from './content/needs';
import { gradesOf, shop } from './shop';
import { completionOf, decode, encode } from './text';

const make = (k = 10) => shop.create({ k }, { dataset: () => undefined });
const world = make();
const needAt = (main: string): number => NEEDS.findIndex((need) => need.main === main);
const about = (need: number): Example => ({ prompt: [], data: need });
const query = (text: string, end = true) => completionOf(world.vocab, [...encode(world.vocab, text), ...(end ? [EOS] : [])], true);
const score = (need: number, text: string): number => world.verify(about(need), query(text)).score;
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const subjects = new Set(BOOKS.flatMap(([, , words]) => words.split(' ')));

describe('the catalogue', () => {
  it('holds hundreds of different books with two to five subjects each', () => {
    expect(BOOKS.length).toBeGreaterThanOrEqual(200);
    expect(new Set(BOOKS.map(([author, title]) => `${author}/${title}`)).size).toBe(BOOKS.length);
    for (const [author, title, words] of BOOKS) {
      expect(author.length > 0 && title.length > 0).toBe(true);
      expect(words).toMatch(/^[a-z]+( [a-z]+){1,4}$/);
      expect(new Set(words.split(' ')).size).toBe(words.split(' ').length);
    }
  });

  it('has books for every need', () => {
    expect(NEEDS.length).toBeGreaterThanOrEqual(40);
    for (const { main, related } of NEEDS) {
      for (const subject of `${main} ${related}`.split(' ')) expect(subjects, subject).toContain(subject);
      expect(new Set(`${main} ${related}`.split(' ')).size).toBe(`${main} ${related}`.split(' ').length);
    }
  });
});

describe('the needs', () => {
  it('are said vaguely, in several ways, each way once', () => {
    const all = NEEDS.flatMap((need) => need.wordings);
    expect(new Set(all).size).toBe(all.length);
    for (const { main, wordings } of NEEDS) {
      expect(wordings.length).toBeGreaterThanOrEqual(3);
      for (const wording of wordings) {
        expect(wording).toMatch(/^[a-z]+( [a-z]+)*$/);
        for (const word of wording.split(' ')) expect(main.split(' ')).not.toContain(word);
      }
    }
  });

  it('hold out one wording each', () => {
    const seen = (split: 'train' | 'test') =>
      new Set(Array.from({ length: 4000 }, (_, seed) => decode(world.vocab, world.sample(createRng(seed), split).prompt)));
    const wordings = (from: number, to?: number) =>
      new Set(NEEDS.flatMap((need) => need.wordings.slice(from, to).map((words) => `${words} :`)));
    expect(seen('train')).toEqual(wordings(0, -1));
    expect(seen('test')).toEqual(wordings(-1));
  });

  it('fit the stated lengths exactly', () => {
    const prompts = NEEDS.flatMap((need) => need.wordings.map((wording) => 2 + wording.split(' ').length));
    expect(Math.max(...prompts)).toBe(world.promptLength);
    expect(world.completionLength).toBe(6);
    expect(world.vocab.tokens.length).toBeLessThanOrEqual(900);
  });
});

describe('relevance', () => {
  const gradeOf = (main: string, title: string) =>
    gradesOf(NEEDS[needAt(main)] as (typeof NEEDS)[number])[BOOKS.findIndex((book) => book[1] === title)];

  it('is 2 for a main subject, 1 for a related one, else 0', () => {
    // Moby-Dick has sea; Robinson Crusoe has shipwreck and island but not sea; the Iliad has none of them.
    expect(gradeOf('sea ship', 'Moby-Dick')).toBe(2);
    expect(gradeOf('sea ship', 'Robinson Crusoe')).toBe(1);
    expect(gradeOf('sea ship', 'The Iliad')).toBe(0);
  });

  it('is what rank reports', () => {
    const need = needAt('sea ship');
    const grades = gradesOf(NEEDS[need] as (typeof NEEDS)[number]);
    const ranking = world.rank?.(about(need), query('vampire'));
    const vampires = BOOKS.flatMap(([, , words], book) => (words.split(' ').includes('vampire') ? [grades[book]] : []));
    expect(ranking?.relevance).toEqual(vampires);
    expect([...(ranking?.relevant ?? [])]).toEqual(grades.filter((grade) => grade > 0));
  });
});

describe('a query', () => {
  it('is malformed when it is empty, cut off, too long or holds a token that is no word', () => {
    const example = about(0);
    const sea = encode(world.vocab, 'sea')[0] as number;
    const asks = encode(world.vocab, ':')[0] as number;
    for (const tokens of [[], [sea, 0], [1], [sea, 2], [asks], [-1], [1e9], [sea, sea, sea, sea, sea, sea]]) {
      expect(world.rank?.(example, { tokens, text: '', ended: true })).toBeNull();
    }
    expect(world.rank?.(example, query('sea', false))).toBeNull();
    expect(world.verify(example, query('sea', false))).toEqual({ correct: false, score: 0, parts: { format: 0 } });
    expect(world.rank?.(example, query('sea sea sea sea sea'))).not.toBeNull();
  });

  it('that finds nothing is well formed and worth nothing', () => {
    expect(world.rank?.(about(0), query('the of'))?.relevance).toEqual([]);
    expect(world.verify(about(0), query('the of'))).toEqual({ correct: false, score: 0, parts: { format: 1 } });
  });

  it('is right from half of the best NDCG on', () => {
    for (const text of ['sea', 'island', 'love', 'money sea']) {
      const { correct, score: ndcg } = world.verify(about(0), query(text));
      expect(correct).toBe(ndcg >= 0.5);
    }
    expect(world.verify(about(0), query('sea ship')).correct).toBe(true);
  });

  it('is scored by the NDCG of src/metrics', () => {
    const rng = createRng(5);
    const all = [...subjects];
    for (const k of [1, 3, 10, 100]) {
      const at = make(k);
      for (let i = 0; i < 50; i++) {
        const example = at.sample(rng, 'train');
        const written = query(`${rng.pick(all)} ${rng.pick(all)}`);
        const ranking = at.rank?.(example, written);
        expect(at.verify(example, written).score).toBeCloseTo(ranking ? ndcgAtK(ranking, k) : -1, 12);
      }
    }
  });
});

describe('how hard it is', () => {
  it('the words of a wish find next to nothing, its main subjects nearly everything', () => {
    const own = NEEDS.flatMap(({ wordings }, need) => wordings.map((words) => score(need, words.split(' ').slice(0, 5).join(' '))));
    expect(mean(own)).toBeLessThan(0.1);
    const oracle = NEEDS.map(({ main }, need) => score(need, main));
    expect(Math.min(...oracle)).toBeGreaterThan(0.8);
    expect(mean(oracle)).toBeGreaterThan(0.95);
  });

  it('the teacher lies in between, and writes what a policy may write', () => {
    const scores = Array.from({ length: 1500 }, (_, seed) => {
      const demonstration = world.demonstrate?.(createRng(seed), 'train');
      if (demonstration === undefined) throw new Error('the shop has no teacher');
      const written = completionOf(world.vocab, demonstration.completion, true);
      expect(world.rank?.(demonstration.example, written)).not.toBeNull();
      return world.verify(demonstration.example, written).score;
    });
    expect(mean(scores)).toBeGreaterThan(0.35);
    expect(mean(scores)).toBeLessThan(0.5);
  });
});
