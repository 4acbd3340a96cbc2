/** The scalar head of a GPT: a number for every token that is no padding, read from the final LayerNorm's output. */
import { PAD } from '../../core/world';
import type { Axis } from '../model';
import { LANES, type Shader, type Step, step } from '../plan';
import { common, type Element, elementSuffix, extras, MAIN } from './common';
import { accessOf } from './ends';

/** Group 1 of its forward plan. */
const FORWARD = [
  ['tokens', 'read', 'array<i32>'],
  ['head', 'write', 'array<f32>'],
] as const;

/** Group 1 of its backward plan. */
const BACKWARD = [
  ['tokens', 'read', 'array<i32>'],
  ['gradHead', 'read', 'array<f32>'],
] as const;

const VALUE_FIELDS = ['rows', 'x', 'vectors', 'w', 'c'] as const;
const BACK_FIELDS = ['rows', 'to'] as const;

/**
 * The head's dispatches. They have plans of their own: the backward plan already binds as many buffers as WebGPU guarantees.
 * A thread has a token to itself, in every scheme.
 * @param element what θ is bound as elsewhere. Here it is single numbers: θ ends with the head's bias, where no vec4 fits.
 */
export function valueHead(element: Element) {
  const single: Element = /h$|16/.test(element) ? 'f16' : 'f32';
  const value: Shader<(typeof VALUE_FIELDS)[number]> = {
    name: `value${elementSuffix(single)}`,
    fields: VALUE_FIELDS,
    extras: accessOf(FORWARD),
    code: `${common(single)}${extras(FORWARD)}${MAIN} {
  let row = threadOf(group, lane);
  if (row >= u.rows) { return; }
  var sum = vec4f();
  for (var i = 0u; i < u.vectors; i++) { sum += arena[u.x + row * u.vectors + i] * weight(u.w + 4u * i); }
  head[row] = select(sum4(sum) + weight(u.c).x, 0.0, tokens[row] == ${PAD});
}`,
  };
  const back: Shader<(typeof BACK_FIELDS)[number]> = {
    name: 'value-back',
    fields: BACK_FIELDS,
    extras: accessOf(BACKWARD),
    code: `${common()}${extras(BACKWARD)}${MAIN} {
  let row = threadOf(group, lane);
  if (row < u.rows) { arena[u.to + row] = vec4f(select(gradHead[row], 0.0, tokens[row] == ${PAD}), 0.0, 0.0, 0.0); }
}`,
  };
  return {
    /** x [M, C] times the weights at `w`, plus the bias at `c` */
    forward: (rows: number, x: number, width: Axis, w: number, c: number): Step =>
      step(value, Math.ceil(rows / LANES), { rows, x, vectors: width.vectors, w, c }),
    /** Writes the gradient that reaches the head to the arena [M, 1 vec4], without what reaches it at padding. */
    backward: (rows: number, to: number): Step => step(back, Math.ceil(rows / LANES), { rows, to }),
  };
}
