/** The MLP as lists of dispatches: forward 4, backward 4, sampling 4; a scalar head adds one to the first two each. */
import type { Layout } from '../../core/layout';
import { type Axis, elementOf, hasHead, plainAxis, vectorsOf, type WeightAt, weightOffsets } from '../model';
import type { Step } from '../plan';
import type { ScoreSteps } from '../score';
import type { BatchSize } from '../shaders/ends';
import { type ChoiceAt, type MlpLayer, mlpLayer } from '../shaders/mlp';
import type { Scheme } from '../shaders/scheme';
import type { Product } from '../shaders/tiles';
import { type ActionGrads, actionHead } from '../shaders/value';
import { jobTable, normJob, productJob, sumJob, weightsStep } from '../shaders/weights';

/** Sizes of an MLP whose θ is laid out as the policy says. */
export interface MlpModel {
  /** Length of the vector that stands for a token */
  readonly contextSize: number;
  /** Width of the first layer, which is normalised */
  readonly narrow: number;
  /** Width of the two hidden layers */
  readonly wide: number;
  /** Tokens that have a context */
  readonly vocabSize: number;
  /** The actions: `count` tokens from `first` on, each after a prompt of `promptLen`. */
  readonly span: { readonly first: number; readonly count: number; readonly promptLen: number };
  readonly layout: Layout;
}

/** A layer x W + c, x [R, K] and y [R, N]: its axes, its place in θ, its dispatches. */
interface Layer {
  readonly k: Axis;
  readonly n: Axis;
  readonly w: number;
  readonly c: number;
  readonly run: MlpLayer;
}

/** Everything that a list of dispatches is made from. */
export interface MlpParts {
  readonly model: MlpModel;
  readonly scheme: Scheme;
  readonly at: WeightAt;
  /** Context to the LayerNorm, and on to the logits */
  readonly layers: readonly [Layer, Layer, Layer, Layer];
}

export function mlpParts(model: MlpModel, scheme: Scheme): MlpParts {
  const at = weightOffsets(model.layout);
  const [narrow, wide] = [plainAxis(model.narrow), plainAxis(model.wide)];
  // Each layer for itself: a width that is no multiple of four should not cost the others their vec4s.
  const layer = (name: string, k: Axis, n: Axis, ...norms: string[]): Layer => {
    const [w, c] = [at(`${name}.weight`), at(`${name}.bias`)];
    const aligned = [n.length, w, c, ...norms.map(at)].every((words) => words % 4 === 0);
    return { k, n, w, c, run: mlpLayer(scheme, elementOf(aligned, false)) };
  };
  return {
    model,
    scheme,
    at,
    layers: [
      layer('in', plainAxis(model.contextSize), narrow, 'norm.weight', 'norm.bias'),
      // The gradient of its input goes on through the LayerNorm.
      layer('hidden.0', narrow, wide, 'norm.weight'),
      layer('hidden.1', wide, wide),
      layer('out', wide, plainAxis(model.span.count)),
    ],
  };
}

/** The numbers of four layers. */
type Four = [number, number, number, number];

/** Where the activations of R rows lie, in vec4s. */
function arenaOf({ layers, model }: MlpParts, rows: number, forGradient: boolean) {
  let size = 0;
  const place = (vectors: number): number => {
    const at = size;
    size += rows * vectors;
    return at;
  };
  const [first, , , last] = layers;
  const head = hasHead(model.layout);
  const grads = forGradient ? 1 : 0;
  const of = {
    /** Each layer's input [R, K]: the contexts, then what has gone through LayerNorm and relu, then through relu */
    x: layers.map(({ k }) => place(vectorsOf(k))) as Four,
    /** The first layer's output [R, N] */
    stream: place(vectorsOf(first.n)),
    /** Its mean and reciprocal deviation [R, 1 vec4] */
    stats: place(1),
    logits: place(vectorsOf(last.n)),
    /** Log-sum-exp and entropy [R, 1 vec4] */
    outcome: place(1),
    /** Gradient of each layer's output x W + c [R, N] */
    gradY: layers.map(({ n }) => place(grads * vectorsOf(n))) as Four,
    /** of the LayerNorm's [R, N] */
    gradNormed: place(grads * vectorsOf(first.n)),
  };
  const valued = head ? grads : 0;
  /** Gradients that a scalar head brings */
  const value: ActionGrads = {
    state: place(valued),
    actions: place(valued * vectorsOf(last.n)),
    hidden: place(valued * vectorsOf(last.k)),
  };
  return { ...of, value, size };
}

type MlpArena = ReturnType<typeof arenaOf>;

/** A layer's product, from x to y. */
const forward = ({ k, n, w }: Layer, rows: number, x: number, y: number): Product => ({ rows, x, k, y, n, w });

/** The way to the last layer's input. */
function trunk({ model, at, layers }: MlpParts, plan: 'score' | 'draw', rows: number, length: number, arena: MlpArena): Step[] {
  const [first, second, third] = layers;
  const { x, stream, stats } = arena;
  const norm = { stream, stats, normed: x[1], gain: at('norm.weight'), bias: at('norm.bias') };
  const token = { length, place: model.span.promptLen - 1 };
  return [
    first.run.context(plan, forward(first, rows, x[0], stream), first.c, token, model.vocabSize, norm),
    second.run.relu(forward(second, rows, x[1], x[2]), second.c),
    third.run.relu(forward(third, rows, x[2], x[3]), third.c),
  ];
}

/** Rows [R, T] of tokens to log-probabilities and entropies [R, T], and the gradients of these to that of θ. */
export function scoreSteps(parts: MlpParts, { rows, length }: BatchSize, forGradient: boolean): ScoreSteps {
  const { model, layers } = parts;
  const last = layers[3];
  const arena = arenaOf(parts, rows, forGradient);
  const choice = { length, place: model.span.promptLen, firstAction: model.span.first, outcome: arena.outcome };
  return {
    vectors: arena.size,
    forward: [
      ...trunk(parts, 'score', rows, length, arena),
      last.run.choose(forward(last, rows, arena.x[3], arena.logits), last.c, choice),
    ],
    backward: forGradient ? backwardSteps(parts, rows, arena, choice) : null,
    head: headSteps(parts, rows, length, arena),
  };
}

/** The scalar head's own dispatches, after the forward ones and before the backward ones. */
function headSteps({ model, at, layers }: MlpParts, rows: number, length: number, arena: MlpArena): ScoreSteps['head'] {
  if (!hasHead(model.layout)) return null;
  const { first: firstAction, promptLen: place, count } = model.span;
  const { k } = layers[3];
  const weights = {
    w: at('v_head.weight'),
    c: at('v_head.bias'),
    actionW: at('v_head.actions.weight'),
    actionC: at('v_head.actions.bias'),
  };
  const action = { length, place, firstAction, count };
  return {
    forward: actionHead.forward(rows, arena.x[3], k, weights, action),
    backward: actionHead.backward(rows, k, weights, arena.value, action),
  };
}

/** Prompts [R, P] to an action each, and the vec4s of the arena. */
export function drawSteps(parts: MlpParts, rows: number): { steps: Step[]; vectors: number } {
  const { model, layers } = parts;
  const { first: firstAction, promptLen: place } = model.span;
  const last = layers[3];
  const arena = arenaOf(parts, rows, false);
  return {
    vectors: arena.size,
    steps: [
      ...trunk(parts, 'draw', rows, place, arena),
      last.run.draw(forward(last, rows, arena.x[3], arena.logits), last.c, { place, firstAction }),
    ],
  };
}

function backwardSteps(
  { model, at, layers, scheme }: MlpParts,
  rows: number,
  arena: MlpArena,
  choice: ChoiceAt,
): NonNullable<ScoreSteps['backward']> {
  const [first, second, third, last] = layers;
  const { x, stream, stats, logits, gradY, gradNormed, value } = arena;
  const back = ({ k, n, w }: Layer, gradY: number, gradX: number): Product => ({ rows, x: gradY, k: n, y: gradX, n: k, w });
  const gain = at('norm.weight');
  const column = { lines: 1, live: 1, terms: rows, jump: 1 };
  const single = plainAxis(1);
  const headed = hasHead(model.layout);
  const headJobs = (): ReturnType<typeof sumJob>[] => [
    productJob(at('v_head.weight'), x[3], last.k, value.state, single),
    sumJob(at('v_head.bias'), value.state, single, column),
    productJob(at('v_head.actions.weight'), x[3], last.k, value.actions, last.n),
    sumJob(at('v_head.actions.bias'), value.actions, last.n, column),
  ];
  const jobs = [
    ...layers.map(({ k, n, w }, i) => productJob(w, x[i] as number, k, gradY[i] as number, n)),
    ...layers.map(({ n, c }, i) => sumJob(c, gradY[i] as number, n, column)),
    normJob(gain, at('norm.bias'), gradNormed, first.n, stream, stats),
    ...(headed ? headJobs() : []),
  ];
  const { words, groups } = jobTable(scheme, jobs);
  const normBack = { stream, stats, gain, gradStream: gradY[0], around: 0, hasAround: 0 };
  return {
    table: words,
    steps: [
      last.run.chooseBack(back(last, gradY[3], gradY[2]), x[3], logits, choice, headed ? value.hidden : null),
      third.run.reluBack(back(third, gradY[2], gradY[1]), x[2]),
      second.run.normReluBack(back(second, gradY[1], gradNormed), x[1], normBack),
      weightsStep(scheme, rows, jobs.length, groups),
    ],
  };
}
