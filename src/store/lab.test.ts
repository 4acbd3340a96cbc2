import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Checkpoint } from '../core/events';
import type { RunSpec } from '../core/spec';
import { CATALOGUE } from './catalogue.fixture';
import { chooseWorld, setValue } from './draft';
import { playedLab } from './lab.fixture';

/** A lab on the sums world, with a run prepared. */
async function bench() {
  const played = playedLab();
  const { lab, sent, say, state, last } = played;
  const step = (runId: string, n: number): void => say({ type: 'event', runId, event: { type: 'step', step: n, stage: 0 } });
  const isReady = async (): Promise<void> => {
    played.sayReady();
    await vi.advanceTimersByTimeAsync(1000);
  };
  await lab.boot();
  await isReady();
  const settle = async (): Promise<void> => {
    for (const message of sent) if (message.type === 'start') state(message.runId, 'preparing');
    await vi.advanceTimersByTimeAsync(1000);
    state(last('start')?.runId ?? '', 'paused');
  };
  await settle();
  lab.open((setup) => chooseWorld(setup, 'sums', CATALOGUE));
  await vi.advanceTimersByTimeAsync(1000);
  await settle();
  return { ...played, step, isReady, settle, get: lab.store.getState };
}

const checkpoint = (spec: RunSpec, step: number): Checkpoint => {
  const theta = Float32Array.of(1);
  return {
    spec,
    step,
    stage: 0,
    stageStep: step,
    theta,
    m: theta,
    v: theta,
    reference: theta,
    start: theta,
    pool: null,
    sampler: null,
    ends: {},
    carried: null,
    seen: { count: 0, mean: 0 },
    rewardQueries: 0,
    tokens: 0,
  };
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the lab', () => {
  it('prepares the setup without listing it, and Train goes on with what is prepared', async () => {
    const { lab, last, get } = await bench();
    const prepared = last('start');
    expect(prepared?.spec.world.id).toBe('sums');
    expect(get().order).toEqual([]);
    lab.train();
    expect(last('resume')?.runId).toBe(prepared?.runId);
    expect(get().order).toEqual([prepared?.runId]);
    expect(get().activeId).toBe(prepared?.runId);
    expect(get().runs[prepared?.runId ?? '']?.name).toMatch(/^[a-z]+-[a-z]+$/);
  });

  it('knows how many shaders are compiled until the run has something else to say', async () => {
    const { say, last, get } = await bench();
    const runId = last('start')?.runId ?? '';
    say({ type: 'event', runId, event: { type: 'preparing', done: 7, total: 17 } });
    expect(get().compiling).toEqual({ runId, done: 7, total: 17 });
    say({ type: 'event', runId, event: { type: 'opened', step: 0 } });
    expect(get().compiling).toBeNull();
    say({ type: 'event', runId, event: { type: 'preparing', done: 1, total: 17 } });
    say({ type: 'failed', runId, kind: 'gpu-error', message: 'The graphics device could not compile a shader: test.' });
    expect(get().compiling).toBeNull();
  });

  it('starts anew where the setup was edited since', async () => {
    const { lab, last, state, get } = await bench();
    const prepared = last('start')?.runId;
    lab.change((setup) => setValue(setup, 'seed', 5));
    lab.train();
    const run = last('start');
    expect(run?.runId).not.toBe(prepared);
    expect(run?.spec.seed).toBe(5);
    state(run?.runId ?? '', 'preparing');
    expect(last('resume')?.runId).toBe(run?.runId);
    expect(get().order).toEqual([run?.runId]);
  });

  it('takes changes of the setup back and does them again, and looks at another one that comes back', async () => {
    const { lab, last, state, get } = await bench();
    const first = get().setup;
    lab.change((setup) => setValue(setup, 'seed', 5));
    const second = get().setup;
    lab.train();
    expect(get().activeId).not.toBeNull();
    lab.undo();
    expect(get().setup).toBe(first);
    expect(get().activeId).not.toBeNull();
    lab.redo();
    expect(get().setup).toBe(second);
    lab.change((setup) => setValue(setup, 'seed', -1));
    expect(get().problem?.where).toBe('seed');
    lab.undo();
    expect(get().problem).toBeNull();
    state(last('start')?.runId ?? '', 'paused');
    lab.open((setup) => chooseWorld(setup, 'bins', CATALOGUE));
    lab.look(get().order[0] ?? null);
    lab.undo();
    expect(get().setup?.draft.world.id).toBe('sums');
    expect(get().activeId).toBeNull();
  });

  it('does not train a setup with something wrong in it, and says where', async () => {
    const { lab, last, get } = await bench();
    lab.change((setup) => setValue(setup, 'seed', -1));
    lab.train();
    expect(last('resume')).toBeUndefined();
    expect(get().problem?.where).toBe('seed');
  });

  it('goes on with a paused run, and starts another once the setup is another', async () => {
    const { lab, sent, last, state, step, get } = await bench();
    lab.train();
    const first = get().activeId ?? '';
    state(first, 'running');
    step(first, 7);
    lab.pause();
    expect(last('pause')?.runId).toBe(first);
    state(first, 'paused');
    lab.train();
    expect(sent.filter((message) => message.type === 'resume').map((message) => message.runId)).toEqual([first, first]);
    state(first, 'paused');
    lab.change((setup) => setValue(setup, 'seed', 9));
    lab.train();
    expect(get().order).toHaveLength(2);
    expect(get().activeId).not.toBe(first);
  });

  it('says nothing more while a stop is not answered', async () => {
    const { lab, sent, state, get } = await bench();
    lab.train();
    const run = get().activeId ?? '';
    state(run, 'running');
    lab.reset();
    lab.train();
    expect(sent.at(-1)).toEqual({ type: 'stop', runId: run });
    state(run, 'stopped');
    expect(sent.at(-1)?.type).toBe('start');
    expect(get().runs[run]?.state).toBe('stopped');
  });

  it('goes on from the last checkpoint after the device was lost', async () => {
    const { lab, sent, listeners, say, state, step, isReady, last, get } = await bench();
    lab.train();
    const run = get().activeId ?? '';
    state(run, 'running');
    step(run, 20);
    const spec = last('start')?.spec as RunSpec;
    say({ type: 'event', runId: run, event: { type: 'checkpoint', checkpoint: checkpoint(spec, 12) } });
    say({ type: 'fatal', kind: 'device-lost', message: 'gone' });
    expect(get().engine).toEqual({ phase: 'failed', kind: 'device-lost', message: 'gone' });
    expect(get().runs[run]?.state).toBe('failed');
    lab.restart();
    expect(listeners).toHaveLength(2);
    await isReady();
    expect(sent.at(-1)).toMatchObject({ type: 'start', runId: run, paused: false, from: { step: 12 } });
    expect(lab.recordings.get(run)?.step).toBe(12);
  });

  it('says so when the worker does not start', async () => {
    const { listeners, get } = await bench();
    listeners.at(-1)?.onCrash('no script');
    expect(get().engine).toMatchObject({ phase: 'failed', message: 'no script' });
  });

  it('brings a deleted run back for a while', async () => {
    const { lab, state, get } = await bench();
    lab.train();
    const run = get().activeId ?? '';
    state(run, 'paused');
    lab.library.remove(run);
    expect(get().order).toEqual([]);
    get().notices[0]?.action?.run();
    expect(get().order).toEqual([run]);
    expect(get().notices).toEqual([]);
    lab.library.remove(run);
    await vi.advanceTimersByTimeAsync(11_000);
    expect(get().notices).toEqual([]);
    expect(lab.recordings.get(run)).toBeUndefined();
  });

  it('queues the runs of a plan, of one arm and one colour, and stops with the run that the reader stops', async () => {
    const { lab, state, get } = await bench();
    lab.setPlan({ seeds: 3, sweeps: [] });
    lab.train();
    const runs = () => get().order.map((id) => get().runs[id]);
    expect(runs()).toHaveLength(1);
    state(get().order[0] ?? '', 'finished');
    await vi.advanceTimersByTimeAsync(1000);
    expect(runs().map((run) => [run?.spec.seed, run?.accent, run?.visible])).toEqual([
      [0, 0, true],
      [1, 0, true],
    ]);
    expect(get().activeId).toBe(get().order[1]);
    state(get().order[1] ?? '', 'running');
    lab.reset();
    state(get().order[1] ?? '', 'stopped');
    await vi.advanceTimersByTimeAsync(1000);
    expect(runs()).toHaveLength(2);
    expect(runs()[1]?.state).toBe('stopped');
    expect(get().queue).toMatchObject({ phase: 'paused', because: 'stopped', items: [{ state: 'done' }, { state: 'queued' }] });
  });

  it('pauses the queue with the run on show, trains another beside it, and goes on', async () => {
    const { lab, sent, state, get, last } = await bench();
    lab.setPlan({ seeds: 2, sweeps: [] });
    lab.train();
    const first = get().order[0] ?? '';
    state(first, 'running');
    lab.pause();
    state(first, 'paused');
    expect(get().queue.phase).toBe('paused');
    lab.setPlan({ seeds: 1, sweeps: [] });
    lab.look(null);
    lab.train();
    const own = get().activeId ?? '';
    state(first, 'stopped');
    expect(get().runs[first]?.state).toBe('paused');
    state(own, 'running');
    const starts = () => sent.filter(({ type }) => type === 'start').length;
    const before = starts();
    lab.resume(first);
    expect(starts()).toBe(before);
    state(own, 'finished');
    await vi.advanceTimersByTimeAsync(1000);
    expect(last('start')?.runId).toBe(first);
    expect(get().queue.items.map((item) => item.state)).toEqual(['running', 'queued']);
  });

  it('puts what is trained meanwhile at the end of the queue, and asks before very many', async () => {
    const { lab, get } = await bench();
    lab.setPlan({ seeds: 2, sweeps: [] });
    lab.train();
    lab.look(null);
    lab.setPlan({ seeds: 1, sweeps: [] });
    lab.train();
    expect(get().queue.items).toHaveLength(3);
    const [one] = get().queue.items;
    const many = Array.from({ length: 201 }, () => one).flatMap((item) => item ?? []);
    lab.enqueue(many);
    expect(get().asked).toHaveLength(201);
    lab.answerAsked(false);
    expect([get().asked, get().queue.items.length]).toEqual([null, 3]);
    lab.enqueue(many);
    lab.answerAsked(true);
    expect(get().queue.items).toHaveLength(204);
  });

  it('marks the field that the worker refuses', async () => {
    const { say, last, get } = await bench();
    say({ type: 'failed', runId: last('start')?.runId ?? '', kind: 'bad-spec', message: 'world.params.dataset: load a file first' });
    expect(get().problem).toEqual({ where: 'world.params.dataset', what: 'load a file first' });
  });
});

describe('code that has not been allowed', () => {
  const OWN = 'export const mine = 1;';

  it('is neither prepared nor trained before the reader has read it; then it trains', async () => {
    const { lab, sent, last, get } = await bench();
    const { catalogue } = get();
    const [first] = catalogue?.objectives ?? [];
    if (catalogue === null || first === undefined) throw new Error('no catalogue');
    const mine = { ...first, id: 'own/mine', source: OWN };
    lab.store.setState({ catalogue: { ...catalogue, objectives: [...catalogue.objectives, mine] } });
    const before = sent.length;
    lab.change((setup) => setValue(setValue(setup, 'stages[0].objective.id', 'own/mine'), 'stages[0].objective.source', OWN));
    await vi.advanceTimersByTimeAsync(1000);
    expect(get().problem).toBeNull();
    lab.train();
    expect(sent.slice(before).filter(({ type }) => type !== 'stop')).toEqual([]);
    expect(get().review).toEqual([{ kind: 'objective', id: 'own/mine', source: OWN }]);
    lab.answer(false);
    lab.step();
    expect(get().review).toHaveLength(1);
    expect(get().order).toEqual([]);
    lab.answer(true);
    expect(last('start')?.spec.stages[0]?.objective.source).toBe(OWN);
    expect(get().order).toHaveLength(1);
  });
});
