import { describe, expect, it } from 'vitest';
import { keep, type Points } from './decimate';

const count = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const curve = (y: readonly number[], x: readonly number[] = count(y.length), ordered = true): Points => ({
  x,
  y,
  length: y.length,
  ordered,
});
/** The share of an axis from `from` to `to`. */
const on =
  (from: number, to: number) =>
  (x: number): number =>
    (x - from) / (to - from);

describe('decimation', () => {
  it('keeps short curves as they are, without what was not measured', () => {
    expect(keep(curve([5, Number.NaN, 7, Number.POSITIVE_INFINITY]), on(0, 3), 10)).toEqual([0, 2]);
    expect(keep(curve([]), on(0, 1), 10)).toEqual([]);
    expect(keep(curve([Number.NaN]), on(0, 1), 10)).toEqual([]);
  });

  it('keeps every spike, both ways, and both ends', () => {
    const y = count(10_000).map((i) => (i === 4321 ? 100 : i === 7777 ? -100 : i / 10_000));
    const kept = keep(curve(y), on(0, 9999), 50);
    expect(kept.length).toBeLessThanOrEqual(102);
    expect(kept).toContain(4321);
    expect(kept).toContain(7777);
    expect([kept[0], kept.at(-1)]).toEqual([0, 9999]);
    expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b));
  });

  it('keeps what can be seen, and one point more on either side', () => {
    expect(keep(curve(count(100)), on(20, 24), 10)).toEqual([19, 20, 21, 22, 23, 24, 25]);
    expect(keep(curve(count(4)), on(0.2, 0.8), 10)).toEqual([0, 1]);
  });

  it('leaves out what has no place on a logarithmic axis', () => {
    const share = (x: number): number => (x > 0 ? Math.log(x / 1) / Math.log(100) : Number.NEGATIVE_INFINITY);
    expect(keep(curve([1, 2, 3], [0, 1, 100]), share, 10)).toEqual([1, 2]);
  });

  it('follows a curve whose x goes back and forth', () => {
    const turn = curve([1, 2, 3, 4], [0, 5, 2, 8], false);
    expect(keep(turn, on(0, 8), 10)).toEqual([0, 1, 2, 3]);
    const long = curve(
      count(5000).map((i) => (i === 1234 ? 9 : 0)),
      count(5000).map((i) => Math.sin(i)),
      false,
    );
    const kept = keep(long, on(-1, 1), 40);
    expect(kept.length).toBeLessThanOrEqual(82);
    expect(kept).toContain(1234);
  });
});
