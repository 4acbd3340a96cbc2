/** The layers of the MLP: matrix products, with the ends of the network and its LayerNorm beside them in the same dispatch. */
import { drawCode, KEY_FIELDS, TEAM } from '../../kernels/sample-token/draw';
import { type Access, LANES, type Shader, type Step, step } from '../plan';
import { extras, MAIN } from './common';
import { accessOf, BACKWARD, outcomeCode } from './ends';
import {
  freeGroups,
  freeMain,
  groupRowsOf,
  type NormAt,
  type NormBackAt,
  type Product,
  productFields,
  SMALL_TILE,
  STORE,
  shader,
} from './matmul';
import { NORM_BACK_FIELDS, NORM_FIELDS, normBackwardOf, normForward } from './norm';

/** Group 1 of the forward plan. `contexts` are the vectors that stand for tokens [V, C], padded to vec4s. */
const FORWARD = [
  ['tokens', 'read', 'array<i32>'],
  ['mask', 'read', 'array<f32>'],
  ['logp', 'write', 'array<f32>'],
  ['entropy', 'write', 'array<f32>'],
  ['contexts', 'read', 'array<vec4f>'],
] as const;

/**
 * Group 1 of the plan that samples. `drawn` is the result: tokens [R], then the bits of their log-probabilities and of the
 * entropies [R] each.
 */
const DRAW = [
  ['tokens', 'read', 'array<i32>'],
  ['drawn', 'write', 'array<i32>'],
  ['key', 'uniform', 'Key'],
  ['contexts', 'read', 'array<vec4f>'],
] as const;

/** Words of `drawn`. */
export const drawnWords = (rows: number): number => 3 * rows;

type Bindings = readonly (readonly [name: string, access: Access, type: string])[];

const declared = (bindings: Bindings): string => `${bindings === DRAW ? `struct Key { ${KEY_FIELDS} }` : ''}\n${extras(bindings)}`;

/** Groups that own whole rows: all lanes do `before`, then the rows' tiles, then `after`. */
const ownedMain = (before: string, after: string): string => /* wgsl */ `${MAIN} {
  let first = groupOf(group) * u.groupRows;
  ${before}
  for (var i = lane; i < u.groupRows / ${SMALL_TILE.rows}u * u.nTotal; i += ${LANES}u) {
    tile(first / ${SMALL_TILE.rows}u + i / u.nTotal, i % u.nTotal);
  }
  ${after}
}`;

/** Once the group's tiles are there, one lane for each row. */
const eachRow = (call: string): string => /* wgsl */ `storageBarrier();
  if (lane < u.groupRows && first + lane < u.rows) { ${call}(first + lane); }`;

/** Writes the first operand's rows of the group, vec4 \`i\` of \`row\` by vec4. */
const fillRows = (value: string): string => /* wgsl */ `
  for (var at = lane; at < u.groupRows * u.kVectors; at += ${LANES}u) {
    let row = first + at / u.kVectors;
    let i = at % u.kVectors;
    if (row < u.rows) { arena[u.x + row * u.kVectors + i] = ${value}; }
  }
  storageBarrier();`;

const CONTEXT = 'contexts[min(u32(tokens[row * u.length + u.place]), u.known - 1u) * u.kVectors + i]';

const NORM_RELU = /* wgsl */ `${normForward}
fn normReluRow(row: u32) {
  normRow(row);
  for (var i = 0u; i < u.vectors; i++) {
    let at = u.normed + row * u.vectors + i;
    arena[at] = max(arena[at], vec4f());
  }
}`;

const CHOICE = /* wgsl */ `
// Which action a row chose. One that does not exist has a log-probability and a gradient of 0.
fn choiceOf(row: u32) -> u32 { return u32(tokens[row * u.length + u.place]) - u.firstAction; }
`;

const OUTCOME_ROW = /* wgsl */ `${outcomeCode}${CHOICE}
fn outcomeRow(row: u32) {
  let choice = choiceOf(row);
  let result = outcomeOf(u.y + row * u.vocabVectors, choice);
  arena[u.outcome + row] = vec4f(result.level, result.entropy, 0.0, 0.0);
  let to = row * u.length;
  for (var t = 0u; t < u.length; t++) { logp[to + t] = 0.0; entropy[to + t] = 0.0; }
  let kept = mask[to + u.place];
  logp[to + u.place] = select(0.0, result.chosen - result.level, choice < u.vocab) * kept;
  entropy[to + u.place] = result.entropy * kept;
}`;

/** d logp / d logits_v = [v = choice] - p_v; d entropy / d logits_v = -p_v (log p_v + entropy). */
const LOGITS_BACK = /* wgsl */ `${CHOICE}
fn logitsBack(row: u32, i: u32) -> vec4f {
  let choice = choiceOf(row);
  let outcome = arena[u.outcome + row];
  let logs = arena[u.logits + row * u.kVectors + i] - outcome.x;
  let p = exp(logs);
  let hit = select(vec4f(), vec4f(1.0), vec4u(4u * i) + vec4u(0u, 1u, 2u, 3u) == vec4u(choice));
  let to = row * u.length + u.place;
  let up = select(0.0, gradLogp[to], choice < u.kLength);
  let value = mask[to] * (up * (hit - p) - gradEntropy[to] * p * (logs + outcome.y));
  return select(vec4f(), value, present(u.kLength - 4u * i));
}`;

const TEAMS = LANES / TEAM;

/** Teams of lanes, a row each. All have to go on together: those without a row draw for one and keep nothing. */
const DRAW_ROWS = /* wgsl */ `storageBarrier();
  for (var round = 0u; round < u.groupRows; round += ${TEAMS}u) {
    let mine = round + lane / ${TEAM}u;
    let row = min(first + mine, u.rows - 1u);
    let at = u.y + row * u.vocabVectors;
    let choice = drawToken(lane, at, row, u.place);
    if (mine < u.groupRows && first + mine < u.rows && lane % ${TEAM}u == 0u) {
      let result = outcomeOf(at, choice);
      drawn[row] = i32(u.firstAction + choice);
      drawn[u.rows + row] = bitcast<i32>(result.chosen - result.level);
      drawn[2u * u.rows + row] = bitcast<i32>(result.entropy);
    }
  }`;

const TOKEN_FIELDS = ['groupRows', 'length', 'place'] as const;
const CHOICE_FIELDS = [...TOKEN_FIELDS, 'firstAction', 'outcome'] as const;

/** Rows of `length` tokens, of which the one at `place` is looked at. */
export interface TokenAt {
  readonly length: number;
  readonly place: number;
}

/** The same with the token of the first action, and where log-sum-exp and entropy are kept [R, 1 vec4]. */
export interface ChoiceAt extends TokenAt {
  readonly firstAction: number;
  readonly outcome: number;
}

/** A shader that belongs to a plan with these bindings in its group 1. */
const bound = <F extends string>(made: Shader<F>, bindings: Bindings): Shader<F> => ({ ...made, extras: accessOf(bindings) });

/**
 * The dispatches of a layer x W + c, c being the offset of its bias, and of the gradient of its input. Rows that are not
 * free belong to one group, see `groupRowsOf`.
 * @param aligned whether the layer's weights are, see `Axes.aligned`
 */
export function mlpLayer(aligned: boolean) {
  const variant = { aligned, tile: SMALL_TILE };
  const free = freeMain(SMALL_TILE);
  const biased = STORE('sum + weight(u.c + column)');
  const reluBackStore = STORE('select(vec4f(), sum, arena[u.z + to] > vec4f())');
  const context = (name: string, bindings: Bindings) =>
    bound(
      shader(
        name,
        variant,
        'plain',
        ['c', 'known', ...TOKEN_FIELDS, ...NORM_FIELDS],
        `${declared(bindings)}${NORM_RELU}${biased}`,
        ownedMain(fillRows(CONTEXT), eachRow('normReluRow')),
      ),
      bindings,
    );
  const contexts = { score: context('context', FORWARD), draw: context('context-draw', DRAW) };
  const relu = shader('relu', variant, 'plain', ['c'], STORE('max(sum + weight(u.c + column), vec4f())'), free);
  const choose = bound(
    shader(
      'choose',
      variant,
      'plain',
      ['c', 'vocab', 'vocabVectors', ...CHOICE_FIELDS],
      `${declared(FORWARD)}${OUTCOME_ROW}${biased}`,
      ownedMain('', eachRow('outcomeRow')),
    ),
    FORWARD,
  );
  const draw = bound(
    shader(
      'draw-action',
      variant,
      'plain',
      ['c', 'vocab', 'vocabVectors', 'groupRows', 'place', 'firstAction'],
      `${declared(DRAW)}${outcomeCode}${drawCode(LANES, 'key', 'u.vocab', 'arena[at + i]')}${biased}`,
      ownedMain('', DRAW_ROWS),
    ),
    DRAW,
  );
  const chooseBack = bound(
    shader(
      'choose-back',
      variant,
      'transposed',
      ['z', 'logits', ...CHOICE_FIELDS],
      `${declared(BACKWARD)}${LOGITS_BACK}${reluBackStore}`,
      ownedMain(fillRows('logitsBack(row, i)'), ''),
    ),
    BACKWARD,
  );
  const reluBack = shader('relu-back', variant, 'transposed', ['z'], reluBackStore, free);
  const normReluBack = shader(
    'norm-relu-back',
    variant,
    'transposed',
    ['z', 'groupRows', ...NORM_BACK_FIELDS],
    `${normBackwardOf('registers')}${reluBackStore}`,
    ownedMain('', eachRow('normRowBack')),
  );
  const plain = (p: Product) => productFields(p, p.n.length);
  const turned = (p: Product) => productFields(p, p.k.length);
  const groupRows = (p: Product): number => groupRowsOf(p.n, SMALL_TILE);
  const groups = (p: Product): number => Math.ceil(p.rows / groupRows(p));
  const rowsOf = (p: Product) => ({ groupRows: groupRows(p), width: p.n.length, vectors: p.n.vectors });
  return {
    /** x = the contexts of the tokens, of which there are \`known\`; y = x W + c; then relu(LayerNorm(y)) */
    context: (plan: 'score' | 'draw', p: Product, c: number, at: TokenAt, known: number, norm: NormAt): Step =>
      step(contexts[plan], groups(p), { ...plain(p), c, known, ...at, ...norm, ...rowsOf(p) }),
    /** y = relu(x W + c) */
    relu: (p: Product, c: number): Step => step(relu, freeGroups(p, SMALL_TILE), { ...plain(p), c }),
    /** y = x W + c, and from these logits the chosen action's log-probability and their entropy */
    choose: (p: Product, c: number, at: ChoiceAt): Step =>
      step(choose, groups(p), { ...plain(p), c, vocab: p.n.length, vocabVectors: p.n.vectors, ...at, groupRows: groupRows(p) }),
    /** y = x W + c, and an action drawn from these logits, as the kernel sample-token would */
    draw: (p: Product, c: number, at: { readonly place: number; readonly firstAction: number }): Step =>
      step(draw, groups(p), { ...plain(p), c, vocab: p.n.length, vocabVectors: p.n.vectors, ...at, groupRows: groupRows(p) }),
    /** x = the gradient of \`logits\` from those of both outputs; y = x W^T relu'(z) */
    chooseBack: (p: Product, z: number, logits: number, at: ChoiceAt): Step =>
      step(chooseBack, groups(p), { ...turned(p), z, logits, ...at, groupRows: groupRows(p) }),
    /** y = x W^T relu'(z), z being the output of relu */
    reluBack: (p: Product, z: number): Step => step(reluBack, freeGroups(p, SMALL_TILE), { ...turned(p), z }),
    /** The same, and from y, the gradient of a LayerNorm's output, to the gradient of its input */
    normReluBack: (p: Product, z: number, norm: NormBackAt): Step =>
      step(normReluBack, groups(p), { ...turned(p), z, ...norm, gradNormed: p.y, ...rowsOf(p) }),
  };
}

export type MlpLayer = ReturnType<typeof mlpLayer>;
