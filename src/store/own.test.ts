import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ObjectiveEntry } from '../core/catalogue';
import { number } from '../core/params';
import type { RunSpec } from '../core/spec';
import { CATALOGUE } from './catalogue.fixture';
import { diffSpecs } from './diff';
import { chooseObjective, chooseWorld, entryOf, setValue } from './draft';
import { playedLab } from './lab.fixture';
import { putEntry, wordOf } from './own-drafts';

const PLACE = 'stages[0].objective';

const builtIn = (id: string): ObjectiveEntry => entryOf(CATALOGUE.objectives, id);
/** What the worker would say of a source that adds a setting to DPO. */
const changed = (source: string): ObjectiveEntry => ({
  ...builtIn('dpo'),
  source,
  params: { ...builtIn('dpo').params, softness: number({ title: 'Softness', help: '', default: 0.3, min: 0, max: 1 }) },
  diagnostics: { softened: { title: 'Softened', help: '', chart: 'loss' } },
});

/** A lab on the sums world with DPO. */
async function bench() {
  const played = playedLab();
  const { lab, sent, state } = played;
  const get = lab.store.getState;
  /** Answers every start, as a worker would. */
  const settle = async (): Promise<void> => {
    await vi.advanceTimersByTimeAsync(1000);
    const started = sent.findLast((message) => message.type === 'start');
    if (started?.type !== 'start') return;
    state(started.runId, 'preparing');
    await vi.advanceTimersByTimeAsync(1000);
  };
  await lab.boot();
  played.sayReady();
  await settle();
  lab.open((setup) => chooseObjective(chooseWorld(setup, 'sums', CATALOGUE), 0, 'dpo', CATALOGUE));
  await settle();
  /** A copy of DPO called softer, checked, kept and in use. */
  const soften = (source = 'one'): void => {
    lab.own.copy('objective', builtIn('dpo'), PLACE);
    lab.own.rename('own/my-dpo', 'softer');
    lab.own.type('own/softer', source);
    lab.own.keep('own/softer', source, changed(source));
    lab.own.use('own/softer', PLACE);
  };
  return { ...played, settle, get, soften, objective: () => get().setup?.draft.stages[0]?.objective };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('own objectives', () => {
  it('opens a copy, and forgets it where nobody has touched it', async () => {
    const { lab, get } = await bench();
    lab.own.copy('objective', builtIn('dpo'), PLACE);
    expect(get().drafts).toMatchObject([{ id: 'own/my-dpo', kind: 'objective', base: 'dpo', sound: null }]);
    expect(get().editing).toEqual({ id: 'own/my-dpo', place: PLACE });
    lab.own.close();
    expect(get()).toMatchObject({ drafts: [], editing: null });
    lab.own.copy('objective', builtIn('dpo'), PLACE);
    lab.own.type('own/my-dpo', 'half a thou');
    lab.own.close();
    expect(get().drafts).toMatchObject([{ source: 'half a thou', original: builtIn('dpo').source }]);
    lab.own.copy('objective', builtIn('dpo'), PLACE);
    expect(get().drafts.map(({ id }) => id)).toEqual(['own/my-dpo', 'own/my-dpo-2']);
  });

  it('puts a kept version into the catalogue and the stage, with the settings that it shares', async () => {
    const { lab, get, soften, objective } = await bench();
    lab.change((setup) => setValue(setup, 'stages[0].objective.params.beta', 0.7));
    soften();
    expect(objective()).toEqual({ id: 'own/softer', params: { beta: 0.7, softness: 0.3 }, source: 'one' });
    expect(get().problem).toBeNull();
    const entry = get().catalogue?.objectives.find(({ id }) => id === 'own/softer');
    expect(entry).toMatchObject({ title: 'softer', base: 'dpo', source: 'one' });
    expect(get().catalogue?.metrics).toHaveProperty('softened');
    lab.own.keep('own/softer', 'two', { ...changed('two'), params: {} });
    expect(objective()).toEqual({ id: 'own/softer', params: {}, source: 'two' });
  });

  it('keeps the values where the stage goes back to the original', async () => {
    const { lab, get, soften, objective } = await bench();
    soften();
    lab.change((setup) => setValue(setup, 'stages[0].objective.params.beta', 0.9));
    lab.change((setup) => putEntry(setup, PLACE, 'dpo', get().catalogue ?? CATALOGUE));
    expect(objective()).toEqual({ id: 'dpo', params: { beta: 0.9 } });
  });

  it('keeps the drafts in the catalogue of a new worker', async () => {
    const { lab, get, soften, say, sayReady, sent } = await bench();
    soften();
    say({ type: 'fatal', kind: 'device-lost', message: 'gone' });
    lab.restart();
    sayReady();
    expect(get().catalogue?.objectives.map(({ id }) => id)).toContain('own/softer');
    await vi.advanceTimersByTimeAsync(0);
    const asked = sent.findLast((message) => message.type === 'check');
    expect(asked).toMatchObject({ kind: 'objective', source: 'one' });
    say({ type: 'checked', id: asked?.type === 'check' ? asked.id : 0, errors: [], entry: { ...changed('one'), summary: 'As of today.' } });
    await vi.advanceTimersByTimeAsync(0);
    expect(get().catalogue?.objectives.at(-1)).toMatchObject({ id: 'own/softer', summary: 'As of today.' });
  });

  it('renames it wherever it is used', async () => {
    const { lab, get, soften, objective } = await bench();
    soften();
    expect(lab.own.rename('own/softer', 'Softer still!')).toBe('own/softer-still');
    expect(objective()?.id).toBe('own/softer-still');
    expect(get().setup?.baseline.stages[0]?.objective.id).toBe('own/softer-still');
    expect(get().problem).toBeNull();
    expect(lab.own.rename('own/softer-still', '  ')).toBe('own/softer-still');
    expect(wordOf('É 1,5 × DPO')).toBe('1-5-dpo');
    expect(wordOf('?!')).toBe('copy');
  });

  it('deletes it, gives the stage back what it was copied from, and can undo both', async () => {
    const { lab, get, soften, objective } = await bench();
    soften();
    lab.own.remove('own/softer');
    expect(get().drafts).toEqual([]);
    expect(objective()).toMatchObject({ id: 'dpo', params: { beta: 0.1 } });
    expect(get().problem).toBeNull();
    get().notices.at(-1)?.action?.run();
    expect(get().drafts).toMatchObject([{ id: 'own/softer' }]);
    expect(objective()).toMatchObject({ id: 'own/softer', source: 'one' });
    expect(get().problem).toBeNull();
  });

  it('answers a check with the worker’s words, and with nothing where it has gone', async () => {
    const { lab, say, last } = await bench();
    const first = lab.own.check('objective', 'x');
    expect(last('check')).toMatchObject({ kind: 'objective', source: 'x' });
    say({ type: 'checked', id: 1, errors: [{ line: 2, column: 3, message: 'No.' }], entry: null });
    expect(await first).toEqual({ errors: [{ line: 2, column: 3, message: 'No.' }], entry: null });
    const second = lab.own.check('reward', 'y');
    say({ type: 'fatal', kind: 'device-lost', message: 'gone' });
    expect(await second).toBeNull();
    expect(await lab.own.check('reward', 'z')).toBeNull();
  });

  it('names its runs after it, and says what it was edited from', async () => {
    const { lab, get, soften, settle } = await bench();
    lab.train();
    await settle();
    soften();
    lab.train();
    const [dpo, softer] = get().order.map((id) => get().runs[id]?.spec);
    expect(get().order.map((id) => get().runs[id]?.name)).toEqual([expect.stringMatching(/^[a-z]+-[a-z]+$/), 'softer']);
    expect(diffSpecs(dpo as RunSpec, softer as RunSpec, get().catalogue)).toEqual([
      { path: PLACE, title: 'Objective', before: 'DPO', after: 'own/softer (edited from dpo)' },
    ]);
    await settle();
    lab.own.keep('own/softer', 'two', changed('two'));
    lab.train();
    const again = get().order.map((id) => get().runs[id]);
    expect(again.at(-1)?.name).toBe('softer 2');
    expect(diffSpecs(softer as RunSpec, again.at(-1)?.spec as RunSpec, get().catalogue)).toMatchObject([{ title: 'Objective code' }]);
  });
});

describe('two runs in a row', () => {
  const both = async () => {
    const made = await bench();
    made.soften();
    await made.settle();
    const original = () => made.lab.trainBoth((setup) => putEntry(setup, PLACE, 'dpo', made.get().catalogue ?? CATALOGUE));
    const listed = () => made.get().order.map((id) => made.get().runs[id]?.spec.stages[0]?.objective.id);
    return { ...made, original, listed };
  };

  it('trains the original to its end, then the copy, with the same seed and both on show', async () => {
    const { original, listed, get, state, settle } = await both();
    original();
    await settle();
    expect(listed()).toEqual(['dpo']);
    const first = get().order[0] ?? '';
    state(first, 'running');
    state(first, 'finished');
    await settle();
    expect(listed()).toEqual(['dpo', 'own/softer']);
    const runs = get().order.map((id) => get().runs[id]);
    expect(runs.map((run) => [run?.visible, run?.spec.seed])).toEqual([
      [true, 0],
      [true, 0],
    ]);
    expect(get().activeId).toBe(get().order[1]);
    // A second time there is nothing left to train but the copy.
    state(get().order[1] ?? '', 'finished');
    original();
    await settle();
    expect(listed()).toEqual(['dpo', 'own/softer', 'own/softer']);
  });

  it('trains the copy where the original diverges, and not where the reader stops it or says so', async () => {
    const { original, listed, get, state, say, settle } = await both();
    original();
    await settle();
    const runId = get().order[0] ?? '';
    state(runId, 'running');
    say({ type: 'failed', runId, kind: 'diverged', message: 'test' });
    await settle();
    expect(listed()).toEqual(['dpo', 'own/softer']);
    state(get().order[1] ?? '', 'finished');
    original();
    await settle();
    state(get().order[2] ?? '', 'stopped');
    await settle();
    expect(listed()).toEqual(['dpo', 'own/softer', 'dpo']);
    original();
    await settle();
    get().notices.at(-1)?.action?.run();
    state(get().order[3] ?? '', 'finished');
    await settle();
    expect(listed()).toEqual(['dpo', 'own/softer', 'dpo', 'dpo']);
  });
});
