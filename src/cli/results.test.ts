import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { Result } from '../core/result';
import { judge } from '../core/verdict';
import { experiments } from './experiments';
import { results } from './results';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'objective-lab-'));
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

it('prints what the null arm does in the place of a claim’s own, and nothing where the claim is about it', async () => {
  const { claims } = experiments().find(({ id }) => id === 'sums-grpo') ?? { claims: [] };
  // Over two seeds: .9 and 1 with the reward, .5 and .6 before it, .1 and 0 on the coin.
  const ends = { 'half-trained': [0.5, 0.6], grpo: [0.9, 1], coin: [0.1, 0] };
  const runs = Object.entries(ends).flatMap(([arm, values]) =>
    values.map((value, seed) => ({ arm, seed, state: 'finished', first: {}, last: { 'eval/accuracy': value } })),
  );
  const byArm = Object.fromEntries(Object.keys(ends).map((arm) => [arm, runs.filter((run) => run.arm === arm)]));
  const result = { target: 'sums-grpo', runs, outcomes: claims.map((claim) => judge(claim, byArm)) } as unknown as Result;
  await writeFile(join(folder, 'sums-grpo.json'), JSON.stringify(result));
  const printed: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
  expect(await results([folder])).toBe(0);
  const [, , ...rows] = printed.join('').trim().split('\n');
  const cells = rows.map((row) => row.split('|').map((cell) => cell.trim()));
  // .9 - .5 and 1 - .6; for the coin .1 - .5 and 0 - .6.
  expect(cells[0]?.slice(3)).toEqual(['0.400 [0.400, 0.400]', '-0.500 [-0.600, -0.400]', '2', 'reached', '']);
  // .9 - .1 and 1 - 0.
  expect(cells[1]?.slice(3)).toEqual(['0.900 [0.800, 1.000]', '', '2', 'reached', '']);
});
