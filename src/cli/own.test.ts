import { afterEach, describe, expect, it } from 'vitest';
import { RunFailure } from '../core/events';
import { resolveSpec } from '../core/resolve';
import '../test/tf';
import { catalogue } from '../trainer/catalogue';
import { guarded, installGuard } from '../trainer/own-guard';
import { withOwnCode } from './own';

const available = catalogue();
const sft = available.objectives.find(({ id }) => id === 'sft')?.source ?? '';
const exact = available.rewards.find(({ id }) => id === 'exact-match')?.code ?? '';
const spec = (source: string) => ({
  world: 'sums',
  stages: [{ objective: { id: 'own/mine', source }, rewards: [{ id: 'own/score', source: exact }], training: { source: 'samples' } }],
});

afterEach(() => installGuard(null));

describe('code in a spec file', () => {
  it('leaves a spec without code as it is', () => {
    expect(withOwnCode({ world: 'sums', stages: [{ objective: 'sft' }] }, available, false)).toBe(available);
    expect(withOwnCode('nonsense', available, false)).toBe(available);
  });

  it('is refused by its name unless it is allowed, before anything of it runs', () => {
    expect(() => withOwnCode(spec('throw new Error("ran")'), available, false)).toThrow(/own\/mine, own\/score.*--allow-code/);
  });

  it('joins the catalogue where it is allowed', () => {
    const resolved = resolveSpec(spec(sft), withOwnCode(spec(sft), available, true));
    expect(resolved.stages[0]?.objective).toEqual({ id: 'own/mine', params: {}, source: sft });
    expect(resolved.stages[0]?.rewards[0]).toMatchObject({ id: 'own/score', source: exact });
  });

  it('is refused with its place where it is wrong', () => {
    expect(() => withOwnCode(spec(sft.replace('tf.neg(', 'tf.no(')), available, true)).toThrow(
      /^own\/mine:\d+:\d+ tf\.no is not a function\.$/,
    );
  });

  it('is ended where it does not come back', () => {
    withOwnCode(spec(sft), available, true);
    const loop = () => {
      for (;;);
    };
    expect(() => guarded(loop)).toThrow(RunFailure);
    expect(guarded(() => 'and goes on')).toBe('and goes on');
  });
});
