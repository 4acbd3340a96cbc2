import { describe, expect, it } from 'vitest';
import { choice, flag, number } from '../core/params';
import { TRAINING } from '../core/spec';
import { CATALOGUE } from './catalogue.fixture';
import { openSetup, setValue } from './draft';
import { countOf, MAX_RUNS, NO_PLAN, newSweep, planRuns, type Sweep, type SweptValues, valuesOf } from './plan';

const LR = 'stages[0].training.lr';
const STEPS = 'stages[0].training.steps';
const setup = openSetup({ world: 'bins', seed: 7, stages: [{ objective: 'grpo', training: { steps: 50 } }] }, null, CATALOGUE);
const list = (text: string, path = LR): Sweep => ({
  path,
  spec: path === LR ? TRAINING.lr : TRAINING.steps,
  values: { kind: 'list', text },
});
const range = (from: number, to: number, count: number, scale: 'linear' | 'log', path = LR): Sweep => ({
  path,
  spec: path === LR ? TRAINING.lr : TRAINING.steps,
  values: { kind: 'range', from, to, count, scale },
});
const problemOf = (sweeps: Sweep[], seeds: number | string = 1) => planRuns(setup, { seeds, sweeps }, CATALOGUE).problem;

describe('values of a sweep', () => {
  it('are numbers in a list, apart by commas, semicolons or spaces', () => {
    expect(valuesOf(list('0.01, 0.1,1'))).toEqual([0.01, 0.1, 1]);
    expect(valuesOf(list(' 1e-3;0.5  .25 '))).toEqual([0.001, 0.5, 0.25]);
  });

  it('go from end to end in equal steps or by equal factors', () => {
    expect(valuesOf(range(0.1, 0.4, 4, 'linear'))).toEqual([0.1, 0.2, 0.3, 0.4]);
    // Factors of the fifth root: 0.01 · 10^0.5 = 0.031623, 0.01 · 10^1.5 = 0.31623.
    expect(valuesOf(range(0.01, 1, 5, 'log'))).toEqual([0.01, 0.03162, 0.1, 0.3162, 1]);
    expect(valuesOf(range(0.4, 0.1, 2, 'log'))).toEqual([0.4, 0.1]);
  });

  it('are whole where the setting is, each once', () => {
    // 10, 15.8, 25.1, 39.8, 63.1, 100
    expect(valuesOf(range(10, 100, 6, 'log', STEPS))).toEqual([10, 16, 25, 40, 63, 100]);
    // 1, 1.5, 2, 2.5, 3, of which halves round up
    expect(valuesOf(range(1, 3, 5, 'linear', STEPS))).toEqual([1, 2, 3]);
  });

  it('are those of a choice or a flag', () => {
    const pick = choice({
      title: 'C',
      help: '',
      default: 'a',
      options: [
        { value: 'a', title: 'A' },
        { value: 'b', title: 'B' },
      ],
    });
    expect(valuesOf(newSweep('x', pick, 'a'))).toEqual(['a', 'b']);
    expect(valuesOf(newSweep('x', flag({ title: 'F', help: '', default: false }), true))).toEqual([false, true]);
    expect(valuesOf(newSweep('x', number({ title: 'N', help: '', default: 1, min: 0, max: 9 }), 3))).toEqual([3]);
  });

  it.each<[string, Sweep]>([
    ['finite number|numbers such as', list('0.1, x')],
    ['twice', list('0.1, 0.10')],
    ['at least one', list(' , ')],
    ['from 1e-7 to 1', list('0.1, 2')],
    ['whole number', list('10, 10.5', STEPS)],
    ['at least 2', range(0.1, 1, 1, 'linear')],
    ['elsewhere', range(0.1, 0.1, 3, 'linear')],
    ['at least one', { path: LR, spec: TRAINING.lr, values: { kind: 'some', values: [] } as SweptValues }],
  ])('are refused with a sentence: %s', (words, sweep) => {
    expect(() => valuesOf(sweep)).toThrow(new RegExp(words));
    expect(countOf({ seeds: 3, sweeps: [sweep] })).toBe(0);
  });

  it('cannot go by factors through zero', () => {
    const offset = number({ title: 'Offset', help: '', default: 0, min: -1, max: 1 });
    const values: SweptValues = { kind: 'range', from: 0, to: 1, count: 3, scale: 'log' };
    expect(() => valuesOf({ path: 'x', spec: offset, values })).toThrow(/above zero/);
  });
});

describe('a plan', () => {
  it('is the setup itself where there is nothing to repeat', () => {
    const { runs } = planRuns(setup, NO_PLAN, CATALOGUE);
    expect(runs?.map(({ spec, label }) => [spec.seed, label])).toEqual([[7, '']]);
  });

  it('multiplies sweeps and seeds, all arms with one seed before the next', () => {
    const plan = { seeds: 2, sweeps: [list('0.1, 0.2'), list('10, 20', STEPS)] };
    const { runs } = planRuns(setup, plan, CATALOGUE);
    expect(countOf(plan)).toBe(8);
    expect(runs?.map(({ spec }) => [spec.seed, spec.stages[0]?.training.lr, spec.stages[0]?.training.steps])).toEqual([
      [7, 0.1, 10],
      [7, 0.1, 20],
      [7, 0.2, 10],
      [7, 0.2, 20],
      [8, 0.1, 10],
      [8, 0.1, 20],
      [8, 0.2, 10],
      [8, 0.2, 20],
    ]);
    expect(runs?.[1]?.label).toBe('Learning rate 0.1, Steps 20');
  });

  it('knows which runs are still the arm that was opened', () => {
    const opened = openSetup({ world: 'bins', stages: [{ objective: 'grpo' }] }, { experiment: 'x', arm: 'y' }, CATALOGUE);
    const present = opened.draft.stages[0]?.training.lr as number;
    const { runs } = planRuns(setValue(opened, 'seed', 3), { seeds: 2, sweeps: [list(`${present}, 1`)] }, CATALOGUE);
    expect(runs?.map(({ origin }) => origin?.edited)).toEqual([false, true, false, true]);
  });

  it('names the setting that is wrong', () => {
    expect(problemOf([list('0.1, 2')])).toEqual({
      path: LR,
      what: 'Learning rate: expected a number from 1e-7 to 1; got 2',
    });
    expect(problemOf([list('0.1'), list('0.2')])).toEqual({ path: LR, what: 'Learning rate is swept over twice' });
    expect(problemOf([{ ...list('3'), path: 'policy.params.width', spec: { ...TRAINING.steps, title: 'Width' } }])).toEqual({
      path: 'policy.params.width',
      what: 'this setup has no setting called Width',
    });
    expect(problemOf([], 21)?.what).toContain('Seeds: expected a whole number from 1 to 20');
    expect(problemOf([], 'many')?.path).toBe('seeds');
    expect(problemOf([range(1, MAX_RUNS, MAX_RUNS, 'linear', STEPS)], 2)?.what).toContain(`more than ${MAX_RUNS} runs`);
  });

  it('says under which values the rest of the setup does not hold', () => {
    const broken = setValue(setup, 'evaluation.every', 0);
    const { problem } = planRuns(broken, { seeds: 1, sweeps: [list('0.1, 0.2')] }, CATALOGUE);
    expect(problem).toEqual({
      path: 'evaluation.every',
      what: 'With Learning rate 0.1: expected a number from 1 to 10000; got 0',
    });
    expect(planRuns(setValue(setup, 'seed', 0xffffffff), { seeds: 2, sweeps: [] }, CATALOGUE).problem?.path).toBe('seed');
  });
});
