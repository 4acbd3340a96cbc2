import { describe, expect, it } from 'vitest';
import { distillation } from './distillation';
import { advantagesOf, batchOf, evaluate } from './testing';

describe('distillation', () => {
  const oldLogp = [[-1, -2, 0]];
  const batch = batchOf('rollouts', { logp: oldLogp, oldLogp, teacherLogp: [[-0.5, -3, 0]], mask: [[1, 1, 0]] });
  const params = (credit: string) => ({ teachers: 1, weight: 0.5, credit });

  it('credits a token with what the teachers think of it, or of all that follows too', () => {
    expect(advantagesOf(distillation, batch, params('token')).advantages).toEqual([[0.5, -1, 0]]);
    expect(advantagesOf(distillation, batch, params('sequence')).advantages).toEqual([[-0.5, -1, 0]]);
  });

  it('reports the same KL to the teachers either way', () => {
    for (const credit of ['token', 'sequence']) {
      const { advantages } = advantagesOf(distillation, batch, params(credit));
      const { diagnostics, gradient } = evaluate(distillation, { ...batch, advantages }, params(credit));
      expect(diagnostics['kl/teachers']).toBe(0.25);
      expect(gradient).toEqual([advantages[0]?.map((a) => -a / 2 + 0)]);
    }
  });

  it('weighs with the ratio where samples have aged', () => {
    const aged = { ...batch, logp: [[-1 + Math.LN2, -2, 0]], advantages: [[0.5, -1, 0]] };
    // -(2 x .5 - 1) / 2.
    expect(evaluate(distillation, aged, params('token')).loss).toBeCloseTo(0, 6);
  });

  it('shares the weights that the first leaves', () => {
    expect(distillation.teachers?.({ teachers: 1, weight: 0.3, credit: 'token' })).toEqual([1]);
    expect(distillation.teachers?.({ teachers: 3, weight: 0.5, credit: 'token' })).toEqual([0.5, 0.25, 0.25]);
  });

  it('says when there is no teacher', () => {
    expect(() => advantagesOf(distillation, { ...batch, teacherLogp: null }, params('token'))).toThrow('its teachers');
  });
});
