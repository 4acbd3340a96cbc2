import { expect, it } from 'vitest';
import { aRun, SPEC } from '../data/bundle.fixture';
import { armOf } from './arms';
import { recordingOf } from './bundles';
import { CATALOGUE } from './catalogue.fixture';
import type { Place } from './compare';
import { createRecording, createRecordings, record } from './recording';
import { reportOf } from './report';
import type { Run } from './run';
import { finishedRun } from './run.fixture';

const run = (id: string, seed: number, beta: number): Run => {
  const stages = SPEC.stages.map((stage) => ({ ...stage, objective: { id: 'grpo', params: { beta } } }));
  return finishedRun(id, { ...SPEC, seed, stages }, { totalSteps: 20, parameters: 1234, device: 'test' });
};

it('a report has the runs, what differs, means over seeds, paired differences, and what to type', () => {
  const runs = [run('a', 0, 0.1), run('b', 1, 0.1), run('c', 0, 0.2), run('d', 1, 0.2)];
  const recordings = createRecordings();
  for (const [i, { id }] of runs.entries()) {
    const recording = createRecording();
    // Rewards 1 and 2 in the first arm, 4 and 6 in the second.
    record(recording, { type: 'metrics', steps: [20], columns: { reward: [[1, 2, 4, 6][i] as number] } }, 0);
    recordings.set(id, recording);
  }
  const figures = [{ title: 'Reward', svg: '<svg/>' }];
  const input = {
    runs,
    catalogue: CATALOGUE,
    recordings,
    figures,
    claimed: ['reward'],
    place: { reading: 'last', step: 0 } as const,
    base: null,
    browser: 'Chrome 140',
    device: 'test',
    date: new Date(0),
  };
  const report = reportOf(input);
  expect(report.lead).toBe('4 runs of 2 arms, 1970-01-01 00:00 UTC');
  const section = (title: string) => report.sections.find((one) => one.title === title);
  expect(section('Runs')?.table?.rows).toHaveLength(4);
  expect(section('Settings that differ')?.table?.rows.map((row) => row.slice(-2))).toEqual([['0.1', '0.2']]);
  // Means of 1 and 2, and of 4 and 6; deviations with n - 1.
  expect(section('Numbers')?.table?.rows[0]?.slice(1)).toEqual(['reward', '1.50 ± 0.707 (2)', '5.00 ± 1.41 (2)']);
  // Seed by seed 3 and 4.
  expect(section('Differences')?.table?.rows[0]?.[2]).toBe('+3.50');
  expect(section('Once more')?.commands).toEqual(runs.map(({ id }) => `npm run -s lab -- run ${id}.json`));
  expect(JSON.parse(section('Once more')?.details?.[1]?.text ?? '')).toEqual(runs[1]?.spec);
  expect(section('Curves')?.figures).toBe(figures);
  // Held against the second arm the difference turns round.
  const held = reportOf({ ...input, base: armOf(runs[2] as Run) }).sections.find(({ title }) => title === 'Differences');
  expect(held?.table?.rows[0]?.[2]).toBe('−3.50');
});

it('a report reads its numbers off where it is told to', () => {
  const one = run('a', 0, 0.1);
  const recordings = createRecordings();
  const recording = createRecording();
  record(recording, { type: 'metrics', steps: [10, 20], columns: { reward: [5, 1] } }, 0);
  recordings.set('a', recording);
  const read = (place: Place) => {
    const report = reportOf({
      runs: [one],
      catalogue: CATALOGUE,
      recordings,
      figures: [],
      claimed: ['reward'],
      place,
      base: null,
      browser: '',
      device: '',
      date: new Date(0),
    });
    const numbers = report.sections.find(({ title }) => title === 'Numbers');
    return [numbers?.note?.split('. ')[0], numbers?.table?.rows[0]?.[2]];
  };
  expect(read({ reading: 'largest', step: 0 })).toEqual(['The largest value of each run', '5.00']);
  expect(read({ reading: 'step', step: 15 })).toEqual(['The value of each run at step 15, or the last before', '5.00']);
  expect(read({ reading: 'last', step: 0 })).toEqual(['The newest value of each run', '1.00']);
});

it('an arm of an experiment that was not edited is trained again by its name', () => {
  const origin = { experiment: 'mode-seeking', arm: 'grpo', edited: false };
  const recordings = createRecordings();
  recordings.set('a', recordingOf(aRun()));
  const one = { ...run('a', 3, 0.1), origin };
  const report = reportOf({
    runs: [one],
    catalogue: CATALOGUE,
    recordings,
    figures: [],
    claimed: [],
    place: { reading: 'last', step: 0 },
    base: null,
    browser: '',
    device: '',
    date: new Date(0),
  });
  expect(report.sections.find(({ title }) => title === 'Once more')?.commands).toEqual([
    'npm run -s lab -- run mode-seeking --arm grpo --seeds 1 --seed 3',
  ]);
});
