import { describe, expect, it } from 'vitest';
import type { ParamValue } from '../core/params';
import { defaultsOf } from '../core/params';
import { createRng } from '../core/rng';
import { OBJECTIVES, type ObjectiveId } from './index';
import type { Objective } from './objective';
import { batchOf, evaluate, type PlainBatch, randomBatch } from './testing';

const REGISTRY: Readonly<Record<string, Objective>> = OBJECTIVES;
const at = (id: ObjectiveId, batch: PlainBatch, params: Record<string, ParamValue>) => {
  const objective = REGISTRY[id] as Objective;
  const reference = objective.needsReference(params as never) ? batch : { ...batch, refLogp: null };
  return evaluate(objective, { ...reference, values: null, scores: null }, { ...defaultsOf(objective.params), ...params });
};

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
/** -log sigmoid(x). */
const cost = (x: number) => Math.log1p(Math.exp(-x));
/** The slope of sigmoid. */
const bump = (x: number) => sigmoid(x) * sigmoid(-x);

/**
 * One pair. The chosen completion has two tokens and summed log-probability -1, the rejected one has one token and -3; the log-ratios
 * are s_w = 1 and s_l = -1, so D = 2; per token they are 1/2 and -1.
 */
const PAIR = batchOf('preferences', {
  logp: [
    [-0.5, -0.5],
    [-3, 0],
  ],
  refLogp: [
    [-1, -1],
    [-2, 0],
  ],
  mask: [
    [1, 1],
    [1, 0],
  ],
});

/** Loss, slope with respect to each of the chosen tokens, slope with respect to the rejected token. */
type Derived = readonly [params: Record<string, ParamValue>, loss: number, chosen: number, rejected: number];

const q = sigmoid(1);
const g = sigmoid(2);
// d/dx of (1 - g) cost(x) + g e^-x at x = 1, with g = sigmoid(2 x) of slope 2 g (1 - g).
const blend = 2 * g * (1 - g) * (Math.exp(-1) - cost(1)) - (1 - g) * sigmoid(-1) - g * Math.exp(-1);
// Log-odds of mean tokens e^-1/2 against e^-3; the slope of log-odds in its log-probability is 1 / (1 - p).
const odds = -0.5 + 3 - Math.log(1 - Math.exp(-0.5)) + Math.log(1 - Math.exp(-3));
const open = sigmoid(20 * (Math.exp(-3) - 0.1));
// d/dx of q log(q / .9) + (1 - q) log((1 - q) / .1) with q = sigmoid(x).
const exoSlope = bump(1) * (Math.log(q / 0.9) - Math.log((1 - q) / 0.1));

// Margins of scores that are not s, at beta 1/2; AlphaPO's at beta 1 and gamma 1/2.
const forward = 0.5 * (Math.E - 1 / Math.E);
const halfway = Math.exp(0.5) - Math.exp(-0.5);
const curved = 2 * (Math.exp(1.5) - Math.exp(0.25)) - 0.5;
const pull = 0.5 * (-0.9 * sigmoid(-1) + 0.1 * sigmoid(1));
const softened = [0.9 * cost(1) + 0.1 * cost(-1), pull, -pull] as const;

const DERIVED: Readonly<Partial<Record<ObjectiveId, Derived>>> = {
  // beta D = 1; the slope in each log-ratio is beta times that in the margin.
  dpo: [{ beta: 0.5 }, cost(1), -0.5 * sigmoid(-1), 0.5 * sigmoid(-1)],
  // Nine labels of ten pull the margin up with sigmoid(-1), one down with sigmoid(1).
  cdpo: [
    { beta: 0.5, label_smoothing: 0.1 },
    0.9 * cost(1) + 0.1 * cost(-1),
    0.5 * (-0.9 * sigmoid(-1) + 0.1 * sigmoid(1)),
    -0.5 * (-0.9 * sigmoid(-1) + 0.1 * sigmoid(1)),
  ],
  robust: [
    { beta: 0.5, label_smoothing: 0.1 },
    (0.9 * cost(1) - 0.1 * cost(-1)) / 0.8,
    (0.5 * (-0.9 * sigmoid(-1) - 0.1 * sigmoid(1))) / 0.8,
    (-0.5 * (-0.9 * sigmoid(-1) - 0.1 * sigmoid(1))) / 0.8,
  ],
  // beta D = 1/2 falls short of 1 by 1/2.
  hinge: [{ beta: 0.25 }, 0.5, -0.25, 0.25],
  // Per token 1/2 + 1 = 3/2 against a target of 1; the chosen slope 2 (1/2) is shared by two tokens.
  ipo: [{ beta: 0.5 }, 0.25, 0.5, -1],
  // D = 2 against a target of 1.
  ipo_sum: [{ beta: 0.5 }, 1, 2, -2],
  // beta times 3/2; the chosen slope is shared by two tokens.
  sigmoid_norm: [{ beta: 0.5 }, cost(0.75), -0.25 * sigmoid(-0.75), 0.5 * sigmoid(-0.75)],
  exo_pair: [
    { beta: 0.5, label_smoothing: 0.1 },
    q * Math.log(q / 0.9) + (1 - q) * Math.log((1 - q) / 0.1),
    0.5 * exoSlope,
    -0.5 * exoSlope,
  ],
  // beta s_w = 1/2 and beta s_l = -1/2.
  nca_pair: [
    { beta: 0.5 },
    cost(0.5) + 0.5 * cost(-0.5) + 0.5 * cost(0.5),
    0.5 * (-sigmoid(-0.5) + 0.5 * sigmoid(0.5)),
    0.5 * 0.5 * sigmoid(-0.5),
  ],
  bco_pair: [{ beta: 0.5 }, 2 * cost(0.5), -0.5 * sigmoid(-0.5), 0.5 * sigmoid(-0.5)],
  // Targets 2 and -2: each is missed by 1.
  sppo_hard: [{ beta: 0.25 }, 2, -2, 2],
  apo_zero: [{ beta: 0.5 }, 2 * sigmoid(-0.5), -0.5 * bump(0.5), 0.5 * bump(0.5)],
  apo_down: [{ beta: 0.5 }, sigmoid(0.5) + sigmoid(-1), 0.5 * bump(0.5) - 0.5 * bump(1), 0.5 * bump(1)],
  discopop: [{ beta: 0.5, discopop_tau: 0.5 }, (1 - g) * cost(1) + g * Math.exp(-1), 0.5 * blend, -0.5 * blend],
  // 1 - e^-1 against 1 - e, with slopes e^-s.
  dpo_forward_kl: [{ beta: 0.5 }, cost(forward), (-0.5 * sigmoid(-forward)) / Math.E, 0.5 * sigmoid(-forward) * Math.E],
  // log sigmoid(1) and log sigmoid(-1) are 1 apart; the slope of log sigmoid is sigmoid(-s).
  dpo_js_divergence: [{ beta: 0.5 }, cost(0.5), -0.5 * sigmoid(-0.5) * sigmoid(-1), 0.5 * sigmoid(-0.5) * sigmoid(1)],
  // 2 (1 - e^-s/2), with slopes e^-s/2.
  dpo_alpha_divergence: [
    { beta: 0.5, f_alpha_divergence_coef: 0.5 },
    cost(halfway),
    -0.5 * sigmoid(-halfway) * Math.exp(-0.5),
    0.5 * sigmoid(-halfway) * Math.exp(0.5),
  ],
  // One pair is in order: cDPO.
  aot: [{ beta: 0.5, label_smoothing: 0.1 }, ...softened],
  aot_unpaired: [{ beta: 0.5, label_smoothing: 0.1 }, ...softened],
  // Nothing is taken off the second chosen token: DPO.
  ld_dpo: [{ beta: 0.5, ld_alpha: 1 }, cost(1), -0.5 * sigmoid(-1), 0.5 * sigmoid(-1)],
  // Two chosen tokens at -1/2: a likelihood of 1/2 per token, weighted 2.
  rpo: [{ beta: 0.5, alpha: 2 }, cost(1) + 1, -0.5 * sigmoid(-1) - 1, 0.5 * sigmoid(-1)],
  // Means -1/2 and -3, a margin of 5/2 less 1/2.
  simpo: [{ beta: 1, gamma: 0.5, alpha: 0 }, cost(2), -0.5 * sigmoid(-2), sigmoid(-2)],
  // 2 (1 - p^-1/2) at mean log-probabilities -1/2 and -3, with slopes p^-1/2 shared by the tokens.
  alphapo: [
    { beta: 1, gamma: 0.5, alpha: 0.5, cpo_alpha: 0 },
    cost(curved),
    -0.5 * sigmoid(-curved) * Math.exp(0.25),
    sigmoid(-curved) * Math.exp(1.5),
  ],
  // A margin of 1/4 (-1 + 3) falls short of 1 by 1/2, and a likelihood of 1/2 per token.
  cpo_hinge: [{ beta: 0.25, alpha: 1 }, 1, -0.25 - 0.5, 0.25],
  // Means -1/2 and -3 are 5/2 apart, 3/2 more than wanted.
  cpo_ipo: [{ beta: 0.5, alpha: 0 }, 2.25, 1.5, -3],
  // Sums -1 and -3.
  cpo: [{ beta: 0.5, alpha: 1 }, cost(1) + 0.5, -0.5 * sigmoid(-1) - 0.5, 0.5 * sigmoid(-1)],
  orpo: [
    { beta: 0.5 },
    0.5 + 0.5 * cost(odds),
    -0.5 - (0.5 * 0.5 * sigmoid(-odds)) / (1 - Math.exp(-0.5)),
    (0.5 * sigmoid(-odds)) / (1 - Math.exp(-3)),
  ],
  // DPO's numbers, the rejected slope times the gate at p = e^-3.
  gate: [{ beta: 0.5, alpha: 20, tau: 0.1 }, cost(1), -0.5 * sigmoid(-1), 0.5 * sigmoid(-1) * open],
  'gate-q10': [{ beta: 0.5, alpha: 20, tau: 0.1 }, cost(1), -0.5 * sigmoid(-1), 0.5 * sigmoid(-1) * open],
};
const derived = Object.entries(DERIVED) as [ObjectiveId, Derived][];

describe.each(derived)('%s', (id, [params, loss, chosen, rejected]) => {
  it('has the loss and slopes that are derived by hand', () => {
    const found = at(id, PAIR, params);
    expect(found.loss).toBeCloseTo(loss, 5);
    expect(found.gradient).toEqual([
      [expect.closeTo(chosen, 5), expect.closeTo(chosen, 5)],
      [expect.closeTo(rejected, 5), 0],
    ]);
  });

  it('reports a pair in the words of TRL', () => {
    const { diagnostics } = at(id, PAIR, params);
    const beta = params.beta as number;
    const perToken = ['simpo', 'orpo', 'alphapo', 'cpo_ipo'].includes(id);
    const [w, l] = perToken ? [-0.5, -3] : [-1, -3];
    const curve = id === 'alphapo' ? (x: number) => 2 * (1 - Math.exp(-x / 2)) : (x: number) => x;
    const [left, right] = 'logratios/chosen' in diagnostics ? [1, -1] : [curve(w as number), curve(l as number)];
    expect(diagnostics['logps/chosen']).toBeCloseTo(w, 6);
    expect(diagnostics['logps/rejected']).toBeCloseTo(l, 6);
    expect(diagnostics['rewards/chosen']).toBeCloseTo(beta * left, 6);
    expect(diagnostics['rewards/rejected']).toBeCloseTo(beta * right, 6);
    expect(diagnostics['rewards/margins']).toBeCloseTo(beta * (left - right), 6);
    expect(diagnostics['rewards/accuracies']).toBe(1);
  });

  it('has a finite loss and gradient at a hopeless and at a saturated pair', () => {
    for (const way of [-1, 1]) {
      // Log-ratios of 1000 nats either way: exponentials of them are no numbers.
      const logp = way < 0 ? [[-1001], [-0.001]] : [[-0.001], [-1001]];
      const refLogp = way < 0 ? [[-1], [-1000]] : [[-1000], [-1]];
      const found = at(id, batchOf('preferences', { logp, refLogp }), { ...params, beta: 1 });
      expect([found.loss, ...found.gradient.flat()].every(Number.isFinite)).toBe(true);
    }
  });
});

it('derives every objective of pairs', () => {
  const pairs = Object.values(REGISTRY).filter(({ data, family }) => data === 'preferences' && family === 'preference');
  expect(derived.map(([id]) => id).sort()).toEqual(pairs.map(({ id }) => id).sort());
});

describe('a saturated pair', () => {
  const won = batchOf('preferences', { logp: [[0], [-2000]], refLogp: [[-1000], [-1000]] });

  it.each<[ObjectiveId, Record<string, ParamValue>]>([
    ['dpo', {}],
    ['robust', { label_smoothing: 0 }],
    ['hinge', {}],
    ['sigmoid_norm', {}],
    ['bco_pair', {}],
    ['apo_zero', {}],
    ['discopop', {}],
    ['rpo', { alpha: 0 }],
    ['simpo', {}],
    ['cpo', { alpha: 0 }],
    ['gate', {}],
  ])('has no gradient under %s', (id, params) => {
    const { gradient } = at(id, won, { beta: 1, ...params });
    expect(gradient).toEqual([[0], [0]]);
  });

  it('is pulled back by those that ask for a finite margin', () => {
    for (const id of ['cdpo', 'ipo', 'ipo_sum', 'nca_pair', 'sppo_hard'] as const) {
      const { gradient } = at(id, won, { beta: 1 });
      expect(gradient[0]?.[0]).toBeGreaterThan(0);
    }
  });
});

describe('relatives', () => {
  const batch = randomBatch('preferences', createRng(11));
  const single = batchOf('preferences', {
    logp: [[-0.3], [-1.2], [-2], [-0.9]],
    refLogp: [[-0.8], [-1], [-1.5], [-1]],
  });
  const zeros = batch.mask.map((row) => row.map(() => 0));

  it.each<[string, ObjectiveId, Record<string, ParamValue>, ObjectiveId, Record<string, ParamValue>, PlainBatch, PlainBatch]>([
    ['cdpo without smoothing is dpo', 'cdpo', { label_smoothing: 0 }, 'dpo', {}, batch, batch],
    ['robust without smoothing is dpo', 'robust', { label_smoothing: 0 }, 'dpo', {}, batch, batch],
    ['rpo without likelihood is dpo', 'rpo', { alpha: 0 }, 'dpo', {}, batch, batch],
    ['an open gate is dpo', 'gate', { alpha: 1000, tau: -1 }, 'dpo', {}, batch, batch],
    ['an open gate at the lowest tokens is dpo', 'gate-q10', { alpha: 1000, tau: -1 }, 'dpo', {}, batch, batch],
    ['cpo without likelihood is dpo against probability 1', 'cpo', { alpha: 0 }, 'dpo', {}, batch, { ...batch, refLogp: zeros }],
    ['simpo without a margin is cpo on single tokens', 'simpo', { gamma: 0 }, 'cpo', { alpha: 0 }, single, single],
    ['sigmoid_norm is dpo on single tokens', 'sigmoid_norm', {}, 'dpo', {}, single, single],
    ['ipo is ipo_sum on single tokens', 'ipo', {}, 'ipo_sum', {}, single, single],
  ])('%s', (_, left, leftParams, right, rightParams, leftBatch, rightBatch) => {
    const [a, b] = [at(left, leftBatch, { beta: 0.7, ...leftParams }), at(right, rightBatch, { beta: 0.7, ...rightParams })];
    expect(a.loss).toBeCloseTo(b.loss, 6);
    expect(a.gradient).toEqual(b.gradient.map((row) => row.map((x) => expect.closeTo(x, 6))));
  });

  it('bounds dpo by bco_pair, since sigmoid(a) sigmoid(b) <= sigmoid(a + b)', () => {
    expect(at('bco_pair', batch, { beta: 0.7 }).loss).toBeGreaterThan(at('dpo', batch, { beta: 0.7 }).loss);
  });

  it('makes nca_pair of bco_pair and half a pull of either side', () => {
    // With beta 1 and one pair: nca = bco_pair + cost(-s_w) / 2 - cost(-s_l) / 2.
    const [nca, bco] = [at('nca_pair', PAIR, { beta: 1 }).loss, at('bco_pair', PAIR, { beta: 1 }).loss];
    expect(nca).toBeCloseTo(bco + 0.5 * cost(-1) - 0.5 * cost(1), 6);
  });

  it('rests where nca_pair balances, at beta s_w = log 2', () => {
    const rest = batchOf('preferences', { logp: [[-1], [-5]], refLogp: [[-1 - Math.LN2], [-1]] });
    expect(at('nca_pair', rest, { beta: 1 }).gradient[0]?.[0]).toBeCloseTo(0, 6);
  });

  it('rests where exo_pair and cdpo agree with their labels, at beta D = log 9 for one wrong label of ten', () => {
    const rest = batchOf('preferences', { logp: [[-1], [-1]], refLogp: [[-1 - Math.log(9)], [-1]] });
    for (const id of ['exo_pair', 'cdpo'] as const) {
      const { gradient } = at(id, rest, { beta: 1, label_smoothing: 0.1 });
      expect(gradient[0]?.[0]).toBeCloseTo(0, 6);
    }
    expect(at('exo_pair', rest, { beta: 1, label_smoothing: 0.1 }).loss).toBeCloseTo(0, 6);
  });
});

describe('the gates', () => {
  it('judge the rejected completion by its mean token, or by the token at the tenth percentile', () => {
    // Twelve tokens of probability .5 but for two of e^-4 and e^-3; a tenth of 11 is 1.1, so the second lowest counts.
    const low = [-4, -3, ...new Array<number>(10).fill(Math.log(0.5))];
    const logp = [new Array<number>(12).fill(-1), low];
    const batch = batchOf('preferences', { logp, refLogp: logp });
    const openAt = (p: number) => sigmoid(10 * (p - 0.2));
    const mean = Math.exp((-7 + 10 * Math.log(0.5)) / 12);
    expect(at('gate', batch, { alpha: 10, tau: 0.2 }).diagnostics.gate).toBeCloseTo(openAt(mean), 6);
    expect(at('gate-q10', batch, { alpha: 10, tau: 0.2 }).diagnostics.gate).toBeCloseTo(openAt(Math.exp(-3)), 6);
  });

  it('count equal tokens each for one, and no padding', () => {
    const logp = [
      [-1, -1, -1],
      [-2, -2, 0],
    ];
    const mask = [
      [1, 1, 1],
      [1, 1, 0],
    ];
    const { diagnostics } = at('gate-q10', batchOf('preferences', { logp, refLogp: logp, mask }), { alpha: 10, tau: 0.2 });
    expect(diagnostics.gate).toBeCloseTo(sigmoid(10 * (Math.exp(-2) - 0.2)), 6);
  });
});
