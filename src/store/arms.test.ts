import { describe, expect, it } from 'vitest';
import { resolveSpec } from '../core/resolve';
import type { RunSpecInput } from '../core/spec';
import { armOf, distinctions, groupsOf } from './arms';
import { CATALOGUE } from './catalogue.fixture';
import { type Run, reviveRun } from './run';
import { finishedRun } from './run.fixture';

const run = (id: string, seed: number, training: object, input: Partial<RunSpecInput> = {}, accent = 0): Run =>
  finishedRun(id, resolveSpec({ world: 'sums', seed, stages: [{ objective: 'sft', training }], ...input } as RunSpecInput, CATALOGUE), {
    accent,
  });

describe('arms', () => {
  it('are the same for runs that differ in the seed alone, whatever the order of their keys', () => {
    const first = run('a', 0, { lr: 0.1, steps: 50 });
    const { world, ...rest } = first.spec;
    const turned = { ...first, spec: { ...rest, seed: 9, world } };
    expect(armOf(turned)).toBe(armOf(first));
    expect(armOf(run('b', 0, { lr: 0.2, steps: 50 }))).not.toBe(armOf(first));
    expect(armOf(reviveRun(structuredClone(first)))).toBe(armOf(first));
  });

  it('group runs in the order in which the arms come', () => {
    const groups = groupsOf([
      run('a', 3, { lr: 0.1 }, {}, 4),
      run('b', 0, { lr: 0.2 }),
      run('c', 1, { lr: 0.1 }),
      run('d', 3, { lr: 0.1 }),
    ]);
    expect(groups.map(({ runs }) => runs.map(({ id }) => id))).toEqual([['a', 'c', 'd'], ['b']]);
    expect(groups[0]).toMatchObject({ accent: 4, seeds: [1, 3] });
    expect(groupsOf([])).toEqual([]);
  });

  it('are told apart by what differs between those that train the same', () => {
    const other = run('d', 0, {}, { world: 'bins', stages: [{ objective: 'grpo' }] });
    const groups = groupsOf([run('a', 0, { lr: 0.1 }), run('b', 1, { lr: 0.2 }), run('c', 2, { lr: 0.1, steps: 50 }), other]);
    const told = distinctions(groups, CATALOGUE);
    const words = groups.map(({ arm }) => told.get(arm)?.map(({ title, value }) => `${title} ${value}`));
    expect(words).toEqual([['Learning rate 0.1', 'Steps 200'], ['Learning rate 0.2', 'Steps 200'], ['Learning rate 0.1', 'Steps 50'], []]);
  });
});
