import { describe, expect, it } from 'vitest';
import '../test/tf';
import { OBJECTIVES } from '../objectives';
import { BAR, distancesToOptimum, OPTIMA, specFor } from './optima';

const specOf = (id: string) => {
  const found = OPTIMA.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no optimum ${id}`);
  return specFor(found, 0);
};

describe('the runs to the closed forms', () => {
  it('can be prepared, each with a name of its own', () => {
    for (const { id } of OPTIMA) expect(specOf(id).stages.length).toBeGreaterThan(0);
    expect(new Set(OPTIMA.map(({ id }) => id)).size).toBe(OPTIMA.length);
  });

  it('take in every objective on samples that has one', () => {
    const trained = new Set<string>(OPTIMA.map(({ id }) => specOf(id).stages.at(-1)?.objective.id ?? ''));
    const open = Object.values(OBJECTIVES).filter(({ family, ...rest }) => family === 'online' && 'optimum' in rest);
    expect(open.map(({ id }) => id as string).filter((id) => !trained.has(id))).toEqual([]);
  });

  // The two that arrive fastest: with the KL in the reward all advantages are 0 at the optimum, so nothing is left to average out.
  it.each(['rloo', 'grpo-k3'])('%s arrives', async (id) => {
    const spec = specOf(id);
    const [stage] = spec.stages;
    if (stage === undefined) throw new Error('a spec without a stage');
    const short = { ...spec, stages: [{ ...stage, training: { ...stage.training, steps: 80, prompts: 8, batchSize: 8 } }] };
    const { before, after } = await distancesToOptimum(short);
    expect(before).toBeGreaterThan(0.2);
    expect(after).toBeLessThanOrEqual(BAR);
  });

  it('says so where there is no closed form', async () => {
    const spec = specOf('rloo');
    const [stage] = spec.stages;
    if (stage === undefined) throw new Error('a spec without a stage');
    const objective = { id: 'xpo', params: { beta: 0.1, alpha: 0, loss_type: 'sigmoid' } };
    const open = { ...spec, stages: [{ ...stage, objective, training: { ...stage.training, steps: 1 } }] };
    await expect(distancesToOptimum(open)).rejects.toThrow('no closed form');
  });
});
