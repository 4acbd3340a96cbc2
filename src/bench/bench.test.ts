import { describe, expect, it } from 'vitest';
import type { BenchResult, EngineFigures } from '../core/bench';
import { WORKLOADS } from '../core/bench';
import { createRng } from '../core/rng';
import { EOS } from '../core/world';
import { tf } from '../test/tf';
import { BenchMismatch, compareOutcomes, compareProbes } from './check';
import { type EnduranceSample, flatness } from './endurance';
import { stepFlops } from './growth';
import { median, medianRatio, range } from './statistics';
import { benchTable, enduranceTable } from './table';
import { buildTask, rolloutTask, trainTask } from './workloads';

describe('statistics', () => {
  it('takes the middle, or the mean of the middle two', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 10])).toBe(3);
    expect(() => median([])).toThrow(RangeError);
    expect(range([3, 1, 2])).toEqual([1, 3]);
  });

  it('compares within a round, not across', () => {
    // Ratios 2, 5, 3; the ratio of the medians would be 30 / 10.
    expect(medianRatio([20, 50, 30], [10, 10, 10])).toBe(3);
    // Ratios 10, 2, 1: a machine that slowed down in the last round slowed both.
    expect(medianRatio([10, 20, 100], [1, 10, 100])).toBe(2);
  });
});

describe('workloads', () => {
  it.each(WORKLOADS)('%s is the same each time it is built', (id) => {
    const [first, second] = [buildTask(id), buildTask(id)];
    expect(second.theta).toEqual(first.theta);
    expect(second.probe).toEqual(first.probe);
    expect(first.theta).toHaveLength(first.policy.layout.size);
    expect(first.probe.mask).toContain(1);
  });

  it('trains every position but the first', () => {
    const task = buildTask('train-4x128');
    expect(task).toMatchObject({ kind: 'train', tokens: 16 * 64, batch: { totals: { rows: 16, tokens: 16 * 63 } } });
    expect(task.policy.shape).toMatchObject({ vocabSize: 64, maxLen: 64 });
  });

  it('gives the end token no chance in a rollout', () => {
    const task = rolloutTask('rollout-2x64', { layers: 1, width: 16, heads: 2, rows: 3, prompt: 2, newTokens: 3, vocabSize: 9 });
    // After two, three and four tokens.
    const tokens = [1, 4, EOS, 0, 0, 1, 4, 5, EOS, 0, 1, 4, 5, 6, EOS];
    const most = tf.tidy(() => {
      const mask = tokens.map((token) => (token === EOS ? 1 : 0));
      const rows = { tokens: tf.tensor2d(tokens, [3, 5], 'int32'), mask: tf.tensor2d(mask, [3, 5]) };
      return tf.max(tf.sum(task.policy.score(tf.tensor1d(task.theta), rows).logp, 1)).dataSync()[0] as number;
    });
    // A logit of -30 beside logits about 0.
    expect(most).toBeLessThan(-25);
  });
});

describe('the comparison', () => {
  const train = trainTask('train-2x64', { layers: 1, width: 8, heads: 2, length: 4, batch: 2, vocabSize: 9 });
  const loss = (value: number) => ({ kind: 'loss', loss: value }) as const;

  it('passes what differs by rounding and throws beyond', async () => {
    compareProbes(train, 'tfjs', 4.1584, 4.1585);
    expect(() => compareProbes(train, 'tfjs', 4.159, 4.1585)).toThrow(/train-2x64.*4\.159 in tfjs and 4\.1585 in the lab/);
    await compareOutcomes(train, 'tfjs', 0, loss(4), loss(4.0003));
    await expect(compareOutcomes(train, 'tfjs', 0, loss(4), loss(4.001))).rejects.toThrow(BenchMismatch);
    await compareOutcomes(train, 'jax', 1, loss(4), loss(4.001));
    await expect(compareOutcomes(train, 'jax', 1, loss(Number.NaN), loss(4))).rejects.toThrow('NaN');
  });

  it('knows a sampler that follows the model from others', async () => {
    const task = rolloutTask('rollout-2x64', { layers: 1, width: 32, heads: 2, rows: 64, prompt: 3, newTokens: 8, vocabSize: 32 });
    const theta = tf.tensor1d(task.theta);
    const check = (tokens: Int32Array) => compareOutcomes(task, 'tfjs', 0, { kind: 'tokens', tokens }, { kind: 'tokens', tokens });
    const draw = (temperature: number) => task.policy.sample(theta, { prompts: task.prompts, seed: 1, step: 0, temperature });
    const { tokens } = await draw(1);
    await check(tokens);
    await expect(check((await draw(0.1)).tokens)).rejects.toThrow('does not sample from the model');
    const rng = createRng(3);
    const uniform = tokens.map((token, i) => (i % 11 < 3 ? token : 3 + rng.below(29)));
    await expect(check(uniform)).rejects.toThrow('does not sample from the model');
    await expect(check(tokens.with(5, 32))).rejects.toThrow('token 5 of row 0 is 32 in tfjs');
    await expect(check(tokens.with(5, EOS))).rejects.toThrow('token 5 of row 0');
    await expect(check(tokens.with(12, 9))).rejects.toThrow('token 1 of row 1');
    await expect(check(tokens.subarray(1))).rejects.toThrow('64 rows of 11 tokens');
    theta.dispose();
  });
});

describe('growth', () => {
  it('counts the operations of a step', () => {
    // One token, one layer, C = 2, V = 3: 24 * 4 + 2 * 2 * 3 = 108 in products, one pair: 4 * 2 = 8; three times 116.
    const one = { layers: 1, width: 2, heads: 1, length: 1, batch: 1, vocabSize: 3 };
    expect(stepFlops(one)).toBe(348);
    expect(stepFlops({ ...one, batch: 5 })).toBe(5 * 348);
    // Three tokens see 1, 2 and 3 keys: 3 * 108 + 6 * 8.
    expect(stepFlops({ ...one, length: 3 })).toBe(3 * (3 * 108 + 6 * 8));
  });
});

describe('endurance', () => {
  const samples = (change: (i: number) => Partial<EnduranceSample>): EnduranceSample[] =>
    Array.from({ length: 10 }, (_, i) => ({ step: (i + 1) * 1000, tensors: 4, bytes: 1000, heap: 2e7, ...change(i) }));

  it('allows growth in the warm-up and noise in the heap', () => {
    const settled = samples((i) => ({ bytes: i === 0 ? 500 : 1e6 + (i % 3) * 5000, tensors: i === 4 ? 3 : 4, heap: 2e7 + (i % 2) * 3e5 }));
    expect(flatness(settled, 10_000)).toEqual({ tensors: true, bytes: true, heap: true });
  });

  it('sees a tensor, and four bytes of the device and a hundred of the heap in a step', () => {
    const growing = samples((i) => ({ bytes: 1e6 + i * 4000, tensors: i === 9 ? 5 : 4, heap: 2e7 + i * 1e5 }));
    const flat = flatness(growing, 10_000);
    expect(flat).toEqual({ tensors: false, bytes: false, heap: false });
    expect(enduranceTable({ steps: 10_000, samples: growing, flat })).toContain('not flat after the warm-up: tensors, bytes, heap');
  });
});

describe('the table', () => {
  const figures: EngineFigures = {
    dispatches: 25,
    submits: 1,
    bytesUploaded: 2048,
    bytesReadBack: 16,
    readBacks: 1,
    encodeMs: 0.1234,
    stepMs: 38.56,
    stepMsRange: [38, 39.123],
    firstStepMs: 1234.5,
    tokensPerSecond: 13_278.4,
  };
  const result: BenchResult = {
    version: 1,
    date: '2025-01-01',
    adapter: 'an adapter',
    runtime: 'a runtime',
    command: 'bench',
    rounds: 5,
    workloads: [{ name: 'train-2x64', engines: { lab: figures, tfjs: { ...figures, stepMs: 231.4 } }, ratio: { tfjs: 6.0012 } }],
    growth: [{ axis: 'width', points: [{ value: 64, stepMs: 40, flops: 4e8 }] }],
  };

  it('has a row for every engine and point', () => {
    const lines = benchTable(result).split('\n');
    const cells = (text: string): string[] => (lines.find((line) => line.includes(text)) ?? '').split('|').map((cell) => cell.trim());
    expect(lines[0]).toBe('an adapter; a runtime; medians of 5 interleaved rounds, fewer where a round is long');
    expect(cells('the lab')).toEqual([
      '',
      'train-2x64',
      'the lab',
      '25',
      '1',
      '2 KiB',
      '16 B in 1',
      '0.123',
      '38.6 (38 to 39.1)',
      '1235',
      '13278',
      '',
      '',
    ]);
    expect(cells('stock tfjs')).toContain('6 times');
    expect(cells('width')).toEqual(['', 'width', '64', '40', '400', '10', '']);
  });
});
