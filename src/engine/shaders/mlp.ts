/** The layers of the MLP: matrix products, with the ends of the network and its LayerNorm beside them in the same dispatch. */
import { drawCode, KEY_FIELDS, TEAM } from '../../kernels/sample-token/draw';
import { type Access, LANES, type Step, step } from '../plan';
import { type Element, extras } from './common';
import { accessOf, BACKWARD, outcomeCode } from './ends';
import { NORM_BACK_FIELDS, NORM_FIELDS, normBackwardOf, normForward } from './norm';
import type { NormAt, NormBackAt } from './products';
import type { Scheme } from './scheme';
import { fillRows, type Product, productFields, productShader, rowFields, rowGroups, STORE, tilingOf } from './tiles';

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

/**
 * The dispatches of a layer x W + c, c being the offset of its bias, and of the gradient of its input. Products alone use
 * the scheme; those with an end of the network or LayerNorm beside them own rows, a thread each.
 */
export function mlpLayer(scheme: Scheme, element: Element) {
  const tiling = tilingOf(scheme, element);
  const owned = tilingOf('registers', element);
  const biased = STORE('sum + weight(u.c + column)');
  const reluBackStore = STORE('select(vec4f(), sum, arena[u.z + to] > vec4f())');
  const context = (name: string, bindings: Bindings) =>
    productShader(owned, element, {
      name,
      orientation: 'plain',
      fields: ['c', 'known', ...TOKEN_FIELDS, ...NORM_FIELDS],
      extras: accessOf(bindings),
      code: `${declared(bindings)}${NORM_RELU}${biased}`,
      main: owned.rows(fillRows(CONTEXT), owned.eachRow('normReluRow')),
    });
  const contexts = { score: context('context', FORWARD), draw: context('context-draw', DRAW) };
  const relu = productShader(tiling, element, {
    name: 'relu',
    orientation: 'plain',
    fields: ['c'],
    code: STORE('max(sum + weight(u.c + column), vec4f())'),
    main: tiling.free,
  });
  const choose = productShader(owned, element, {
    name: 'choose',
    orientation: 'plain',
    fields: ['c', 'vocab', 'vocabVectors', ...CHOICE_FIELDS],
    extras: accessOf(FORWARD),
    code: `${declared(FORWARD)}${OUTCOME_ROW}${biased}`,
    main: owned.rows('', owned.eachRow('outcomeRow')),
  });
  const draw = productShader(owned, element, {
    name: 'draw-action',
    orientation: 'plain',
    fields: ['c', 'vocab', 'vocabVectors', 'groupRows', 'place', 'firstAction'],
    extras: accessOf(DRAW),
    code: `${declared(DRAW)}${outcomeCode}${drawCode(LANES, 'key', 'u.vocab', 'arena[at + i]')}${biased}`,
    main: owned.rows('', DRAW_ROWS),
  });
  const chooseBackOf = <F extends string>(name: string, fields: readonly F[], store: string) =>
    productShader(owned, element, {
      name,
      orientation: 'transposed',
      fields: ['z', 'logits', ...CHOICE_FIELDS, ...fields],
      extras: accessOf(BACKWARD),
      code: `${declared(BACKWARD)}${LOGITS_BACK}${store}`,
      main: owned.rows(fillRows('logitsBack(row, i)'), ''),
    });
  const chooseBack = chooseBackOf('choose-back', [], reluBackStore);
  const chooseBackWithValue = chooseBackOf(
    'choose-back-value',
    ['beside'],
    STORE('select(vec4f(), sum + arena[u.beside + to], arena[u.z + to] > vec4f())'),
  );
  const reluBack = productShader(tiling, element, {
    name: 'relu-back',
    orientation: 'transposed',
    fields: ['z'],
    code: reluBackStore,
    main: tiling.free,
  });
  const normReluBack = productShader(owned, element, {
    name: 'norm-relu-back',
    orientation: 'transposed',
    fields: ['z', 'groupRows', ...NORM_BACK_FIELDS],
    code: `${normBackwardOf('registers')}${reluBackStore}`,
    main: owned.rows('', owned.eachRow('normRowBack')),
  });
  const plain = (p: Product) => productFields(p, p.n.length);
  const turned = (p: Product) => productFields(p, p.k.length);
  const groupRows = (p: Product): number => owned.groupRows(p);
  const groups = (p: Product): number => rowGroups(owned, p);
  return {
    /** x = the contexts of the tokens, of which there are \`known\`; y = x W + c; then relu(LayerNorm(y)) */
    context: (plan: 'score' | 'draw', p: Product, c: number, at: TokenAt, known: number, norm: NormAt): Step =>
      step(contexts[plan], groups(p), { ...plain(p), c, known, ...at, ...norm, ...rowFields(owned, p) }),
    /** y = relu(x W + c) */
    relu: (p: Product, c: number): Step => step(relu, tiling.freeGroups(p), { ...plain(p), c }),
    /** y = x W + c, and from these logits the chosen action's log-probability and their entropy */
    choose: (p: Product, c: number, at: ChoiceAt): Step =>
      step(choose, groups(p), { ...plain(p), c, vocab: p.n.length, vocabVectors: p.n.vectors, ...at, groupRows: groupRows(p) }),
    /** y = x W + c, and an action drawn from these logits, as the kernel sample-token would */
    draw: (p: Product, c: number, at: { readonly place: number; readonly firstAction: number }): Step =>
      step(draw, groups(p), { ...plain(p), c, vocab: p.n.length, vocabVectors: p.n.vectors, ...at, groupRows: groupRows(p) }),
    /**
     * x = the gradient of `logits` from those of both outputs; y = x W^T relu'(z)
     * @param beside what reaches the same layer through the scalar head [R, N], where there is one
     */
    chooseBack(p: Product, z: number, logits: number, at: ChoiceAt, beside: number | null): Step {
      const fields = { ...turned(p), z, logits, ...at, groupRows: groupRows(p) };
      return beside === null ? step(chooseBack, groups(p), fields) : step(chooseBackWithValue, groups(p), { ...fields, beside });
    },
    /** y = x W^T relu'(z), z being the output of relu */
    reluBack: (p: Product, z: number): Step => step(reluBack, tiling.freeGroups(p), { ...turned(p), z }),
    /** The same, and from y, the gradient of a LayerNorm's output, to the gradient of its input */
    normReluBack: (p: Product, z: number, norm: NormBackAt): Step =>
      step(normReluBack, groups(p), { ...turned(p), z, ...norm, gradNormed: p.y, ...rowFields(owned, p) }),
  };
}

export type MlpLayer = ReturnType<typeof mlpLayer>;
