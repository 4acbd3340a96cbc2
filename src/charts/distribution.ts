/** Where the labels of a distribution's parts stand: each at its peak, none upon another. */
import type { Distribution } from '../store/recording';

export type Part = 'policy' | 'optimum' | 'reward' | 'reference';

/** The plot inside its axes, in pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedLabel {
  readonly part: Part;
  readonly x: number;
  readonly y: number;
  /** Whether the text ends at x instead of beginning there. */
  readonly toLeft: boolean;
}

const LINE = 16;
/** Labels further apart than this cannot touch. */
const REACH = 150;

export function placeLabels(picture: Distribution, top: number, rewards: readonly [number, number], box: Box): PlacedLabel[] {
  const parts: [Part, Float32Array | null, readonly [number, number]][] = [
    ['policy', picture.policy, [0, top]],
    ['optimum', picture.optimum, [0, top]],
    ['reward', picture.reward, rewards],
    ['reference', picture.reference, [0, top]],
  ];
  const placed: PlacedLabel[] = [];
  for (const [part, values, [low, high]] of parts) {
    if (values === null || values.length === 0) continue;
    const peak = peakOf(values);
    const share = Math.min(1, ((values[peak] as number) - low) / (high - low));
    const x = box.left + ((peak + 0.5) / values.length) * box.width;
    const toLeft = peak > values.length / 2;
    let y = Math.max(2, box.top + (1 - share) * box.height - LINE / 2);
    const touches = (other: PlacedLabel): boolean => Math.abs(other.x - x) < REACH && Math.abs(other.y - y) < LINE;
    for (let hit = placed.find(touches); hit !== undefined; hit = placed.find(touches)) y = hit.y + LINE;
    placed.push({ part, x: x + (toLeft ? -6 : 6), y, toLeft });
  }
  return placed;
}

function peakOf(values: Float32Array): number {
  let peak = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] as number) > (values[peak] as number)) peak = i;
  return peak;
}

/** The largest value that each frame's parts reach. Parts are shared between frames, so most are known. */
export function largest(values: Float32Array): number {
  let known = maxima.get(values);
  if (known === undefined) {
    known = values[peakOf(values)] ?? 0;
    maxima.set(values, known);
  }
  return known;
}

const maxima = new WeakMap<Float32Array, number>();

/**
 * The largest probability that any recorded frame shows, so that the axis stays still; a spike of the closed form may
 * be cut off at three times what the policy and the reference reach.
 */
export function ceilingOf(frames: readonly { readonly value: Distribution }[]): number {
  let own = 0;
  let optimal = 0;
  for (const { value } of frames) {
    own = Math.max(own, largest(value.policy), largest(value.reference));
    if (value.optimum !== null) optimal = Math.max(optimal, largest(value.optimum));
  }
  return Math.max(own, Math.min(optimal, 3 * own), 1e-6);
}
