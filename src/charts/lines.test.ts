import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../store/catalogue.fixture';
import { openSetup } from '../store/draft';
import { createRecording, createRecordings } from '../store/recording';
import { appendRows, createSeries } from '../store/series';
import { type ChartRun, chartsToDraw, entryOf, expectedCharts, linesOf, measuredMetrics, measuredUnits } from './lines';

const run = (id: string): ChartRun => ({ id, name: id, accent: 0, totalSteps: 100, stages: [] });
const metrics = {
  loss: { title: 'Loss', help: '', chart: 'loss' },
  'loss/policy': { title: 'Policy loss', help: '', chart: 'loss' },
  'loss/kl': { title: 'KL loss', help: '', chart: 'loss' },
  kl: { title: 'KL', help: '', chart: 'kl' },
} as const;

function recorded(...ids: string[]) {
  const recordings = createRecordings();
  for (const id of ids) {
    const recording = createRecording();
    const steps = Array.from({ length: 100 }, (_, i) => i);
    appendRows(recording.series, steps, { loss: steps.map((i) => 100 - i), 'loss/kl': steps.map(() => Number.NaN), kl: steps });
    recordings.set(id, recording);
  }
  return recordings;
}

const input = (chart: 'loss' | 'kl', ids: string[], activeId: string | null) => ({
  chart,
  unit: '',
  entries: ids.map((id) => entryOf(run(id))),
  activeId,
  recordings: recorded(...ids),
  metrics,
  claimed: [],
});

describe('lines of a chart', () => {
  it('are the measured metrics of the chart, the run that is looked at first', () => {
    const lines = linesOf(input('loss', ['a', 'b'], 'b'));
    expect(lines.map((line) => `${line.entry.id} ${line.metric} ${line.active}`)).toEqual(['b loss true', 'a loss false']);
    expect(linesOf({ ...input('kl', ['a'], null), unit: 'nats', recordings: recorded('b') })).toEqual([]);
  });

  it('are all of the run that is looked at, and the headline of the others', () => {
    const recordings = recorded('a', 'b');
    for (const id of ['a', 'b']) appendRows(recordings.get(id)?.series ?? createSeries(), [1, 2], { 'loss/policy': [1, 2] });
    const ids = (claimed: string[]): string[] =>
      linesOf({ ...input('loss', ['a', 'b'], 'a'), recordings, claimed }).map((line) => `${line.entry.id} ${line.metric} ${line.dash}`);
    expect(ids([])).toEqual(['a loss ', 'a loss/policy 6 3', 'b loss ']);
    expect(ids(['loss/policy'])).toEqual(['a loss/policy ', 'a loss 6 3', 'b loss/policy ']);
  });

  it('leave out what is drawn on demand, unless it is asked for, claimed, or all that there is', () => {
    const specs = { ...metrics, 'loss/policy': { ...metrics['loss/policy'], onDemand: true } } as const;
    const recordings = recorded('a');
    appendRows(recordings.get('a')?.series ?? createSeries(), [1, 2], { 'loss/policy': [1, 2] });
    const ids = (changes: object): string[] =>
      linesOf({ ...input('loss', ['a'], 'a'), recordings, metrics: specs, ...changes }).map((line) => line.metric);
    expect(ids({})).toEqual(['loss']);
    expect(ids({ choices: { 'loss/policy': true } })).toEqual(['loss', 'loss/policy']);
    expect(ids({ claimed: ['loss/policy'] })).toEqual(['loss/policy', 'loss']);
    expect(ids({ choices: { loss: false, 'loss/policy': true } })).toEqual(['loss/policy']);
    expect(ids({ choices: { loss: false } })).toEqual(['loss']);
    expect(ids({ metrics: { 'loss/policy': specs['loss/policy'] } })).toEqual(['loss/policy']);
  });

  it('begin with the reward and the true reward, and end with its parts', () => {
    const recording = createRecording();
    const ids = ['reward/format', 'ndcg', 'eval/true_reward', 'true_reward', 'reward'];
    appendRows(recording.series, [1, 2], Object.fromEntries(ids.map((id) => [id, [0, 1]])));
    const recordings = createRecordings();
    recordings.set('a', recording);
    const specs = Object.fromEntries(ids.map((id) => [id, { title: id, help: '', chart: 'reward' as const }]));
    const lines = linesOf({ ...input('loss', ['a'], 'a'), chart: 'reward', recordings, metrics: specs });
    expect(lines.map(({ metric }) => metric)).toEqual(['reward', 'eval/true_reward', 'true_reward', 'ndcg', 'reward/format']);
  });

  it('leave metrics of another unit to another axis', () => {
    const units = measuredUnits([run('a')], recorded('a'), { ...metrics, kl: { ...metrics.kl, chart: 'loss', unit: 'nats' } });
    expect([...units]).toEqual([['loss', ['', 'nats']]]);
  });

  it('are one for each arm, with the runs that have measured the metric', () => {
    const recordings = recorded('a', 'b', 'c');
    const arm = { id: 'arm:x', name: 'x', accent: 2, runs: ['a', 'b', 'missing'].map(run) };
    const lines = linesOf({ ...input('loss', [], 'arm:x'), entries: [arm, entryOf(run('c'))], recordings });
    expect(lines.map(({ entry, members }) => [entry.id, ...members.map((member) => member.run.id)])).toEqual([
      ['arm:x', 'a', 'b'],
      ['c', 'c'],
    ]);
  });

  it('can be of any metric that was measured', () => {
    expect(measuredMetrics([run('a')], recorded('a'), metrics)).toEqual(['loss', 'kl']);
  });
});

describe('charts', () => {
  it('are expected from the objectives of the setup and from what every run logs', () => {
    const { draft } = openSetup({ world: 'sums', stages: [{ objective: 'sft' }] }, null, CATALOGUE);
    expect(expectedCharts(draft, CATALOGUE)).toEqual(['reward', 'loss']);
    const grpo = openSetup({ world: 'sums', stages: [{ objective: 'grpo' }] }, null, CATALOGUE);
    expect(expectedCharts(grpo.draft, CATALOGUE)).toEqual(['reward', 'loss', 'kl']);
  });

  it('that stay empty go once a run has come some way', () => {
    expect(chartsToDraw(['reward', 'loss', 'kl'], new Set(['loss']), true)).toEqual(['reward', 'loss', 'kl']);
    expect(chartsToDraw(['reward', 'loss', 'kl'], new Set(['loss']), false)).toEqual(['loss']);
    expect(chartsToDraw(['reward'], new Set(), false)).toEqual(['reward']);
  });
});
