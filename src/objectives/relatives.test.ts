import { describe, expect, it } from 'vitest';
import { defaultsOf, type ParamValue } from '../core/params';
import { createRng } from '../core/rng';
import { OBJECTIVES, type ObjectiveId } from './index';
import type { Objective } from './objective';
import { batchOf, evaluate, type PlainBatch, randomBatch } from './testing';

const REGISTRY: Readonly<Record<string, Objective>> = OBJECTIVES;

/** Without reference and head. */
const at = (id: ObjectiveId, batch: PlainBatch, params: Record<string, ParamValue> = {}) => {
  const objective = REGISTRY[id] as Objective;
  return evaluate(objective, { ...batch, refLogp: null, values: null, scores: null }, { ...defaultsOf(objective.params), ...params });
};

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const close = (rows: readonly (readonly number[])[]) => rows.map((row) => row.map((x) => expect.closeTo(x, 5)));

/** Rows of log-probabilities with their log-ratios to the sampling policy; 0 there counts as a token all the same. */
const moved = (logp: number[][], ratios: number[][], advantages: number[][], mask?: number[][]): PlainBatch =>
  batchOf('rollouts', {
    logp,
    oldLogp: logp.map((row, i) => row.map((x, t) => x - Math.log(ratios[i]?.[t] ?? 1))),
    advantages,
    ...(mask === undefined ? {} : { mask }),
  });

const RANDOM = randomBatch('rollouts', createRng(4));
/** The policy is still that which sampled. */
const FRESH: PlainBatch = { ...RANDOM, oldLogp: RANDOM.logp };

describe('on fresh samples', () => {
  const over = (batch: PlainBatch) => (id: ObjectiveId) => at(id, batch).gradient.map((row) => row.map((x) => expect.closeTo(x, 6)));
  const gradient = over(FRESH);

  it.each(['cispo', 'vespo'] as const)('%s has the gradient of DAPO', (id) => {
    expect(at(id, FRESH).gradient).toEqual(gradient('dapo'));
  });

  it.each(['sapo', 'gmpo', 'gspo-token'] as const)('%s has the gradient of GSPO, a mean over completions', (id) => {
    expect(at(id, FRESH).gradient).toEqual(gradient('gspo'));
  });
});

describe('cispo', () => {
  it('goes on teaching a token whose ratio is out of bounds, by the bound', () => {
    // Ratio 6 counts as 5, as does any above: L = -5 A log pi with A = 2.
    const batch = moved([[Math.log(0.6)]], [[6]], [[2]]);
    const { loss, gradient, diagnostics } = at('cispo', batch);
    expect(loss).toBeCloseTo(-10 * Math.log(0.6), 5);
    expect(gradient).toEqual(close([[-10]]));
    expect(diagnostics).toMatchObject({ cispo_clip_ratio: 1, 'ratio/mean': expect.closeTo(6, 5) });
    expect(at('grpo', batch).gradient).toEqual([[0]]);
  });

  it('weighs by the ratio itself below the bound', () => {
    const { gradient, diagnostics } = at('cispo', moved([[-1, -1]], [[0.25, 2]], [[-1, -1]]));
    expect(gradient).toEqual(close([[0.125, 1]]));
    expect(diagnostics.cispo_clip_ratio).toBe(0);
  });
});

describe('sapo', () => {
  it('lets the gradient fade as the ratio leaves 1, sooner for bad tokens', () => {
    // The slope of 4 / tau sigmoid(tau (rho - 1)) in log pi is 4 rho sigmoid' ; rho 2, tau 1 and 3.
    const fade = (tau: number) => 8 * sigmoid(tau) * sigmoid(-tau);
    const params = { sapo_temperature_pos: 1, sapo_temperature_neg: 3 };
    const { gradient, loss } = at('sapo', moved([[-1], [-1]], [[2], [2]], [[1], [-1]]), params);
    expect(gradient).toEqual(close([[-fade(1) / 2], [fade(3) / 2]]));
    expect(loss).toBeCloseTo((-4 * sigmoid(1) + (4 / 3) * sigmoid(3)) / 2, 5);
    expect(fade(3)).toBeLessThan(fade(1));
  });
});

describe('luspo', () => {
  const mask = [
    [1, 0, 0],
    [1, 1, 1],
  ];
  const logp = mask.map((row) => row.map((m) => -m));
  const batch = moved(
    logp,
    [
      [1, 1, 1],
      [1, 1, 1],
    ],
    [
      [1, 0, 0],
      [-2, -2, -2],
    ],
    mask,
  );

  it('counts completions by their length, so that a token has its advantage for a gradient, however long its completion', () => {
    const { loss, gradient } = at('luspo', batch);
    // -(1 * 1 - 3 * 2) / 2.
    expect(loss).toBeCloseTo(2.5, 6);
    expect(gradient).toEqual(
      close([
        [-0.5, 0, 0],
        [1, 1, 1],
      ]),
    );
    expect(at('gspo', batch).gradient[1]).toEqual([1, 1, 1].map((g) => expect.closeTo(g / 3, 6)));
  });

  it('clips a completion as a whole', () => {
    // Mean log-ratio of 0.01: beyond the upper bound, with a positive advantage.
    const far = moved([[-1, -1]], [[Math.exp(0.04), Math.exp(-0.02)]], [[1, 1]]);
    const { gradient, diagnostics } = at('luspo', far);
    expect(gradient).toEqual([[0, 0]]);
    expect(diagnostics['clip_ratio/high_mean']).toBe(1);
  });
});

describe('vespo', () => {
  it('weighs a completion by phi of its whole ratio, which depends on the sign of the advantage', () => {
    // Two tokens of ratio sqrt 2 make w = 2: phi = e^3 2^2 e^-6 where good and e^2 2^3 e^-4 where bad. Mean over four tokens.
    const root = Math.SQRT2;
    const batch = moved(
      [
        [-1, -1],
        [-1, -1],
      ],
      [
        [root, root],
        [root, root],
      ],
      [
        [1, 1],
        [-1, -1],
      ],
    );
    const [good, bad] = [4 * Math.exp(-3), 8 * Math.exp(-2)];
    const { gradient, diagnostics, loss } = at('vespo', batch);
    expect(gradient).toEqual(
      close([
        [-good / 4, -good / 4],
        [bad / 4, bad / 4],
      ]),
    );
    expect(diagnostics['vespo/phi_seq_mean']).toBeCloseTo((good + bad) / 2, 5);
    expect(loss).toBeCloseTo((good - bad) / 2, 5);
  });

  it('all but ignores a completion that the policy has left behind or runs away with, and stays finite', () => {
    for (const ratio of [1e-12, 1e12]) {
      const { gradient } = at('vespo', moved([[-1]], [[ratio]], [[1]]));
      expect(Math.abs(gradient[0]?.[0] ?? Number.NaN)).toBeLessThan(1e-10);
    }
  });
});

describe('gmpo', () => {
  const ratios = [
    [Math.E, 1 / Math.E],
    [Math.E, 1 / Math.E],
  ];
  const batch = moved(
    ratios.map((row) => row.map(() => -2)),
    ratios,
    [
      [1, 1],
      [-1, -1],
    ],
  );

  it('clips each log-ratio on the side where its advantage would take it, and takes their mean', () => {
    // Good: .4 and -1, mean -.3. Bad: 1 and -.4, mean .3. The clipped ones have no gradient.
    const { loss, gradient, diagnostics } = at('gmpo', batch);
    const [good, bad] = [Math.exp(-0.3), Math.exp(0.3)];
    expect(loss).toBeCloseTo((bad - good) / 2, 5);
    expect(gradient).toEqual(
      close([
        [0, -good / 4],
        [bad / 4, 0],
      ]),
    );
    expect(diagnostics).toMatchObject({ 'clip_ratio/low_mean': 0.25, 'clip_ratio/high_mean': 0.25, 'clip_ratio/region_mean': 0.5 });
  });

  it('is GSPO where nothing is clipped', () => {
    const free = { epsilon: 1, epsilon_high: 10 };
    const near: PlainBatch = { ...RANDOM, oldLogp: RANDOM.logp.map((row) => row.map((x, t) => x && x - 0.05 * ((t % 3) - 1))) };
    const [own, other] = [at('gmpo', near, free), at('gspo', near, free)];
    expect(own.loss).toBeCloseTo(other.loss, 6);
    expect(own.gradient).toEqual(close(other.gradient));
  });
});

describe('gspo-token', () => {
  const wide = { epsilon: 0.2, epsilon_high: 0.2 };

  it('is GSPO where the tokens of a completion have one advantage', () => {
    const [own, other] = [at('gspo-token', RANDOM, wide), at('gspo', RANDOM, wide)];
    expect(own.loss).toBeCloseTo(other.loss, 6);
    expect(own.gradient).toEqual(close(other.gradient));
  });

  it('moves each token by its own advantage', () => {
    // s = 1: a gradient of -A / 2 each. GSPO pulls both tokens by the mean, which is 0.
    const batch = moved([[-1, -1]], [[1, 1]], [[1, -1]]);
    expect(at('gspo-token', batch).gradient).toEqual(close([[-0.5, 0.5]]));
    expect(at('gspo', batch).gradient).toEqual(close([[0, 0]]));
  });
});

describe('ppo-dual-clip', () => {
  const batch: PlainBatch = {
    ...moved([[-1], [-1], [-1]], [[4], [2], [4]], [[-1], [-1], [1]]),
    values: [[0], [0], [0]],
    scores: [0, 0, 0],
    oldValues: [[0], [0], [0]],
    returns: [[0], [0], [0]],
  };
  const lossOf = (id: 'ppo' | 'ppo-dual-clip') => {
    const objective = REGISTRY[id] as Objective;
    return evaluate(objective, batch, { ...defaultsOf(objective.params), beta: 0 });
  };

  it('bounds what a bad token may cost, and nothing else', () => {
    // PPO: 4, 2 and -1.2. With the bound of 3 the first costs 3 and has no gradient.
    const [own, other] = [lossOf('ppo-dual-clip'), lossOf('ppo')];
    expect(other.loss).toBeCloseTo(4.8 / 3, 5);
    expect(own.loss).toBeCloseTo(3.8 / 3, 5);
    expect(other.gradient).toEqual(close([[4 / 3], [2 / 3], [0]]));
    expect(own.gradient).toEqual(close([[0], [2 / 3], [0]]));
    expect(own.terms.policy).toBeCloseTo(3.8 / 3, 5);
    expect(own.diagnostics['actor/pg_clipfrac_lower']).toBeCloseTo(1 / 3, 6);
  });
});
