import { pcg4d } from '../../core/rng';
import type { HostTensor, Values } from '../kernel';

/** How the policy's distribution is changed before a token is drawn from it. */
export interface Sharpening {
  /** Divides the logits; 0 takes the first of the most probable tokens. */
  readonly temperature: number;
  /** Draw among so many most probable tokens; 0 is all. */
  readonly topK: number;
  /** Draw among the fewest most probable tokens that hold this much probability, after top-k; 1 is all. */
  readonly topP: number;
}

export interface SampleTokenAttrs extends Sharpening {
  readonly seed: number;
  readonly step: number;
  readonly position: number;
}

export type SampleTokenInput = 'logits' | 'forced';

/** Floor of -log u: WGSL's log is only good to 2^-21 near 1, and the logarithm of a negative number would lose the token. */
export const SMALLEST = 1e-7;

/** Where a row is not forced. */
export const FREE = -1;

/**
 * One token per row by the Gumbel-max trick: argmax_v logits[v] / temperature - log(-log u_v), where u_v is a hash of
 * (seed, step, row, position) and v; without noise where the temperature is 0. Only tokens that top-k and top-p leave take
 * part. A forced token is passed through. The first of equal maxima wins.
 */
export function sampleTokenReference(
  inputs: Readonly<Record<SampleTokenInput, HostTensor>>,
  attrs: SampleTokenAttrs,
  outputs: Readonly<Record<'token', Values>>,
): void {
  const [rows = 0, vocab = 0] = inputs.logits.shape;
  const words = new Uint32Array(4);
  const greedy = attrs.temperature === 0;
  for (let row = 0; row < rows; row++) {
    const forced = inputs.forced.values[row] as number;
    if (forced !== FREE) {
      outputs.token[row] = forced;
      continue;
    }
    const logits = inputs.logits.values.subarray(row * vocab, (row + 1) * vocab);
    const sharpened = greedy ? logits : Float64Array.from(logits, (x) => x / attrs.temperature);
    const lowest = greedy ? Number.NEGATIVE_INFINITY : lowestDrawn(sharpened, attrs);
    let best = Number.NEGATIVE_INFINITY;
    let token = 0;
    for (let v = 0; v < vocab; v++) {
      const logit = sharpened[v] as number;
      if (logit < lowest) continue;
      const score = greedy ? logit : logit + gumbel(attrs, row, v, words);
      if (score > best) {
        best = score;
        token = v;
      }
    }
    outputs.token[row] = token;
  }
}

function gumbel(attrs: SampleTokenAttrs, row: number, v: number, words: Uint32Array): number {
  pcg4d(attrs.seed ^ Math.imul(v, 0x9e3779b1), attrs.step, row, attrs.position, words);
  // 23 bits: the half keeps u off 0 and 1, and the sum is exact in f32.
  const u = Math.fround(((words[0] as number) >>> 9) + 0.5) * 2 ** -23;
  return -Math.log(Math.max(-Math.log(u), SMALLEST));
}

/**
 * The lowest logit that may be drawn, as Hugging Face's warpers say: top-k keeps what is at least the k-th largest; top-p
 * keeps a token where those above it hold less than `topP` of the mass that top-k has left.
 */
function lowestDrawn(logits: ArrayLike<number>, { topK, topP }: Sharpening): number {
  if (topK === 0 && topP === 1) return Number.NEGATIVE_INFINITY;
  const sorted = Float64Array.from(logits).sort().reverse();
  const kth = topK === 0 ? Number.NEGATIVE_INFINITY : (sorted[topK - 1] ?? Number.NEGATIVE_INFINITY);
  if (topP === 1) return kth;
  const kept = sorted.filter((logit) => logit >= kth);
  const weights = kept.map((logit) => Math.exp(logit - (kept[0] as number)));
  const enough = topP * weights.reduce((sum, weight) => sum + weight, 0);
  let mass = 0;
  let lowest = kept[0] as number;
  for (let i = 0; i < kept.length && mass < enough; i++) {
    lowest = kept[i] as number;
    mass += weights[i] as number;
  }
  return lowest;
}
