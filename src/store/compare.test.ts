import { describe, expect, it } from 'vitest';
import { bootstrap } from '../core/bootstrap';
import { resolveSpec } from '../core/resolve';
import type { RunSpecInput } from '../core/spec';
import { groupsOf } from './arms';
import { CATALOGUE } from './catalogue.fixture';
import { armNames, differencesOf, numbersOf, readOff, seedGroups, settingRows, usualMetrics } from './compare';
import { createRecording, createRecordings } from './recording';
import type { Run } from './run';
import { appendRows } from './series';

const run = (id: string, seed: number, training: object = {}, input: Partial<RunSpecInput> = {}, origin: Run['origin'] = null): Run => ({
  id,
  name: id,
  accent: 0,
  spec: resolveSpec({ world: 'sums', seed, stages: [{ objective: 'sft', training }], ...input } as RunSpecInput, CATALOGUE),
  origin,
  state: 'finished',
  failure: null,
  totalSteps: 20,
  parameters: null,
  device: '',
  createdAt: 0,
  visible: true,
  checkpointStep: null,
});

/** Values of `m` at steps 0, 10 and 20. */
function recorded(values: Readonly<Record<string, readonly number[]>>) {
  const recordings = createRecordings();
  for (const [id, m] of Object.entries(values)) {
    const recording = createRecording();
    appendRows(recording.series, [0, 10, 20], { m });
    recording.step = 20;
    recordings.set(id, recording);
  }
  return recordings;
}

const grpo: Partial<RunSpecInput> = { world: 'bins', stages: [{ objective: 'grpo' }] };

describe('the names of arms', () => {
  const namesOf = (runs: readonly Run[]): string[] => [...armNames(groupsOf(runs), CATALOGUE).values()];

  it('are what they train, with what differs where that is the same', () => {
    const title = (id: string) => CATALOGUE.objectives.find((entry) => entry.id === id)?.title;
    expect(namesOf([run('a', 0), run('b', 0, {}, grpo)])).toEqual([title('sft'), title('grpo')]);
    expect(namesOf([run('a', 0, { lr: 0.1 }), run('b', 1, { lr: 0.2 })])).toEqual([
      `${title('sft')}, learning rate 0.1`,
      `${title('sft')}, learning rate 0.2`,
    ]);
  });

  it('are never the same twice', () => {
    const names = namesOf([run('a', 0, {}, grpo), run('b', 0, {}, { ...grpo, policy: 'mlp' })]);
    expect(new Set(names).size).toBe(2);
  });
});

describe('what differs', () => {
  it('is every setting that is not the same in all arms, and none of what an arm does not have', () => {
    const withBeta = (beta: number) => ({ world: 'bins', stages: [{ objective: { id: 'grpo', params: { beta } } }] }) as const;
    const other = { world: 'bins', stages: [{ objective: 'sft', training: { source: 'samples' } }] } as const;
    const groups = groupsOf([run('a', 0, {}, withBeta(0.1)), run('b', 3, {}, withBeta(0.5)), run('c', 0, {}, other)]);
    const rows = settingRows(groups, CATALOGUE);
    const beta = rows.find(({ path }) => path.endsWith('.beta'));
    expect(beta?.values).toEqual(['0.1', '0.5', null]);
    expect(rows.some(({ path }) => path === 'stages[0].objective')).toBe(true);
    expect(rows.some(({ path }) => path === 'seed')).toBe(false);
    expect(settingRows(groups.slice(0, 1), CATALOGUE)).toEqual([]);
  });
});

describe('numbers', () => {
  const recordings = recorded({ a0: [0, 5, 3], a1: [1, 2, Number.NaN], b0: [0, 1, 1], b1: [0, 9, 4], again: [7, 7, 7] });
  const runs = [run('a0', 0), run('a1', 1), run('b0', 0, { lr: 0.5 }), run('b1', 1, { lr: 0.5 })];

  it('are read off a curve in four ways', () => {
    const series = recordings.get('a0')?.series;
    const read = (reading: 'last' | 'largest' | 'smallest' | 'step', step = 0) =>
      series === undefined ? null : readOff(series, 'm', { reading, step });
    expect(read('last')).toEqual({ value: 3, step: 20 });
    expect(read('largest')).toEqual({ value: 5, step: 10 });
    expect(read('smallest')).toEqual({ value: 0, step: 0 });
    expect(read('step', 15)).toEqual({ value: 5, step: 10 });
    expect(series === undefined ? null : readOff(series, 'none', { reading: 'last', step: 0 })).toBeNull();
  });

  it('are means over seeds, and differences seed by seed', () => {
    const groups = seedGroups(groupsOf(runs), () => 20);
    const numbers = numbersOf(groups, ['m'], { reading: 'last', step: 0 }, recordings);
    // The last values are 3 and 2, and 1 and 4: means 2.5, deviations sqrt .5 and sqrt 4.5.
    expect(numbers.map(({ summaries }) => summaries.get('m'))).toEqual([
      { n: 2, mean: 2.5, std: Math.sqrt(0.5) },
      { n: 2, mean: 2.5, std: Math.sqrt(4.5) },
    ]);
    const [difference] = differencesOf(numbers, groups[0]?.arm ?? '', ['m']);
    expect(difference?.paired).toMatchObject({ differences: [-2, 2], mean: 0, above: 1, below: 1, interval: bootstrap([-2, 2]) });
    expect(differencesOf(numbers, 'unheard of', ['m'])).toEqual([]);
  });

  it('count a seed once: the run that has come furthest, then the newest', () => {
    const steps: Record<string, number> = { a0: 20, again: 20, early: 3 };
    const [group] = seedGroups(groupsOf([run('a0', 0), run('again', 0), run('early', 0)]), ({ id }) => steps[id] ?? 0);
    expect(group?.runs.map(({ id }) => id)).toEqual(['again']);
    expect(group?.repeated).toBe(2);
  });

  it('tell of runs that are not at their end', () => {
    const short = { ...run('a0', 0), totalSteps: 50 };
    const [numbers] = numbersOf(
      seedGroups(groupsOf([short]), () => 20),
      ['m'],
      { reading: 'last', step: 0 },
      recordings,
    );
    expect(numbers?.unfinished).toBe(1);
  });
});

describe('the metrics to begin with', () => {
  it('are what the experiment is decided by, then the first of each chart', () => {
    const specs = {
      reward: { title: 'Reward', help: '', chart: 'reward' },
      kl: { title: 'KL', help: '', chart: 'kl' },
      rare: { title: 'Rare', help: '', chart: 'kl', onDemand: true },
      vendi: { title: 'Vendi', help: '', chart: 'diversity' },
      distinct: { title: 'Distinct', help: '', chart: 'diversity' },
    } as const;
    const opened = run('a', 0, {}, {}, { experiment: 'x', arm: 'y', edited: false });
    const claims = [{ text: '', metric: 'distinct', arm: 'y', against: 'start', threshold: 0 }] as const;
    const chosen = usualMetrics(['reward', 'rare', 'kl', 'vendi', 'distinct'], specs, groupsOf([opened]), [{ id: 'x', claims }]);
    expect(chosen).toEqual(['distinct', 'reward', 'kl', 'vendi']);
  });
});
