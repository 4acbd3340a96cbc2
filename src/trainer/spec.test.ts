import { describe, expect, it } from 'vitest';
import { experiments } from '../cli/experiments';
import { resolveSpec } from '../core/resolve';
import { totalSteps } from '../core/spec';
import { catalogue } from './catalogue';
import { prepare } from './lab';

const available = catalogue();
const context = { dataset: () => undefined };

describe('resolveSpec', () => {
  it('fills in a whole run from its shortest form, and a resolved spec stays as it is', () => {
    const spec = resolveSpec({ world: 'bins', stages: [{ objective: 'grpo' }] }, available);
    expect(spec.policy.id).toBe('categorical');
    expect(spec.stages[0]?.training.source).toBe('samples');
    expect(spec.stages[0]?.rewards).toEqual([{ id: 'world', params: {}, weight: 1 }]);
    expect(totalSteps(spec)).toBe(spec.stages[0]?.training.steps);
    expect(resolveSpec(JSON.parse(JSON.stringify(spec)), available)).toEqual(spec);
  });

  it('takes one reward or several, by name or with a weight', () => {
    const rewards = (stage: object) =>
      resolveSpec({ world: 'sums', stages: [{ objective: 'grpo', ...stage }] }, available).stages[0]?.rewards.map(
        ({ id, weight }) => `${weight} ${id}`,
      );
    expect(rewards({})).toEqual(['1 exact-match']);
    expect(rewards({ reward: 'format' })).toEqual(['1 format']);
    expect(rewards({ reward: { id: 'format', weight: 0.5 } })).toEqual(['0.5 format']);
    expect(rewards({ rewards: ['format', { id: 'length', weight: -2 }] })).toEqual(['1 format', '-2 length']);
    expect(rewards({ objective: 'sft' })).toEqual([]);
    expect(rewards({ objective: 'sft', reward: null })).toEqual([]);
  });

  const stages = [{ objective: 'grpo' }];
  const scored = (rewards: unknown, more = {}) => ({ world: 'bins', stages: [{ objective: 'grpo', rewards, ...more }] });
  it.each([
    [null, /spec: expected an object/],
    [{ world: 'bins' }, /stages: expected a list/],
    [{ world: 'moon', stages }, /world: expected one of bins.*got "moon"/],
    [{ world: 'bins', stages, seed: -1 }, /seed: expected a whole number/],
    [{ world: 'bins', stages, version: 9 }, /version: expected 1; got 9/],
    [{ world: 'bins', policy: 'gpt', stages }, /policy: the world bins takes categorical or mlp; got gpt/],
    [{ world: { id: 'bins', params: { bins: 1 } }, stages }, /world.params.bins: expected a number from 10 to 200/],
    [{ world: 'bins', stages: [{ objective: 'magic' }] }, /stages\[0\].objective: expected one of/],
    [{ world: 'bins', stages: [{ objective: 'grpo', training: { lr: 'fast' } }] }, /stages\[0\].training.lr: expected a finite number/],
    [
      { world: 'bins', stages: [{ objective: 'grpo', reward: 'ndcg' }] },
      /stages\[0\].rewards\[0\]: the world bins takes world.*; got ndcg/,
    ],
    [scored('world'), /stages\[0\].rewards: expected a list; got "world"/],
    [scored([]), /stages\[0\].rewards: samples need a reward/],
    [scored(['world', 'world']), /stages\[0\].rewards\[1\]: world stands in this sum already/],
    [scored([{ id: 'world', weight: 'much' }]), /stages\[0\].rewards\[0\].weight: expected a finite number; got "much"/],
    [scored(['world', { id: 'length', params: { target: -1 } }]), /stages\[0\].rewards\[1\].params.target: expected a number from 0/],
    [scored(['world'], { reward: 'length' }), /stages\[0\].reward: give either `reward` or `rewards`/],
    [{ world: 'bins', stages: [{ objective: 'sft', training: { source: 'world' } }] }, /stages\[0\].training.source: .*no demonstrations/],
    [
      { world: 'sums', stages: [{ objective: 'best-of-n', training: { source: 'world' } }] },
      /stages\[0\].training.source: best-of-n learns from scored samples/,
    ],
    [{ world: 'bins', stages: [{ objective: 'rlag' }] }, /stages\[0\].objective: rlag needs questions/],
  ])('refuses %j with the field and the reason', (input, message) => {
    expect(() => resolveSpec(input, available)).toThrow(message);
  });
});

describe('prepare', () => {
  it('refuses a width that the heads do not divide', () => {
    const spec = resolveSpec(
      { world: 'sums', policy: { id: 'gpt', params: { width: 10, heads: 4 } }, stages: [{ objective: 'sft' }] },
      available,
    );
    expect(() => prepare(spec, context)).toThrow(/policy.params: the width 10 is not a multiple of the 4 heads/);
  });

  it('refuses a stage whose world no longer fits the policy', () => {
    const spec = resolveSpec({ world: 'sums', stages: [{ objective: 'sft' }, { objective: 'sft', world: { steps: true } }] }, available);
    expect(() => prepare(spec, context)).toThrow(/stages\[1\].world/);
  });

  it('asks for a file before it trains on one', () => {
    const spec = resolveSpec({ world: 'file', stages: [{ objective: 'sft' }] }, available);
    expect(() => prepare(spec, context)).toThrow(/world.params.dataset/);
  });
});

describe('the catalogue', () => {
  it('is plain data that survives the way to the page', () => {
    expect(structuredClone(available)).toEqual(available);
  });

  it('documents every entry and every metric that it names', () => {
    for (const entry of [...available.worlds, ...available.policies, ...available.objectives, ...available.rewards]) {
      expect(entry.title, entry.id).not.toBe('');
      expect(entry.summary.length, entry.id).toBeGreaterThan(10);
      for (const [name, param] of Object.entries(entry.params)) expect(param.help.length, `${entry.id}.${name}`).toBeGreaterThan(3);
    }
    for (const objective of available.objectives) {
      expect(objective.source, objective.id).toContain(`id: '${objective.id}'`);
      for (const id of Object.keys(objective.diagnostics)) expect(available.metrics).toHaveProperty([id]);
    }
  });
});

describe.each(experiments())('experiment $id', (experiment) => {
  it.each(Object.entries(experiment.arms))('%s can be prepared', (_, { spec }) => {
    prepare(resolveSpec(spec, available), context);
  });

  it('opens with one of its arms and claims something about its arms', () => {
    expect(Object.keys(experiment.arms)).toContain(experiment.opens);
    for (const { arm, against, metric } of experiment.claims) {
      expect(experiment.arms).toHaveProperty([arm]);
      if (typeof against !== 'string') expect(experiment.arms).toHaveProperty([against.arm]);
      expect(available.metrics).toHaveProperty([metric]);
    }
  });
});
