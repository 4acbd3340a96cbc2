import { pcg4d } from '../../core/rng';
import type { HostTensor, Values } from '../kernel';

export interface SampleTokenAttrs {
  readonly seed: number;
  readonly step: number;
  readonly position: number;
  /** Divides the logits. */
  readonly temperature: number;
}

export type SampleTokenInput = 'logits' | 'forced';

/** Floor of -log u: WGSL's log is only good to 2^-21 near 1, and the logarithm of a negative number would lose the token. */
export const SMALLEST = 1e-7;

/** Where a row is not forced. */
export const FREE = -1;

/**
 * One token per row by the Gumbel-max trick: argmax_v logits[v] / temperature - log(-log u_v), where u_v is a hash of
 * (seed, step, row, position) and v. A forced token is passed through. The first of equal maxima wins.
 */
export function sampleTokenReference(
  inputs: Readonly<Record<SampleTokenInput, HostTensor>>,
  attrs: SampleTokenAttrs,
  outputs: Readonly<Record<'token', Values>>,
): void {
  const [rows = 0, vocab = 0] = inputs.logits.shape;
  const words = new Uint32Array(4);
  for (let row = 0; row < rows; row++) {
    const forced = inputs.forced.values[row] as number;
    if (forced !== FREE) {
      outputs.token[row] = forced;
      continue;
    }
    let best = Number.NEGATIVE_INFINITY;
    let token = 0;
    for (let v = 0; v < vocab; v++) {
      pcg4d(attrs.seed ^ Math.imul(v, 0x9e3779b1), attrs.step, row, attrs.position, words);
      // 23 bits: the half keeps u off 0 and 1, and the sum is exact in f32.
      const u = Math.fround(((words[0] as number) >>> 9) + 0.5) * 2 ** -23;
      const score = (inputs.logits.values[row * vocab + v] as number) / attrs.temperature - Math.log(Math.max(-Math.log(u), SMALLEST));
      if (score > best) {
        best = score;
        token = v;
      }
    }
    outputs.token[row] = token;
  }
}
