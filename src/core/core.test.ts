import { describe, expect, it } from 'vitest';
import type { Claim } from './experiment';
import { choice, flag, number, resolveParams, SpecError } from './params';
import { createRng, pcg4d } from './rng';
import { judge, nullClaim } from './verdict';

describe('params', () => {
  const specs = {
    beta: number({ title: 'Beta', help: '', default: 0.1, min: 0, max: 10 }),
    steps: number({ title: 'Steps', help: '', default: 5, min: 1, max: 100, integer: true }),
    how: choice({
      title: 'How',
      help: '',
      default: 'a',
      options: [
        { value: 'a', title: 'A' },
        { value: 'b', title: 'B' },
      ],
    }),
    on: flag({ title: 'On', help: '', default: false }),
  };

  it('fills in defaults and keeps what is given', () => {
    expect(resolveParams(specs, { beta: 2 }, 'x')).toEqual({ beta: 2, steps: 5, how: 'a', on: false });
    expect(resolveParams(specs, undefined, 'x')).toEqual({ beta: 0.1, steps: 5, how: 'a', on: false });
  });

  it.each([
    [{ beta: 11 }, 'x.beta: expected a number from 0 to 10; got 11'],
    [{ beta: Number.NaN }, 'x.beta: expected a finite number; got null'],
    [{ beta: '1' }, 'x.beta: expected a finite number; got "1"'],
    [{ steps: 1.5 }, 'x.steps: expected a whole number; got 1.5'],
    [{ how: 'c' }, 'x.how: expected one of a, b; got "c"'],
    [{ on: 1 }, 'x.on: expected true or false; got 1'],
    [{ gamma: 1 }, 'x.gamma: no such setting; known here: beta, steps, how, on'],
    [{ constructor: 1 }, 'x.constructor: no such setting; known here: beta, steps, how, on'],
    [[], 'x: expected an object of settings'],
  ])('refuses %j with the place and the reason', (given, message) => {
    expect(() => resolveParams(specs, given, 'x')).toThrow(SpecError);
    expect(() => resolveParams(specs, given, 'x')).toThrow(message);
  });
});

describe('rng', () => {
  it('is the published hash', () => {
    // All-zero input by hand: every word becomes c = 1013904223; then a += b d = c + c^2, b += c a, and so on, mod 2^32.
    const wrap = (x: bigint): bigint => BigInt.asUintN(32, x);
    const c = 1013904223n;
    let [x, y, z, w] = [c, c, c, c];
    const mix = (): void => {
      x = wrap(x + y * w);
      y = wrap(y + z * x);
      z = wrap(z + x * y);
      w = wrap(w + y * z);
    };
    mix();
    [x, y, z, w] = [x ^ (x >> 16n), y ^ (y >> 16n), z ^ (z >> 16n), w ^ (w >> 16n)];
    mix();
    expect([...pcg4d(0, 0, 0, 0, new Uint32Array(4))]).toEqual([x, y, z, w].map(Number));
  });

  it('forks streams that depend on the purpose alone, not on what was drawn before', () => {
    const [used, fresh] = [createRng(1), createRng(1)];
    for (let i = 0; i < 100; i++) used.uniform();
    expect(used.fork('data').u32()).toBe(fresh.fork('data').u32());
    expect(fresh.fork('data').u32()).not.toBe(fresh.fork('eval').u32());
    expect(fresh.fork(3).u32()).not.toBe(fresh.fork('3').u32());
  });

  it('draws uniforms with the right mean and normals with the right moments', () => {
    const rng = createRng(42);
    const n = 20_000;
    let [uniform, normal, square] = [0, 0, 0];
    for (let i = 0; i < n; i++) {
      uniform += rng.uniform() / n;
      const x = rng.normal();
      normal += x / n;
      square += (x * x) / n;
    }
    // Five standard errors: .289 / sqrt(n), 1 / sqrt(n), sqrt(2 / n).
    expect(Math.abs(uniform - 0.5)).toBeLessThan(0.0103);
    expect(Math.abs(normal)).toBeLessThan(0.0354);
    expect(Math.abs(square - 1)).toBeLessThan(0.05);
  });

  it('shuffles into a permutation and draws by weight', () => {
    const rng = createRng(3);
    expect(rng.shuffle([1, 2, 3, 4, 5]).sort()).toEqual([1, 2, 3, 4, 5]);
    const counts = [0, 0, 0];
    for (let i = 0; i < 9000; i++) counts[rng.weighted([1, 0, 2])] = (counts[rng.weighted([1, 0, 2])] ?? 0) + 1;
    expect(counts[1]).toBe(0);
    expect(() => rng.pick([])).toThrow(/empty/);
  });
});

describe('verdict', () => {
  const claim: Claim = { text: '', metric: 'x', arm: 'a', against: { arm: 'b' }, threshold: 0.2 };
  const runs = (values: readonly number[]) => values.map((x) => ({ first: { x: 0 }, last: { x } }));
  const zeros = runs(Array.from({ length: 10 }, () => 0));

  it('shows where the mean reaches the threshold and nine of ten agree in sign', () => {
    const nine = [0.5, 0.4, 0.3, 0.5, 0.4, 0.3, 0.5, 0.4, 0.3, -0.1];
    expect(judge(claim, { a: runs(nine), b: zeros }).verdict).toBe('shows');
    const eight = [0.9, 0.9, 0.9, 0.5, 0.4, 0.3, 0.5, 0.4, -0.3, -0.1];
    expect(judge(claim, { a: runs(eight), b: zeros }).verdict).toBe('inconclusive');
  });

  it('does not show where the whole interval is below the threshold', () => {
    expect(judge(claim, { a: runs([0.1, 0.05, 0.12, 0.1, 0.08, 0.1, 0.11, 0.1, 0.09, 0.1]), b: zeros }).verdict).toBe('does not show');
  });

  it('never shows anything with fewer than ten seeds', () => {
    expect(judge(claim, { a: runs([0.5, 0.6, 0.7]), b: zeros }).verdict).toBe('reached');
    expect(judge(claim, { a: runs([0.5, 0.6, -0.1]), b: zeros }).verdict).toBe('not reached');
  });

  it('is inconclusive where a run failed', () => {
    expect(judge(claim, { a: [...runs([1, 1]), null], b: zeros }).verdict).toBe('inconclusive');
    expect(judge(claim, { a: [], b: zeros }).verdict).toBe('inconclusive');
  });

  it("measures against an arm's own start, or the value itself", () => {
    const own = { first: { x: 0.2 }, last: { x: 0.5 } };
    expect(judge({ ...claim, against: 'start' }, { a: [own] }).mean).toBeCloseTo(0.3, 12);
    expect(judge({ ...claim, against: 'nothing' }, { a: [own] }).mean).toBeCloseTo(0.5, 12);
  });

  it('reads a claim for the null arm as for its own, unless it is about it', () => {
    expect(nullClaim(claim, { nullArm: 'noise' })).toEqual({ ...claim, arm: 'noise' });
    expect(nullClaim({ ...claim, arm: 'noise' }, { nullArm: 'noise' })).toBeNull();
    expect(nullClaim({ ...claim, against: { arm: 'noise' } }, { nullArm: 'noise' })).toBeNull();
    expect(nullClaim(claim, {})).toBeNull();
  });
});
