/** Curves as a doctor reads them: smoothed, set beside each other, and held against a threshold without blinking. */

/** A metric's measured values by step, the steps ascending; all finite. */
export interface Curve {
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

export const NO_CURVE: Curve = { steps: [], values: [] };

export const isEmpty = ({ steps }: Curve): boolean => steps.length === 0;

/** The newest value; NaN for none. */
export const lastValue = ({ values }: Curve): number => values.at(-1) ?? Number.NaN;

/** A running mean: each value counts `share` when it comes, and less by the same share with every value after it. */
export function smooth({ steps, values }: Curve, share: number): Curve {
  let mean = 0;
  let weight = 0;
  const smoothed = values.map((value) => {
    mean = (1 - share) * mean + share * value;
    weight = (1 - share) * weight + share;
    // Divided by what the values so far count together, so that the first one counts in full.
    return mean / weight;
  });
  return { steps, values: smoothed };
}

/** Each value made into another. */
export const mapped = ({ steps, values }: Curve, to: (value: number, i: number) => number): Curve => ({ steps, values: values.map(to) });

/** A value of `curve` at each of its steps together with the last values of the others by then; only where all have one. */
export function together(curve: Curve, others: readonly Curve[], to: (value: number, others: readonly number[]) => number): Curve {
  const at = others.map(() => -1);
  const steps: number[] = [];
  const values: number[] = [];
  curve.steps.forEach((step, i) => {
    others.forEach((other, k) => {
      while ((other.steps[(at[k] as number) + 1] ?? Number.POSITIVE_INFINITY) <= step) at[k] = (at[k] as number) + 1;
    });
    if (at.some((index) => index < 0)) return;
    steps.push(step);
    values.push(
      to(
        curve.values[i] as number,
        others.map((other, k) => other.values[at[k] as number] as number),
      ),
    );
  });
  return { steps, values };
}

/** The last value at or before a step; NaN for none. */
export function valueAt({ steps, values }: Curve, step: number): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((steps[middle] as number) <= step) low = middle + 1;
    else high = middle;
  }
  return values[low - 1] ?? Number.NaN;
}

/** When something is said of a level, and when it is no longer. */
export interface Threshold {
  /** Said from here on. */
  readonly on: number;
  /** No longer said below here; lower than `on`, so that a level that hovers at it does not blink. */
  readonly off: number;
  /** Values in a row that have to reach `on` first. */
  readonly patience: number;
}

/** The step since which a level has been over its threshold without a break; null where it is not. */
export function since({ steps, values }: Curve, { on, off, patience }: Threshold): number | null {
  let began: number | null = null;
  let inARow = 0;
  values.forEach((value, i) => {
    if (began !== null) {
      if (value < off) [began, inARow] = [null, 0];
      return;
    }
    inARow = value >= on ? inARow + 1 : 0;
    if (inARow >= patience) began = steps[i - patience + 1] as number;
  });
  return began;
}
