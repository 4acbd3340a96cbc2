import { describe, expect, it } from 'vitest';
import { OBJECTIVES } from '../objectives';
import { reply } from './loss';

/** What the command prints for an input, an object or its very text. */
const ask = async (name: string, input: unknown, ...options: string[]) =>
  JSON.parse(await reply([name, ...options], async () => (typeof input === 'string' ? input : JSON.stringify(input))));

const PAIR = { logp: [[-1], [-3]], refLogp: [[-2], [-2]] };

describe('lab loss', () => {
  it('gives loss, diagnostics and the gradient with respect to logp', async () => {
    const found = await ask('dpo', { params: { beta: 0.5 }, batch: PAIR });
    // s_w = 1 and s_l = -1, so beta D = 1: the loss is log(1 + 1/e), its slope beta / (1 + e).
    expect(found.loss).toBeCloseTo(Math.log1p(Math.exp(-1)), 6);
    const slope = 0.5 / (1 + Math.E);
    expect(found.gradient).toEqual([[expect.closeTo(-slope, 6)], [expect.closeTo(slope, 6)]]);
    expect(found.diagnostics).toMatchObject({ 'rewards/margins': 1, 'logps/chosen': -1, entropy: 0 });
    expect(found.params).toEqual({ beta: 0.5 });
  });

  it('prints one line with --json, and a row of a matrix on a line without', async () => {
    const read = async () => JSON.stringify({ batch: PAIR });
    const [line, laid] = [await reply(['dpo', '--json'], read), await reply(['dpo'], read)];
    expect(line.trim()).not.toContain('\n');
    expect(JSON.parse(laid)).toEqual(JSON.parse(line));
    expect(laid).toMatch(/"gradient": \[\n {4}\[[^\n]*\],\n {4}\[[^\n]*\]\n {2}\]/);
  });

  it.each([
    ['DPO', 'dpo'],
    ['sigmoid', 'dpo'],
    ['IPO-sum', 'ipo_sum'],
    ['slic', 'hinge'],
    ['Gate-DPO', 'gate'],
    ['reward_model', 'reward-model'],
    ['bon', 'best-of-n'],
    ['pass@k', 'pass-at-k'],
    ['Dr_GRPO', 'dr-grpo'],
    ['reinforce_plus_plus', 'reinforce-pp'],
    ['aot_pair', 'aot'],
    ['js_divergence', 'dpo_js_divergence'],
    ['geo_mean', 'gmpo'],
  ])('knows %s', async (name, id) => {
    const example = await ask(name, null, '--example');
    expect((await ask(name, example)).objective).toBe(id);
  });

  it('takes fields in the case of Python', async () => {
    const { logp, refLogp } = PAIR;
    expect(await ask('dpo', { batch: { logp, ref_logp: refLogp } })).toEqual(await ask('dpo', { batch: PAIR }));
  });

  it("takes settings as TRL's configurations write them", async () => {
    const settings = async (name: string, params: object) => {
      const { batch } = await ask(name, null, '--example');
      return (await ask(name, { params, batch })).params;
    };
    expect((await settings('grpo', { scale_rewards: true })).scale_rewards).toBe('group');
    expect((await settings('grpo', { scale_rewards: false })).scale_rewards).toBe('none');
    expect((await settings('grpo', { scale_rewards: 'batch' })).scale_rewards).toBe('batch');
    // Python's None.
    expect(await settings('grpo', { epsilon: 0.1, epsilon_high: null, delta: null })).toMatchObject({
      epsilon: 0.1,
      epsilon_high: 0.1,
      delta: 0,
    });
    expect(await settings('grpo', { epsilon: 0.1, epsilon_high: 0.3 })).toMatchObject({ epsilon: 0.1, epsilon_high: 0.3 });
    expect(await settings('dapo', { epsilon: 0.1 })).toEqual({ epsilon: 0.1, epsilon_high: 0.28 });
    expect(await settings('ppo', { cliprange: 0.3, kl_coef: 0.01 })).toMatchObject({ beta: 0.01, epsilon: 0.3, epsilon_high: 0.3 });
    expect(await settings('simpo', { simpo_gamma: 0.7, cpo_alpha: 1 })).toMatchObject({ gamma: 0.7, alpha: 1 });
    expect(await settings('dpo', { loss_type: 'sigmoid', beta: 0.2 })).toEqual({ beta: 0.2 });
    // What weighs the likelihood has TRL's name where alpha is TRL's alpha.
    expect(await settings('alphapo', { simpo_gamma: 0.7, cpo_alpha: 0, alpha: 0.3 })).toMatchObject({
      gamma: 0.7,
      alpha: 0.3,
      cpo_alpha: 0,
    });
    await expect(settings('dpo', { loss_type: 'ipo' })).rejects.toThrow(
      'params.loss_type: "ipo" is not dpo; that is an objective of its own',
    );
    await expect(settings('dpo', { label_smoothing: 0.1 })).rejects.toThrow(
      'dpo has no such setting, but cdpo, robust, exo_pair, aot, aot_unpaired have',
    );
    await expect(settings('dpo', { loss_type: 'kto_pair' })).rejects.toThrow('there is no such objective');
  });

  it.each(Object.keys(OBJECTIVES))('has an example for %s that works and pulls somewhere', async (id) => {
    const found = await ask(id, await ask(id, null, '--example'));
    expect(Number.isFinite(found.loss)).toBe(true);
    const pulls = [found.gradient, ...Object.values(found.gradients ?? {})].flat(3) as number[];
    expect(pulls.some((g) => g !== 0)).toBe(true);
  });

  it('lists every objective with what it reads', async () => {
    const listed = await reply([], async () => '');
    for (const id of Object.keys(OBJECTIVES)) expect(listed).toMatch(new RegExp(`^${id.replace(/[@]/g, '.')} `, 'm'));
    expect(listed).toContain('reads logp, refLogp, labels; may read mask, entropy');
  });

  it('tells what one objective reads and where frameworks differ', async () => {
    const told = await reply(['ipo', '--help'], async () => '');
    expect(told).toMatch(/^IPO\. .*/);
    expect(told).toContain('OpenRLHF');
    expect(told).toMatch(/refLogp +the same under the reference\n/);
    expect(told).toMatch(/mask .*\(left out: ones\)/);
    expect(told).toContain('beta = 0.1: ');
  });

  it('leaves masked tokens without any gradient', async () => {
    const { gradient } = await ask('sft', {
      batch: {
        logp: [
          [-9, -1],
          [-1, -9],
        ],
        mask: [
          [0, 1],
          [1, 0],
        ],
      },
    });
    expect(gradient).toEqual([
      [0, -0.5],
      [-0.5, 0],
    ]);
  });

  it('makes advantages of rewards and groups, or takes those that are given', async () => {
    const logp = [[-1], [-1], [-1], [-1]];
    const made = await ask('grpo', { params: { scale_rewards: 'none' }, batch: { logp, rewards: [0, 1, 1, 1], group: 2 } });
    expect(made.advantages).toEqual([[-0.5], [0.5], [0], [0]]);
    // At ratio 1 each of four tokens pulls with a quarter of its advantage.
    expect(made.gradient).toEqual([[0.125], [-0.125], [0], [0]]);
    const given = await ask('grpo', { batch: { logp, advantages: [-0.5, 0.5, 0, 0] } });
    expect(given.gradient).toEqual(made.gradient);
  });

  it('takes rewards for the scores of a reward model', async () => {
    const { loss, gradients } = await ask('reward', { batch: { rewards: [1, -1] } });
    // -log sigmoid(2), with the slope -sigmoid(-2) at the chosen score.
    expect(loss).toBeCloseTo(Math.log1p(Math.exp(-2)), 6);
    const slope = 1 / (1 + Math.exp(2));
    expect(gradients.scores).toEqual([expect.closeTo(-slope, 6), expect.closeTo(slope, 6)]);
    expect((await ask('reward', { batch: { scores: [1, -1] } })).loss).toBe(loss);
  });

  it("takes KTO's point of reference from mismatched rows, or from the batch's own where there are none", async () => {
    // s is 3 and -1: its own mean is 1. With beta 1, 1 - sigmoid(3 - 1) and 1 - sigmoid(1 + 1).
    const own = await ask('kto', { params: { beta: 1 }, batch: { logp: [[-1], [-3]], refLogp: [[-4], [-2]], labels: [1, 0] } });
    expect(own.diagnostics.kl).toBeCloseTo(1, 6);
    expect(own.loss).toBeCloseTo(1 / (1 + Math.exp(2)), 6);
    expect(own.gradient).toHaveLength(2);
    const mismatched = { logp: [[-1], [-3], [-2], [-2]], refLogp: [[-4], [-2], [-4], [-3]], labels: [1, 0] };
    const other = await ask('kto', { params: { beta: 1 }, batch: mismatched });
    expect(other.diagnostics.kl).toBeCloseTo(1.5, 6);
    expect(other.gradient.slice(2)).toEqual([[0], [0]]);
  });

  it("goes on from BCO's carried sums and gives what to add to them", async () => {
    const batch = { logp: [[-1], [-3]], refLogp: [[-2], [-2]], labels: [1, 0], carried: [3, 1] };
    const { diagnostics, carry } = await ask('bco', { params: { beta: 1 }, batch });
    // Rewards 1 and -1, and before them one of 3.
    expect(diagnostics.delta).toBeCloseTo(1, 6);
    expect(carry).toEqual([0, 2]);
  });

  it('leaves what is not measured empty', async () => {
    const { diagnostics } = await ask('kto', { batch: { logp: [[-1]], refLogp: [[-1]], labels: [1] } });
    expect(diagnostics['rewards/rejected']).toBeNull();
  });
});

describe('what lab loss refuses', () => {
  it.each([
    ['dpo', { batch: { logp: [[-1], [-2]] } }, 'batch.refLogp: missing; dpo needs [2][1], the same under the reference'],
    ['dpo', { batch: {} }, 'batch.logp: missing; dpo needs [R][T]'],
    ['dpo', {}, 'batch: expected an object'],
    ['dpo', [], 'input: expected'],
    ['dpo', '{', 'input: expected JSON'],
    ['dpo', { batch: { ...PAIR, refLogp: [[-1]] } }, 'batch.refLogp: expected [2][1], as batch.logp; got [1][1]'],
    ['dpo', { batch: { ...PAIR, refLogp: [[-1], [-1, -2]] } }, 'batch.refLogp[1]: expected [2][1], as batch.logp; got [2]'],
    ['dpo', { batch: { logp: [[-1, -2], [-1]], refLogp: [] } }, 'batch.logp[1]: expected [2][2]'],
    ['dpo', { batch: { logp: [-1, -2] } }, 'batch.logp: expected [R][T]'],
    [
      'dpo',
      { batch: { logp: [[-1]], refLogp: [[-1]] } },
      'batch.logp: expected a multiple of 2 rows: all chosen, then all rejected; got 1',
    ],
    ['dpo', '{"batch": {"logp": [[-1], [NaN]], "refLogp": [[-1], [-1]]}}', 'batch.logp[1][0]: expected a finite number; got NaN'],
    ['dpo', { batch: { ...PAIR, mask: [[1], [2]] } }, 'batch.mask[1][0]: expected 0 or 1; got 2'],
    ['dpo', { batch: { ...PAIR, reflogp: [[1]] } }, 'batch.reflogp: no such field; known here: logp, refLogp'],
    ['dpo', { parms: {}, batch: PAIR }, 'parms: no such field'],
    ['dpo', { params: { speed: 1 }, batch: PAIR }, 'params.speed: no such setting; known here: beta'],
    ['dpo', { params: { beta: -1 }, batch: PAIR }, 'params.beta: expected a number from'],
    ['kto', { batch: PAIR }, 'batch.labels: missing; kto needs [1], 1 desirable'],
    ['kto', { batch: { ...PAIR, labels: [1, 0, 1] } }, 'batch.labels: expected [1]'],
    ['kto', { batch: { ...PAIR, labels: [1, 0.5] } }, 'batch.labels[1]: expected 0 or 1; got 0.5'],
    ['grpo', { batch: { logp: [[-1]], group: 1 } }, 'batch.rewards: missing; grpo needs [1]'],
    ['grpo', { batch: { logp: [[-1]], rewards: [1] } }, 'batch.group: missing; grpo needs a whole number'],
    ['grpo', { batch: { logp: [[-1]], rewards: [1], group: 0 } }, 'batch.group: expected a whole number from 1; got 0'],
    ['grpo', { batch: { logp: [[-1]], rewards: [1], group: 2 } }, 'batch.group: 1 rows of batch.logp are no multiple of 2'],
    ['grpo', { batch: { logp: [[-1]], advantages: [1, 2] } }, 'batch.advantages: expected [1] or [1][1]; got [2]'],
    ['awr', { batch: { logp: [[-1]], rewards: [1], group: 1 } }, 'batch.values: missing; awr needs [1][1]'],
    ['reward-model', { batch: { logp: [[-1], [-1]] } }, 'batch.scores: missing; reward-model needs [2]'],
    ['sami', { batch: { logp: [[-1], [-1]], group: 2 } }, 'batch.group: 2 rows of batch.logp are no multiple of 4'],
  ])('%s %j: %s', async (name, input, sentence) => {
    await expect(ask(name, input)).rejects.toThrow(sentence);
  });

  it('an objective that there is not', async () => {
    await expect(ask('dpo2', {})).rejects.toThrow('There is no objective dpo2.');
  });
});
