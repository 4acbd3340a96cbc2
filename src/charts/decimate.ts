/** Curves cut down to what the pixels can show. Each pixel column keeps a curve's smallest and largest value: no spike is lost. */
import { type Axis, shareOn } from './scale';

export interface Points {
  /** [length] */
  readonly x: ArrayLike<number>;
  /** [length], NaN where there is none. */
  readonly y: ArrayLike<number>;
  readonly length: number;
  /** Whether x never falls. */
  readonly ordered: boolean;
  /** What the points are of, and a text that changes whenever they do. Absent where they are not worth remembering. */
  readonly source?: { readonly of: object; readonly version: string };
}

interface Remembered {
  readonly version: string;
  readonly kept: readonly number[];
}

const remembered = new WeakMap<object, Remembered>();

/** As `keep` over an axis; curves that stand still, such as those of runs that are done, are looked through once. */
export function keepOn(points: Points, axis: Axis, columns: number): readonly number[] {
  const share = shareOn(axis);
  if (points.source === undefined) return keep(points, share, columns);
  const { of, version } = points.source;
  const all = `${version} ${axis.domain[0]} ${axis.domain[1]} ${axis.log} ${columns}`;
  const before = remembered.get(of);
  if (before?.version === all) return before.kept;
  const kept = keep(points, share, columns);
  remembered.set(of, { version: all, kept });
  return kept;
}

/**
 * Indices of the points to draw, ascending, about `2 * columns` at most. Of an ordered curve those that can be seen, with one more on
 * either side so that the curve goes on to the edge; of any other, whose x says nothing of its order, all along it.
 * @param share where an x stands between the ends of its axis: in [0, 1] where it can be seen, not finite where it has no place
 */
export function keep(points: Points, share: (x: number) => number, columns: number): number[] {
  return points.ordered ? keepOrdered(points, share, columns) : keepAlong(points, share, columns);
}

function keepOrdered({ x, y, length }: Points, share: (x: number) => number, columns: number): number[] {
  const kept = createKeeper(y, columns);
  let before = -1;
  let after = -1;
  for (let i = 0; i < length; i++) {
    if (!Number.isFinite(y[i])) continue;
    const at = share(x[i] as number);
    if (at < 0) before = i;
    else if (at > 1) {
      after = i;
      break;
    } else if (Number.isFinite(at)) kept.take(i, Math.min(columns - 1, Math.floor(at * columns)));
  }
  const inside = kept.done();
  return [...(before < 0 || !Number.isFinite(share(x[before] as number)) ? [] : [before]), ...inside, ...(after < 0 ? [] : [after])];
}

function keepAlong({ x, y, length }: Points, share: (x: number) => number, columns: number): number[] {
  const kept = createKeeper(y, columns);
  for (let i = 0; i < length; i++) {
    if (Number.isFinite(y[i]) && Number.isFinite(share(x[i] as number))) kept.take(i, Math.floor((i * columns) / length));
  }
  return kept.done();
}

/** Keeps all points while they are few; else the first, the last, and of each column the smallest and the largest. */
function createKeeper(y: ArrayLike<number>, columns: number) {
  let all: number[] | null = [];
  const kept: number[] = [];
  let [column, low, high, first, last] = [-1, -1, -1, -1, -1];
  const add = (i: number): void => {
    if (kept.at(-1) !== i) kept.push(i);
  };
  const close = (): void => {
    if (column < 0) return;
    add(Math.min(low, high));
    add(Math.max(low, high));
  };
  return {
    take(i: number, at: number): void {
      if (all !== null && all.push(i) > 2 * columns) all = null;
      if (first < 0) {
        first = i;
        kept.push(i);
      }
      last = i;
      if (at !== column) {
        close();
        [column, low, high] = [at, i, i];
        return;
      }
      const value = y[i] as number;
      if (value < (y[low] as number)) low = i;
      if (value > (y[high] as number)) high = i;
    },
    done(): number[] {
      if (all !== null) return all;
      close();
      add(last);
      return kept;
    },
  };
}
