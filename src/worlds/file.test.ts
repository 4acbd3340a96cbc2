import { describe, expect, it } from 'vitest';
import { SpecError } from '../core/params';
import { createRng } from '../core/rng';
import { BOS, type Dataset, type DatasetKind, type DatasetRow, EOS, type Split } from '../core/world';
import { file } from './file';
import { completionOf, decode, encode } from './text';

const open = (kind: DatasetKind, rows: readonly DatasetRow[], params = {}) => {
  const dataset: Dataset = { id: 'x', name: 'a.jsonl', kind, rows };
  return file.create({ dataset: 'x', ...params }, { dataset: (id) => (id === 'x' ? dataset : undefined) });
};
const numbered = (count: number, of: (i: number) => DatasetRow) => Array.from({ length: count }, (_, i) => of(i));
const sums = numbered(40, (i) => ({ prompt: `${i}+1=`, completion: String(i + 1) }));

describe('what a file offers', () => {
  it.each([
    ['language-modeling', { prompt: '', completion: 'ab' }, true, false],
    ['prompt-completion', { prompt: 'a', completion: 'b' }, true, false],
    ['preference', { prompt: 'a', chosen: 'b', rejected: 'c' }, true, true],
    ['unpaired', { prompt: 'a', completion: 'b', label: true }, true, false],
    ['unpaired', { prompt: 'a', completion: 'b', label: false }, false, false],
    ['prompt-only', { prompt: 'a', answer: 'b' }, false, false],
  ] as const)('%s %o', (kind, row, demonstrations, preferences) => {
    const world = open(kind, [row]);
    expect(world.demonstrate !== undefined).toBe(demonstrations);
    expect(world.prefer !== undefined).toBe(preferences);
  });

  it('is text from the beginning, where there is no prompt', () => {
    const world = open('language-modeling', [{ prompt: '', completion: 'ba' }]);
    const demonstration = world.demonstrate?.(createRng(1), 'train');
    expect(demonstration?.example.prompt).toEqual([BOS]);
    expect(demonstration?.completion).toEqual([4, 3, EOS]);
    expect(world.vocab.tokens.slice(3)).toEqual(['a', 'b']);
  });

  it('is only what is labelled true', () => {
    const rows = numbered(40, (i) => ({ prompt: `p${i}`, completion: i % 2 === 0 ? 'y' : 'n', label: i % 2 === 0 }));
    const world = open('unpaired', rows);
    for (let i = 0; i < 50; i++) expect(decode(world.vocab, world.demonstrate?.(createRng(i), 'train').completion ?? [])).toBe('y');
  });
});

describe('sizes', () => {
  it('count characters, not UTF-16 units, with the special tokens', () => {
    const world = open('prompt-completion', [
      { prompt: '😀😀', completion: 'a' },
      { prompt: 'b', completion: '😀c😀' },
    ]);
    expect(world.promptLength).toBe(3);
    expect(world.completionLength).toBe(4);
    expect(world.vocab.tokens.slice(3)).toEqual(['a', 'b', 'c', '😀']);
  });

  it('leave out longer rows, with their characters', () => {
    // 4 + 4 tokens fit into 8; 5 + 4 do not.
    const world = open(
      'prompt-completion',
      [
        { prompt: 'abc', completion: 'def' },
        { prompt: 'abcz', completion: 'def' },
      ],
      { maxLength: 8 },
    );
    expect(world.promptLength + world.completionLength).toBe(8);
    expect(world.vocab.tokens).not.toContain('z');
  });

  it('hold for more rows than a call takes arguments', () => {
    const world = open(
      'language-modeling',
      numbered(200_000, (i) => ({ prompt: '', completion: String(i) })),
    );
    expect(world.completionLength).toBe(7);
  });
});

describe('the split', () => {
  const seen = (world: ReturnType<typeof open>, split: Split) =>
    new Set(Array.from({ length: 400 }, (_, i) => decode(world.vocab, world.sample(createRng(i), split).prompt)));

  it('holds out a tenth of the prompts', () => {
    const world = open('prompt-completion', sums);
    expect(seen(world, 'test').size).toBe(4);
    expect(seen(world, 'train').size).toBe(36);
    expect([...seen(world, 'test')].filter((prompt) => seen(world, 'train').has(prompt))).toEqual([]);
  });

  it('holds out one of two, keeps rows of a prompt together, and lets a single row be its own test', () => {
    const two = open('prompt-completion', [
      { prompt: 'a', completion: '1' },
      { prompt: 'a', completion: '2' },
      { prompt: 'b', completion: '3' },
    ]);
    expect(seen(two, 'test').size).toBe(1);
    expect(seen(two, 'train').size).toBe(1);
    const one = open('prompt-completion', [{ prompt: 'a', completion: '1' }]);
    expect(seen(one, 'test')).toEqual(seen(one, 'train'));
  });

  it('holds out texts where there is no prompt', () => {
    const world = open(
      'language-modeling',
      numbered(20, (i) => ({ prompt: '', completion: `t${i}` })),
    );
    const texts = (split: Split) => new Set(Array.from({ length: 300 }, (_, i) => world.sample(createRng(i), split).answer));
    expect(texts('test').size).toBe(2);
    expect([...texts('test')].filter((answer) => texts('train').has(answer))).toEqual([]);
  });
});

describe('the verdict', () => {
  const judge = (world: ReturnType<typeof open>, prompt: string, text: string, end = true) =>
    world.verify({ prompt: [BOS], data: prompt }, completionOf(world.vocab, [...encode(world.vocab, text), ...(end ? [EOS] : [])], true))
      .correct;

  it('is right for what the file gives for that prompt, and only when it ends', () => {
    const world = open('prompt-completion', sums);
    expect(judge(world, '3+1=', '4')).toBe(true);
    expect(judge(world, '3+1=', '5')).toBe(false);
    expect(judge(world, '3+1=', '4', false)).toBe(false);
    expect(judge(world, 'unknown', '4')).toBe(false);
  });

  it('takes each of several right completions', () => {
    const world = open('prompt-only', [
      { prompt: 'a', answer: '1' },
      { prompt: 'a', answer: '2' },
    ]);
    expect(judge(world, 'a', '1') && judge(world, 'a', '2')).toBe(true);
    expect(judge(world, 'a', '12')).toBe(false);
  });
});

describe('what cannot be opened', () => {
  it('is no file, a lost file, and rows that are all too long', () => {
    const empty = { dataset: () => undefined };
    expect(() => file.create({}, empty)).toThrow(new SpecError('world.params.dataset', 'load a file first'));
    expect(() => file.create({ dataset: 'gone' }, empty)).toThrow('world.params.dataset: the file of this run is not loaded');
    expect(() => open('language-modeling', [{ prompt: '', completion: 'too long' }], { maxLength: 8 })).toThrow(
      'world.params.maxLength: every row of a.jsonl is longer than 8 tokens',
    );
  });
});
