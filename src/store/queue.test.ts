import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { resolveSpec } from '../core/resolve';
import { totalSteps } from '../core/spec';
import { CATALOGUE } from './catalogue.fixture';
import type { PlannedRun } from './plan';
import { createQueue, type QueueNeeds } from './queue';
import { IN_TURNS, type QueueState, stepsOfTurn } from './queue-items';
import type { Run } from './run';
import { createLabStore, patchRun } from './state';

const STEPS = 30;
const planned = (count: number): PlannedRun[] =>
  Array.from({ length: count }, (_, seed) => ({
    spec: resolveSpec({ world: 'bins', seed, stages: [{ objective: 'grpo', training: { steps: STEPS } }] }, CATALOGUE),
    origin: null,
    label: `arm ${seed}`,
  }));

/** A queue over an engine that the test plays: one run trains at a time, and trains when it is told to. */
function bench(more: Partial<QueueNeeds> = {}) {
  const store = createLabStore();
  store.setState({ engine: { phase: 'ready' } });
  const steps = new Map<string, number>();
  const asked: [string, number][] = [];
  const stopped: string[] = [];
  const paused: string[] = [];
  const reopened: string[] = [];
  const followed: (string | null)[] = [];
  let held: string | null = null;
  let kept: QueueState | null = null;
  const get = () => store.getState();
  /** The worker takes another one up, and ends the one that it has. */
  const take = (runId: string): void => {
    const before = held;
    held = runId;
    if (before !== null && before !== runId && ['paused', 'running', 'preparing'].includes(get().runs[before]?.state ?? '')) {
      patchRun(store, before, { state: queue.rests(before) ? 'paused' : 'stopped' });
    }
  };
  const queue = createQueue({
    store,
    step: (id) => steps.get(id) ?? 0,
    begin({ spec }, follows) {
      const id = `run-${get().order.length}`;
      followed.push(follows);
      const run = { id, name: id, spec, state: 'preparing', failure: null, totalSteps: totalSteps(spec), checkpointStep: null } as Run;
      store.setState((state) => ({ runs: { ...state.runs, [id]: run }, order: [...state.order, id] }));
      take(id);
      return id;
    },
    go(id, count) {
      asked.push([id, count]);
      patchRun(store, id, { state: 'running' });
    },
    async reopen(run) {
      reopened.push(run.id);
      await Promise.resolve();
      take(run.id);
      patchRun(store, run.id, { state: 'preparing' });
    },
    holds: (id) => held === id,
    pause: (id) => paused.push(id),
    stop(id) {
      stopped.push(id);
      if (held === id) held = null;
      patchRun(store, id, { state: queue.rests(id) ? 'paused' : 'stopped' });
    },
    allows: () => true,
    keep: (state) => {
      kept = state;
    },
    ...more,
  });
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 10; i++) await Promise.resolve();
  };
  /** The worker trains on until what it was told to do is done, or it is told nothing more. */
  const train = async (turns = Number.POSITIVE_INFINITY): Promise<void> => {
    for (let turn = 0; turn < turns && get().queue.phase === 'running'; turn++) {
      const [id = '', count = 0] = asked.at(-1) ?? [];
      const step = Math.min(STEPS, (steps.get(id) ?? 0) + count);
      steps.set(id, step);
      if (step === STEPS) held = null;
      patchRun(store, id, { state: step === STEPS ? 'finished' : 'paused' });
      await settle();
    }
  };
  const states = () => get().queue.items.map(({ state }) => state);
  const begun = () => get().order.map((id) => get().runs[id]?.spec.seed);
  return { store, queue, get, steps, asked, stopped, paused, reopened, followed, settle, train, states, begun, kept: () => kept };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a queue', () => {
  it('trains one run after another to its end, and then rests', async () => {
    const { queue, get, train, asked, states, followed, kept } = bench();
    queue.add(planned(3));
    expect(states()).toEqual(['running', 'queued', 'queued']);
    await train(1);
    expect(states()).toEqual(['done', 'running', 'queued']);
    await train();
    expect(asked).toEqual([
      ['run-0', Number.POSITIVE_INFINITY],
      ['run-1', Number.POSITIVE_INFINITY],
      ['run-2', Number.POSITIVE_INFINITY],
    ]);
    expect(followed).toEqual([null, 'run-0', 'run-1']);
    expect(get().queue.phase).toBe('idle');
    expect(kept()).toEqual(get().queue);
  });

  it('goes on where a run diverges', async () => {
    const { queue, store, settle, states, train, get } = bench();
    queue.add(planned(2));
    patchRun(store, 'run-0', { state: 'failed', failure: { kind: 'diverged', message: 'test' } });
    await settle();
    expect(states()).toEqual(['failed', 'running']);
    await train();
    expect(states()).toEqual(['failed', 'done']);
    expect(get().queue.phase).toBe('idle');
  });

  it('lets runs take turns, the one that has come least far first', async () => {
    const { queue, asked, train, reopened, steps, states } = bench();
    queue.setOrder('interleaved');
    queue.add(planned(3));
    const turn = stepsOfTurn(STEPS);
    expect(turn).toBe(3);
    await train(6);
    expect(asked.slice(0, 6)).toEqual(['run-0', 'run-1', 'run-2', 'run-0', 'run-1', 'run-2'].map((id) => [id, turn]));
    expect(reopened.slice(0, 3)).toEqual(['run-0', 'run-1', 'run-2']);
    expect([...steps.values()]).toEqual([6, 6, 6]);
    await train();
    expect(states()).toEqual(['done', 'done', 'done']);
    expect([...steps.values()]).toEqual([STEPS, STEPS, STEPS]);
  });

  it('keeps the runs that take turns few', async () => {
    const { queue, get, train } = bench();
    queue.setOrder('interleaved');
    queue.add(planned(IN_TURNS + 3));
    await train(3 * IN_TURNS);
    expect(get().order).toHaveLength(IN_TURNS);
    await train();
    expect(get().order).toHaveLength(IN_TURNS + 3);
    expect(get().queue.phase).toBe('idle');
  });

  it('changes from one order to the other while a run trains', async () => {
    const { queue, asked, steps } = bench();
    queue.add(planned(2));
    steps.set('run-0', 4);
    queue.setOrder('interleaved');
    expect(asked.at(-1)).toEqual(['run-0', 3]);
    queue.setOrder('one-by-one');
    expect(asked.at(-1)).toEqual(['run-0', Number.POSITIVE_INFINITY]);
  });

  it('pauses with the run that trains, and goes on with it', async () => {
    const { queue, store, paused, asked, settle, states, get } = bench();
    queue.add(planned(2));
    queue.pause();
    expect(paused).toEqual(['run-0']);
    queue.resume();
    // The worker has yet to end its step.
    expect(asked).toHaveLength(1);
    queue.pause();
    patchRun(store, 'run-0', { state: 'paused' });
    await settle();
    expect([get().queue.phase, states()]).toEqual(['paused', ['paused', 'queued']]);
    queue.resume();
    expect(asked).toHaveLength(2);
    expect(asked.at(-1)?.[0]).toBe('run-0');
  });

  it('waits for a run that the reader trains beside it', async () => {
    const { queue, store, settle, states } = bench({ holds: () => true });
    const own = { id: 'own', state: 'running', spec: planned(1)[0]?.spec } as Run;
    store.setState({ runs: { own }, order: ['own'] });
    queue.add(planned(1));
    expect(states()).toEqual(['queued']);
    patchRun(store, 'own', { state: 'finished' });
    await settle();
    expect(states()).toEqual(['running']);
  });

  it('pauses where the reader stops a run, which leaves it', async () => {
    const { queue, store, settle, states, get } = bench();
    queue.add(planned(2));
    patchRun(store, 'run-0', { state: 'stopped' });
    await settle();
    expect(states()).toEqual(['queued']);
    expect(get().queue).toMatchObject({ phase: 'paused', because: 'stopped' });
  });

  it('gives up what is tied to a run that is stopped', async () => {
    const { queue, store, settle, states, get } = bench();
    queue.add(planned(2), { tied: true });
    patchRun(store, 'run-0', { state: 'stopped' });
    await settle();
    expect(states()).toEqual([]);
    expect(get().queue.phase).toBe('idle');
  });

  it('changes the order of what waits', async () => {
    const { queue, get, train, begun } = bench();
    const ids = queue.add(planned(4));
    queue.move(ids[3] ?? '', 1);
    queue.move(ids[1] ?? '', 99);
    await train();
    expect(begun()).toEqual([0, 3, 2, 1]);
    queue.clearFinished();
    expect(get().queue.items).toEqual([]);
  });

  it('puts runs before the others where it is told to', async () => {
    const { queue, train, begun } = bench();
    queue.add(planned(2));
    queue.pause();
    const [one] = planned(8).slice(7);
    queue.add(one === undefined ? [] : [one], { first: true });
    await train();
    expect(begun()).toEqual([0, 7, 1]);
  });

  it('takes one or all off, and brings them back to their places', async () => {
    const { queue, get, stopped, train, states, begun, settle } = bench();
    const ids = queue.add(planned(3));
    queue.cancel([ids[1] ?? '']);
    expect(states()).toEqual(['running', 'queued']);
    get().notices.at(-1)?.action?.run();
    expect(get().queue.items.map(({ id }) => id)).toEqual(ids);
    queue.cancel();
    await settle();
    expect(stopped).toEqual(['run-0']);
    expect(get().queue).toMatchObject({ items: [], phase: 'idle' });
    get().notices.at(-1)?.action?.run();
    await settle();
    expect(states()).toEqual(['running', 'queued', 'queued']);
    await train();
    expect(begun()).toEqual([0, 1, 2]);
    expect(states()).toEqual(['done', 'done', 'done']);
  });

  it('forgets a run that is deleted', async () => {
    const { queue, store, settle, states } = bench();
    queue.add(planned(2));
    store.setState(({ runs: { 'run-0': _, ...others } }) => ({ runs: others, order: [] }));
    await settle();
    expect(states()).toEqual(['running']);
  });

  it('rests where the device is lost, and goes on from the last checkpoint', async () => {
    const { queue, store, settle, states, get, reopened } = bench({ holds: () => false });
    queue.add(planned(2));
    patchRun(store, 'run-0', { state: 'failed', failure: { kind: 'device-lost', message: 'test' } });
    store.setState({ engine: { phase: 'failed', kind: 'device-lost', message: 'test' } });
    await settle();
    expect([get().queue.phase, get().queue.because, states()]).toEqual(['paused', 'device', ['paused', 'queued']]);
    store.setState({ engine: { phase: 'ready' } });
    await settle();
    expect(reopened).toEqual([]);
    queue.resume();
    expect(reopened).toEqual(['run-0']);
  });

  it('comes back after a reload, and goes on where the reader says so', async () => {
    const first = bench();
    first.queue.add(planned(3));
    await first.train(1);
    const stored = structuredClone(first.kept());
    const second = bench();
    const runs = Object.fromEntries(Object.values(first.get().runs).map((run) => [run.id, { ...run, state: 'interrupted' } as Run]));
    second.store.setState({ runs: { ...runs, 'run-0': { ...runs['run-0'], state: 'finished' } as Run }, order: ['run-0', 'run-1'] });
    second.queue.restore(stored);
    await second.settle();
    expect(second.get().queue).toMatchObject({ phase: 'paused', because: 'reload' });
    expect(second.states()).toEqual(['done', 'paused', 'queued']);
    expect(second.asked).toEqual([]);
    second.queue.resume();
    await second.settle();
    expect(second.reopened).toEqual(['run-1']);
    await second.train();
    expect(second.states()).toEqual(['done', 'done', 'done']);
    second.queue.restore(undefined);
    expect(second.get().queue).toMatchObject({ items: [], phase: 'idle' });
  });

  it('does not train what has not been allowed', async () => {
    const { queue, states, get } = bench({ allows: () => false });
    queue.add(planned(2));
    expect(states()).toEqual(['failed', 'failed']);
    expect(get().order).toEqual([]);
  });
});
