import { describe, expect, it } from 'vitest';
import type { Diagnosis, PoolSeen } from '../core/diagnosis';
import { diagnosisAt } from './diagnoses';

const pool = (drawnAt: number) => ({ drawnAt }) as PoolSeen;
const look = (step: number, stage: number, samples: PoolSeen | null) => ({
  step,
  value: { stage, data: 'rollouts', pairs: null, rollouts: null, likelihood: null, pool: samples, terms: null } satisfies Diagnosis,
});

describe('a diagnosis on show', () => {
  it('keeps the last samples of its stage until the run has drawn again', () => {
    const looks = [look(10, 0, pool(8)), look(20, 0, pool(16)), look(30, 0, null), look(40, 0, pool(32))];
    expect(diagnosisAt(looks, 2)).toEqual({ seen: { ...looks[2]?.value, pool: pool(16) }, samplesOf: 20 });
    expect(diagnosisAt(looks, 3)).toEqual({ seen: looks[3]?.value, samplesOf: null });
    expect(diagnosisAt(looks, 1)?.seen).toBe(looks[1]?.value);
  });

  it('takes no samples of another stage, and has none where there were none', () => {
    const looks = [look(10, 0, pool(8)), look(20, 1, null)];
    expect(diagnosisAt(looks, 1)).toEqual({ seen: looks[1]?.value, samplesOf: null });
    expect(diagnosisAt(looks, 2)).toBeNull();
  });
});
