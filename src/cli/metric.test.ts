import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { input, metric, reply } from './metric';
import { ENTRIES, findEntry } from './metrics';
import { InputError } from './metrics/rows';
import { UsageError } from './usage';

const text = (lines: readonly unknown[]) => lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');

/** What the command answers in JSON. */
async function value(args: string, ...lines: unknown[]): Promise<Record<string, unknown>> {
  return JSON.parse(await reply([...args.split(' '), '--json'], async () => text(lines)));
}

/** The sentences for an input that cannot be used. */
async function complaint(args: string, ...lines: unknown[]): Promise<string[]> {
  const error = await reply(args.split(' '), async () => text(lines)).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InputError);
  return (error as InputError).message.split('\n');
}

const COMPLETIONS = [
  { prompt: 'a', completion: 'the cat sat', correct: true },
  { prompt: 'a', completion: 'the cat ran', correct: false },
];
const close = (number: number) => expect.closeTo(number, 9);

describe('metrics of completions', () => {
  it.each([
    // the cat sat | the cat ran: 4 of 6 words, 3 of 4 pairs. Among good ones: all of one.
    ['distinct-n', { value: close(4 / 6), gated: 1, prompts: 1, completions: 2 }],
    ['distinct_2', { metric: 'distinct-n', value: close(3 / 4) }],
    ['distinct --n 2', { value: close(3 / 4) }],
    // V is 4 as found, C = 6: 4 / (4 (1 - .75^6)).
    ['ead', { value: close(1 / (1 - 0.75 ** 6)), vocabulary: 4 }],
    ['ead --vocabulary 100', { value: close(4 / (100 * (1 - 0.99 ** 6))), vocabulary: 100 }],
    // 2 of 3 words, 1 of 2 pairs, none of 1 triple (.1).
    ['self-bleu', { value: close((2 / 3 / 2 / 10) ** (1 / 3)), gated: null }],
    ['self_bleu --n 1', { value: close(2 / 3) }],
    // Words agree by 2/3, pairs by 1/2: cosine 7/12.
    ['cosine', { metric: 'pairwise-distance', value: close(5 / 12) }],
    ['vendi', { value: close(Math.exp(-(19 / 24) * Math.log(19 / 24) - (5 / 24) * Math.log(5 / 24))), gated: close(1) }],
    ['unique', { value: 1 }],
    ['effective-diversity', { value: 0.5, pairs: 0 }],
    ['entropy', { value: close(Math.log(2)) }],
  ])('%s', async (args, expected) => {
    expect(await value(args, ...COMPLETIONS)).toMatchObject(expected);
  });

  it('take characters or lists of tokens for texts, and lines without a prompt together', async () => {
    // a b a b: 2 of 4 characters, one word each.
    expect(await value('distinct --by characters', { completion: 'ab' }, { completion: 'ab' })).toMatchObject({ value: 0.5, prompts: 1 });
    expect(await value('distinct', { completion: [1, 2] }, { completion: [1, 2] })).toMatchObject({ value: 0.5 });
    expect(await value('distinct', { completion: ['1', 1] })).toMatchObject({ value: 1 });
  });

  it('hold a quality against the threshold', async () => {
    const lines = [
      { outcome: 6, quality: 0.4 },
      { outcome: 7, quality: 0.8 },
    ];
    expect(await value('effective-diversity', ...lines)).toMatchObject({ value: 0.5 });
    expect(await value('effective_semantic_diversity --threshold 0.3', ...lines)).toMatchObject({ value: 1 });
  });

  it('count the modes that good completions use', async () => {
    const lines = [{ mode: 'words' }, { mode: 'digits', correct: false }];
    expect(await value('mode-coverage', ...lines)).toMatchObject({ value: 0.5, used: 1, modes: 2 });
    expect(await value('mode-coverage --modes 4', ...lines)).toMatchObject({ value: 0.25 });
    expect(await complaint('mode-coverage --modes 1', ...lines)).toEqual(['--modes is 1, but the input names 2 modes.']);
  });

  it('say which lines are judged and which are not', async () => {
    expect(await complaint('ead', COMPLETIONS[0], { completion: 'x' })).toEqual([
      'Line 2: lacks "correct" (or "quality"), which other lines have. Judge every line or none.',
    ]);
  });
});

const CALIBRATION = [
  { confidence: 0.1, correct: false },
  { confidence: 0.2, correct: true },
  { confidence: 0.8, correct: 1 },
  { confidence: 0.9, correct: true },
];

describe('metrics of calibration', () => {
  it.each([
    // (.15 against 1/2) and (.85 against 1), half each.
    [
      'ece --bins 2',
      {
        value: close(0.25),
        predictions: 4,
        bins: [
          { count: 2, accuracy: 0.5 },
          { count: 2, accuracy: 1 },
        ],
      },
    ],
    ['reliability --bins 1', { value: close(0.25), bins: [{ from: 0.1, to: 0.9, count: 4, confidence: close(0.5), accuracy: 0.75 }] }],
    // One bin: .25^2 - (3/4 * 1/4) / 3 = 0.
    ['ece-debiased --bins 1', { metric: 'ece-debiased', ece: close(0.25), squared_debiased: close(0) }],
    // .01 .64 .04 .01
    ['brier', { value: close(0.175) }],
    ['nll', { value: close(-(2 * Math.log(0.9) + Math.log(0.2) + Math.log(0.8)) / 4) }],
    ['auroc', { value: 1 }],
    // Risks 0 0 0 1/4.
    ['risk-coverage', { value: close(1 / 16), curve: [{ coverage: 0.25, risk: 0 }, {}, {}, { coverage: 1, risk: 0.25 }] }],
  ])('%s', async (args, expected) => {
    expect(await value(args, ...CALIBRATION)).toMatchObject(expected);
  });

  it('say why there is no value', async () => {
    expect(await value('auroc', { confidence: 1, correct: true })).toMatchObject({
      value: null,
      note: expect.stringContaining('only one kind'),
    });
    expect(await value('nll', { confidence: 1, correct: false })).toMatchObject({ value: null, note: expect.stringContaining('Infinite') });
  });
});

describe('metrics of rankings', () => {
  it.each([
    // (1 + 2 / log2 3) / (2 + 1 / log2 3), and at 1: 1 / 2.
    ['ndcg', { relevance: [1, 2] }, (1 + 2 / Math.log2(3)) / (2 + 1 / Math.log2(3))],
    ['ndcg@1', { relevance: [1, 2] }, 1 / 2],
    // Tied: 1.5 on average at rank 1.
    ['ndcg --k 1', { relevance: [1, 2], scores: [3, 3] }, 1.5 / 2],
    ['recall@2', { relevance: [1, 0, 1], relevant: [1, 1, 1, 1] }, 1 / 4],
    // Of three tied results two are relevant: 2/3 + 1/3 * 1/2.
    ['mrr', { relevance: [0, 1, 1, 0], scores: [1, 1, 1, 0] }, 5 / 6],
    ['mrr', { relevance: [0, 0, 1] }, 1 / 3],
    ['mrr@2', { relevance: [0, 0, 1] }, 0],
  ])('%s of %j', async (args, line, expected) => {
    expect(await value(args, line)).toMatchObject({ value: close(expected), rankings: 1 });
  });

  it('take the mean over lines', async () => {
    expect(await value('mrr', { relevance: [1] }, { relevance: [0] })).toMatchObject({ value: 0.5, each: [1, 0] });
  });

  it.each(['pass@2', 'pass_at_k --k 2', 'pass@k --k 2'])('%s', async (args) => {
    // 1 - C(7, 2) / C(10, 2) = 1 - 21/45, and 1.
    const expected = { metric: 'pass@k', k: 2, value: close((1 - 21 / 45 + 1) / 2) };
    expect(await value(args, { n: 10, c: 3 }, { n: 4, c: 4 })).toMatchObject(expected);
  });

  it('pass@k of single samples, by prompt', async () => {
    const lines = ['a', 'a', 'b', 'b'].map((prompt, i) => ({ prompt, correct: i === 0 }));
    expect(await value('pass@k', ...lines)).toMatchObject({
      value: 0.25,
      prompts: 2,
      by_k: [
        { k: 1, pass: 0.25 },
        { k: 2, pass: 0.5 },
      ],
    });
    expect(await complaint('pass@3', ...lines)).toEqual([
      'Prompt "a": has 2 samples, fewer than k = 3. Take a smaller --k, or leave it out.',
    ]);
    expect((await complaint('pass@k', { n: 2, c: 1 }, lines[0]))[0]).toContain('Line 2: has no "n" and "c" as other lines have.');
  });
});

describe('metrics of distributions', () => {
  const PAIR = { p: [0.5, 0.5], q: [0.25, 0.75] };

  it('are exact from probabilities', async () => {
    expect(await value('kl', PAIR)).toMatchObject({ value: close(0.5 * Math.log(4 / 3)), total_variation: 0.25 });
    expect(await value('tv', PAIR)).toMatchObject({ metric: 'total-variation', value: 0.25 });
    expect(await value('entropy', PAIR)).toMatchObject({ value: close(Math.log(2)), effective_outcomes: close(2) });
    expect(await value('kl', { p: [1, 0], q: [0, 1] })).toMatchObject({ value: null, note: expect.stringContaining('Infinite') });
  });

  it('are estimated from samples, by completion or by token', async () => {
    // rho = -1: k1 -1, k2 1/2, k3 e - 2.
    const expected = { value: close(Math.E - 2), k1: close(-1), k2: close(0.5), k3: close(Math.E - 2) };
    expect(await value('kl', { logp: [-1, -2], ref_logp: -2 })).toMatchObject(expected);
    expect(await value('entropy', { logp: [-1, -2] }, { logp: -1 })).toMatchObject({ value: close(2) });
  });

  it('refuse what is no distribution, and mixtures', async () => {
    expect(await complaint('entropy', { p: [0.5, 0.6] })).toEqual(['Line 1: "p" sums to 1.1, not to 1. Divide every entry by 1.1.']);
    expect(await complaint('tv', { p: [1], q: [0.5, 0.5] })).toEqual([
      'Line 1: "q" has 2 entries and "p" has 1. Give both over the same outcomes.',
    ]);
    expect((await complaint('kl', PAIR, { logp: -1, ref_logp: -1 }))[0]).toContain('one kind on every line');
  });
});

describe('metrics of weights', () => {
  it('sparsity: what an update leaves alone', async () => {
    // One of three weights changes visibly; 1 + 1e-4 is 1 as bf16.
    const line = { before: [1, 2, 1], after: [1, 2.5, 1.0001] };
    expect(await value('sparsity', line)).toMatchObject({ value: close(2 / 3), weights: 3, max: 0.5 });
    expect(await value('sparsity --as f32', line)).toMatchObject({ value: close(1 / 3) });
    expect(await value('sparsity --tolerance 1', line)).toMatchObject({ value: 1 });
  });

  it('rank: of the difference, over the smaller side', async () => {
    // Rows (1, 1, 0) and (2, 2, 0) are multiples: rank 1 of 2. One singular value: stable rank 1.
    const line = {
      name: 'w',
      before: [
        [0, 0, 0],
        [0, 0, 0],
      ],
      after: [
        [1, 1, 0],
        [2, 2, 0],
      ],
    };
    expect(await value('relative_rank', line)).toMatchObject({ value: 0.5, matrices: [{ name: 'w', rank: 1, stable: close(1) }] });
    // diag(1, 2), tall: rank 2, stable 5 / 4.
    const tall = {
      before: [
        [0, 0],
        [0, 0],
        [0, 0],
      ],
      after: [
        [1, 0],
        [0, 2],
        [0, 0],
      ],
    };
    expect(await value('rank', tall)).toMatchObject({ value: 1, matrices: [{ rank: 2, stable: close(1.25) }] });
    expect((await complaint('rank', { before: [1], after: [2] }))[0]).toContain('A rank needs a matrix');
  });

  it('Jaccard: every two updates, against chance', async () => {
    // Touched: {1} and {1, 2} of 4. Chance 1/4 * 1/2 / (1/4 + 1/2 - 1/8) = 1/5.
    const lines = [
      { before: [0, 0, 0, 0], after: [1, 0, 0, 0] },
      { before: [0, 0, 0, 0], after: [1, 1, 0, 0] },
    ];
    expect(await value('jaccard', ...lines)).toMatchObject({
      value: 0.5,
      chance: close(0.2),
      updates: [{ updated: 0.25 }, { updated: 0.5 }],
    });
    expect((await complaint('jaccard', lines[0]))[0]).toContain('Give a second line');
    expect((await complaint('jaccard', lines[0], { before: [1], after: [1] }))[0]).toContain(
      'Line 2: "before" has 1 weights where line 1 has 4',
    );
  });

  it('SLERP: the tensor between, in the shape of the input', async () => {
    expect(await value('slerp', { before: [1, 0], after: [0, 1] })).toMatchObject({
      value: close(Math.PI / 2),
      tensors: [{ result: [close(Math.SQRT1_2), close(Math.SQRT1_2)] }],
    });
    expect(await value('slerp --t 0', { before: [[1], [2]], after: [[3], [4]] })).toMatchObject({ tensors: [{ result: [[1], [2]] }] });
    expect((await complaint('slerp', { before: [1], after: [[1]] }))[0]).toContain('the shape 1 x 1, and "before" has 1');
  });
});

describe('lines that cannot be used', () => {
  it('each get a sentence with number, field and what to do', async () => {
    const remedy = 'Give the probability that the answer is right, from 0 to 1.';
    expect(
      await complaint('ece', { confidence: 0.5, correct: true }, '', { confidence: 2, correct: true }, '{"confidence', [1], { c: 1 }),
    ).toEqual([
      `Line 3: "confidence" is 2, above 1. ${remedy}`,
      'Line 4: is not valid JSON. Give one JSON object on each line, all of it on that line.',
      'Line 5: is a list, not a JSON object. Give one object in braces on each line.',
      `Line 6: "confidence" is missing; the line has "c". ${remedy}`,
    ]);
  });

  it.each([
    ['brier', { confidence: '0.5', correct: true }, '"confidence" is a text, not a number.'],
    ['brier', { confidence: 0.5, correct: 'yes' }, '"correct" is a text, neither true nor false.'],
    ['ndcg', { relevance: 3 }, '"relevance" is 3, not a list.'],
    ['ndcg', { relevance: [] }, '"relevance" is an empty list.'],
    ['ndcg', { relevance: [1, -1] }, '"relevance[1]" is -1, below 0.'],
    ['ndcg', { relevance: [1, 0], scores: [1] }, '"scores" has 1 entries and "relevance" has 2.'],
    ['pass@k', { n: 3, c: 4 }, '"c" is 4, above 3.'],
    ['pass@k', { n: 2.5, c: 1 }, '"n" is 2.5, not a whole number.'],
    ['vendi', { prompt: 'a' }, '"completion" is missing.'],
    ['vendi', { completion: [null] }, '"completion[0]" is null, neither a text nor a number.'],
    ['mode-coverage', { mode: true }, '"mode" is true or false.'],
    ['kl', { logp: 1, ref_logp: -1 }, '"logp" is 1, above 0.'],
    ['slerp', { before: [[1], [1, 2]], after: [[1], [1]] }, '"before[1]" has 2 entries where the first row has 1.'],
  ])('%s %j', async (args, line, sentence) => {
    const [first] = await complaint(args, line);
    expect(first).toContain(`Line 1: ${sentence}`);
    // What is wrong, and what to do about it.
    expect(first?.split('. ').length).toBeGreaterThan(1);
  });

  it('are counted beyond ten; nothing at all is said to be empty', async () => {
    const lines = await complaint('brier', ...Array.from({ length: 12 }, () => ({})));
    expect(lines).toHaveLength(11);
    expect(lines[10]).toBe('and 2 more lines that cannot be used.');
    expect(await complaint('brier', '', ' ')).toEqual(['The input is empty. Give one JSON object on each line.']);
  });
});

describe('the command', () => {
  const nothing = async () => '';

  it('lists every metric with its fields and an example, and explains each', async () => {
    const overview = await reply([], nothing);
    for (const { id, examples, options } of Object.values(ENTRIES).flat()) {
      expect(overview).toContain(`  ${id}`);
      expect(overview).toContain(examples[0]);
      const page = await reply([id, '--help'], nothing);
      for (const option of options) expect(page).toContain(`--${option} `);
      expect(Math.max(...page.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(120);
    }
  });

  it('can use its own examples', async () => {
    for (const { id, examples } of Object.values(ENTRIES).flat()) {
      // Jaccard compares all its examples; elsewhere each stands for itself.
      for (const lines of id === 'jaccard' ? [examples] : examples.map((example) => [example])) {
        expect(await value(id, ...lines)).toMatchObject({ metric: id });
      }
    }
  });

  it('has every name once', () => {
    const names = Object.values(ENTRIES)
      .flat()
      .flatMap(({ id, aliases }) => [id, ...aliases]);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(findEntry(name.replaceAll('-', '_').toUpperCase())).toEqual(findEntry(name));
  });

  it('prints the value first, tables in columns, and what is missing as such', async () => {
    const printed = await reply(['ece', '--bins', '1'], async () => text(CALIBRATION));
    expect(printed.split('\n').slice(0, 2)).toEqual(['ece  0.25', '  predictions        4']);
    expect(printed).toMatch(/from +to +count +confidence +accuracy\n +0\.1 +0\.9 +4 +0\.5 +0\.75\n$/);
    expect(await reply(['auroc'], async () => text([CALIBRATION[1]]))).toMatch(/^auroc {2}-\nIt compares right answers with wrong ones/);
  });

  it.each([
    [['speed'], 'There is no metric speed.'],
    [['ndcg@0'], 'There is no metric ndcg@0.'],
    [['ece@5'], 'There is no metric ece@5.'],
    [['ndcg', 'a', 'b'], 'expected one metric and at most one file'],
    [['ece', '--k', '3'], '--k: ece does not read it; it reads --bins'],
    [['brier', '--k', '3'], '--k: brier does not read it; it reads no options'],
    [['ndcg', '--k', '0'], '--k: expected a whole number from 1; got 0'],
    [['slerp', '--t', 'half'], '--t: expected a number; got half'],
    [['sparsity', '--tolerance', '-1'], 'tolerance'],
    [['sparsity', '--as', 'f16'], '--as: expected bf16 or f32; got f16'],
    [['ece', '--what'], '--what'],
  ])('answers %j with a sentence', async (args, sentence) => {
    const error = await reply(args, nothing).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).message).toContain(sentence);
  });
});

describe('the input', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('is a file where one is named', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'objective-lab-metric-'));
    const path = join(folder, 'lines.jsonl');
    // A byte order mark and Windows line ends do no harm.
    await writeFile(path, '\uFEFF{"relevance": [0, 1]}\r\n{"relevance": [1]}\r\n');
    const print = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    expect(await metric(['mrr', path, '--json'])).toBe(0);
    expect(JSON.parse(String(print.mock.calls[0]?.[0]))).toMatchObject({ metric: 'mrr', value: 0.75 });
    await rm(folder, { recursive: true });
    await expect(input(path)).rejects.toThrow('cannot be read');
  });
});
