import { describe, expect, it } from 'vitest';
import { catalogue as realCatalogue } from '../trainer/catalogue';
import { CATALOGUE } from './catalogue.fixture';
import { addReward, addStage, chooseWorld, openSetup, removeReward, removeStage, type Setup, setValue } from './draft';
import { EXPERIMENTS, openArm } from './experiments';
import { bytesOf } from './persist';
import { changeInWords, type History, NO_HISTORY, remember, restoredHistory, stepThrough, storedHistory } from './undo';

const FIRST = openSetup({ world: 'bins', stages: [{ objective: 'grpo', training: { source: 'samples', steps: 200 } }] }, null, CATALOGUE);

/** A setup after some changes, each a minute after the one before, with what is remembered of them. */
function changed(...steps: readonly ((setup: Setup) => Setup)[]): { setup: Setup; history: History } {
  let [setup, history] = [FIRST, NO_HISTORY];
  steps.forEach((step, i) => {
    const next = step(setup);
    history = remember(history, setup, next, i * 60_000);
    setup = next;
  });
  return { setup, history };
}

const second = CATALOGUE.rewards.filter(({ id }) => CATALOGUE.worlds.find((world) => world.id === 'bins')?.rewards.includes(id));
const withTwo = (setup: Setup): Setup => addReward(setup, 0, second.at(-1)?.id ?? '', CATALOGUE);

describe('the way back through a setup', () => {
  it('brings back a reward and a stage that were taken away, one after the other, and takes them away again', () => {
    const before = addStage(withTwo(FIRST));
    const { setup, history } = changed(
      () => before,
      (one) => removeReward(one, 0, 1),
      (one) => removeStage(one, 1),
    );
    const once = stepThrough(history, setup, -1, CATALOGUE);
    expect(once?.setup.draft.stages).toHaveLength(2);
    const twice = stepThrough(once?.history ?? NO_HISTORY, once?.setup ?? setup, -1, CATALOGUE);
    expect(twice?.setup).toEqual(before);
    const forth = stepThrough(twice?.history ?? NO_HISTORY, twice?.setup ?? setup, 1, CATALOGUE);
    expect(forth?.setup).toEqual(once?.setup);
    const end = stepThrough(forth?.history ?? NO_HISTORY, forth?.setup ?? setup, 1, CATALOGUE);
    expect(end?.setup).toEqual(setup);
    expect(stepThrough(end?.history ?? NO_HISTORY, setup, 1, CATALOGUE)).toBeNull();
  });

  it('is one step for a slider that is drawn, and two for one that is drawn again later', () => {
    const drawn = (history: History, from: Setup, values: readonly number[], at: number): { setup: Setup; history: History } => {
      let [setup, kept] = [from, history];
      values.forEach((lr, i) => {
        const next = setValue(setup, 'stages[0].training.lr', lr);
        kept = remember(kept, setup, next, at + i * 100);
        setup = next;
      });
      return { setup, history: kept };
    };
    const once = drawn(NO_HISTORY, FIRST, [0.1, 0.2, 0.3], 0);
    expect(once.history.past).toEqual([FIRST]);
    const again = drawn(once.history, once.setup, [0.4, 0.5], 5000);
    expect(again.history.past).toEqual([FIRST, once.setup]);
    // Another setting within the same second is a step of its own.
    const seeded = setValue(again.setup, 'seed', 9);
    expect(remember(again.history, again.setup, seeded, 5150).past).toHaveLength(3);
  });

  it('has no step where nothing has changed, and none forth after another change', () => {
    expect(remember(NO_HISTORY, FIRST, { ...FIRST }, 0)).toBe(NO_HISTORY);
    const { setup, history } = changed((one) => setValue(one, 'seed', 5));
    const back = stepThrough(history, setup, -1, CATALOGUE);
    expect(back?.history.future).toEqual([setup]);
    const other = remember(back?.history ?? NO_HISTORY, FIRST, setValue(FIRST, 'seed', 6), 0);
    expect(other.future).toEqual([]);
    expect(other.past).toEqual([FIRST]);
  });

  it('passes over setups that name what is gone', () => {
    const { setup, history } = changed(
      (one) => chooseWorld(one, 'sums', CATALOGUE),
      (one) => setValue(one, 'seed', 5),
    );
    const without = { ...CATALOGUE, worlds: CATALOGUE.worlds.filter(({ id }) => id !== 'sums') };
    expect(stepThrough(history, setup, -1, CATALOGUE)?.setup.draft.world.id).toBe('sums');
    expect(stepThrough(history, setup, -1, without)).toMatchObject({ setup: FIRST, history: { past: [] } });
    expect(stepThrough(history, setup, -1, { ...CATALOGUE, objectives: [] })).toBeNull();
  });

  it('is bounded', () => {
    let [setup, history] = [FIRST, NO_HISTORY];
    for (let seed = 1; seed <= 150; seed++) {
      const next = setValue(setup, 'seed', seed);
      history = remember(history, setup, next, seed * 60_000);
      setup = next;
    }
    expect(history.past).toHaveLength(100);
    expect(history.past[0]?.draft.seed).toBe(50);
  });

  it('says what a step is about', () => {
    expect(changeInWords(FIRST, setValue(FIRST, 'seed', 5), CATALOGUE)).toBe('Seed from 0 to 5');
    expect(changeInWords(FIRST, addStage(FIRST), CATALOGUE)).toBe('Stages from 1 to 2');
    expect(changeInWords(FIRST, setValue(FIRST, 'seed', 'x'), CATALOGUE)).toBe('the last change of the setup');
  });
});

describe('after a reload', () => {
  /** What the storage gives back. */
  const reloaded = (history: History) => restoredHistory(structuredClone(storedHistory(history)), CATALOGUE);
  const { setup, history } = changed(
    withTwo,
    (one) => setValue(one, 'stages[0].training.lr', 'quick'),
    (one) => chooseWorld(one, 'sums', CATALOGUE),
    addStage,
  );
  const back = stepThrough(history, setup, -1, CATALOGUE);

  it('all of it is there, also what was typed and cannot be run, and what was taken back', () => {
    expect(back?.history.past).toHaveLength(3);
    expect(reloaded(back?.history ?? NO_HISTORY)).toEqual(back?.history);
    expect(reloaded(NO_HISTORY)).toEqual(NO_HISTORY);
  });

  it('every setup that the lab opens by itself is one still', () => {
    const real = realCatalogue();
    const arms = EXPERIMENTS.flatMap((experiment) => Object.keys(experiment.arms).map((arm) => openArm(experiment, arm, real)));
    const worlds = real.worlds.map(({ id }) => chooseWorld(arms[0] as Setup, id, real));
    for (const one of [...arms, ...worlds]) expect(restoredHistory(storedHistory({ past: [one], future: [] }), real).past).toEqual([one]);
  });

  it('a change of the setting that was changed last is a step of its own', () => {
    const moved = setValue(FIRST, 'seed', 5);
    const kept = reloaded(remember(NO_HISTORY, FIRST, moved, 900));
    expect(remember(kept, moved, setValue(moved, 'seed', 6), 20).past).toHaveLength(2);
  });

  it('what is too large is left out from its far end, what was taken back first', () => {
    const { past, future } = back?.history ?? NO_HISTORY;
    const size = bytesOf(past[2]) + bytesOf(past[1]);
    expect(storedHistory({ past, future }, size)).toEqual({ past: past.slice(1), future: [] });
    expect(storedHistory({ past, future: [] }, size - 1)).toEqual({ past: past.slice(2), future: [] });
    const [one] = past;
    expect(storedHistory({ past: [], future: one === undefined ? [] : [setup, one] }, bytesOf(one))).toEqual({ past: [], future: [one] });
  });

  it.each([undefined, null, 7, 'past', [], { past: [FIRST] }, { past: {}, future: [] }])('%j is no history', (stored) => {
    expect(restoredHistory(stored, CATALOGUE)).toBe(NO_HISTORY);
  });

  it('setups that are none, or that the lab has outgrown, are left out', () => {
    const broken = [
      null,
      7,
      {},
      { ...FIRST, draft: null },
      { ...FIRST, baseline: { ...FIRST.baseline, stages: 3 } },
      { ...FIRST, baseline: { ...FIRST.baseline, world: { id: 'moon', params: {} } } },
      // A setting that is gone, and one that is new since.
      setValue(FIRST, 'world.params.gone', 1),
      { ...FIRST, baseline: { ...FIRST.baseline, world: { ...FIRST.baseline.world, params: {} } } },
      { ...FIRST, draft: { ...FIRST.draft, world: { ...FIRST.draft.world, params: {} } } },
    ];
    expect(restoredHistory({ past: [...broken, FIRST], future: broken }, CATALOGUE)).toEqual({ ...NO_HISTORY, past: [FIRST] });
  });
});
