/** Scalar heads: of a GPT a number for every token, of the MLP one for the prompt and one for the action that follows. */
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
 * The dispatches of a GPT's head, which reads the final LayerNorm's output at every token that is no padding. They have plans
 * of their own: the backward plan already binds as many buffers as WebGPU guarantees. A thread has a token to itself, in
 * every scheme.
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

/** Where the MLP's head finds the action of a row: `count` of them from token `firstAction` on, at `place` of `length`. */
export interface ActionAt {
  readonly length: number;
  readonly place: number;
  readonly firstAction: number;
  readonly count: number;
}

/** Its slices in θ: weights and bias of the state's value, and of the actions' values. */
export interface ActionWeights {
  readonly w: number;
  readonly c: number;
  readonly actionW: number;
  readonly actionC: number;
}

/** Where the gradients that the head brings lie in the arena. */
export interface ActionGrads {
  /** of the state's value [R, 1 vec4] */
  readonly state: number;
  /** of the actions' values [R, K] */
  readonly actions: number;
  /** of the last hidden layer [R, W] */
  readonly hidden: number;
}

const ACTION_FIELDS = ['length', 'place', 'firstAction', 'count'] as const;
const ACTION_VALUE_FIELDS = ['rows', 'x', 'vectors', 'w', 'c', 'actionW', 'actionC', ...ACTION_FIELDS] as const;
const ACTION_BACK_FIELDS = ['rows', 'vectors', 'width', 'w', 'actionW', 'state', 'actions', 'hidden', ...ACTION_FIELDS] as const;

const CHOICE = 'let choice = u32(tokens[row * u.length + u.place]) - u.firstAction;';

const actionValue: Shader<(typeof ACTION_VALUE_FIELDS)[number]> = {
  name: 'action-value',
  fields: ACTION_VALUE_FIELDS,
  extras: accessOf(FORWARD),
  code: `${common('f32')}${extras(FORWARD)}${MAIN} {
  let row = threadOf(group, lane);
  if (row >= u.rows) { return; }
  ${CHOICE}
  // A token that is no action has no value.
  let action = min(choice, u.count - 1u);
  var state = vec4f();
  var chosen = vec4f();
  for (var i = 0u; i < u.vectors; i++) {
    let x = arena[u.x + row * u.vectors + i];
    let at = u.actionW + 4u * i * u.count + action;
    state += x * weight(u.w + 4u * i);
    // Behind the last line the hidden layer is padded with zeros.
    chosen += x * vec4f(weight(at).x, weight(at + u.count).x, weight(at + 2u * u.count).x, weight(at + 3u * u.count).x);
  }
  let to = row * u.length;
  for (var t = 0u; t < u.length; t++) { head[to + t] = 0.0; }
  head[to + u.place - 1u] = sum4(state) + weight(u.c).x;
  head[to + u.place] = select(0.0, sum4(chosen) + weight(u.actionC + action).x, choice < u.count);
}`,
};

const actionBack: Shader<(typeof ACTION_BACK_FIELDS)[number]> = {
  name: 'action-value-back',
  fields: ACTION_BACK_FIELDS,
  extras: accessOf(BACKWARD),
  code: `${common('f32')}${extras(BACKWARD)}${MAIN} {
  // Of each row a thread for the state, one for each vec4 of actions, one for each of the hidden layer.
  let thread = threadOf(group, lane);
  let across = (u.count + 3u) / 4u;
  let row = thread / (1u + across + u.vectors);
  let part = thread % (1u + across + u.vectors);
  if (row >= u.rows) { return; }
  ${CHOICE}
  let upState = gradHead[row * u.length + u.place - 1u];
  let upChosen = select(0.0, gradHead[row * u.length + u.place], choice < u.count);
  if (part == 0u) {
    arena[u.state + row] = vec4f(upState, 0.0, 0.0, 0.0);
  } else if (part <= across) {
    let i = part - 1u;
    let hit = vec4u(4u * i) + vec4u(0u, 1u, 2u, 3u) == vec4u(choice);
    arena[u.actions + row * across + i] = select(vec4f(), vec4f(upChosen), hit);
  } else {
    let i = part - 1u - across;
    let at = u.actionW + 4u * i * u.count + min(choice, u.count - 1u);
    let line = vec4f(weight(at).x, weight(at + u.count).x, weight(at + 2u * u.count).x, weight(at + 3u * u.count).x);
    let value = upState * weight(u.w + 4u * i) + upChosen * line;
    arena[u.hidden + row * u.vectors + i] = select(vec4f(), value, present(u.width - 4u * i));
  }
}`,
};

/** The dispatches of the MLP's head, which reads the last hidden layer. */
export const actionHead = {
  /** From the hidden layer x [R, W] */
  forward: (rows: number, x: number, width: Axis, weights: ActionWeights, at: ActionAt): Step =>
    step(actionValue, Math.ceil(rows / LANES), { rows, x, vectors: width.vectors, ...weights, ...at }),
  backward: (rows: number, width: Axis, { w, actionW }: ActionWeights, to: ActionGrads, at: ActionAt): Step =>
    step(actionBack, Math.ceil((rows * (1 + Math.ceil(at.count / 4) + width.vectors)) / LANES), {
      rows,
      vectors: width.vectors,
      width: width.length,
      w,
      actionW,
      ...to,
      ...at,
    }),
};
