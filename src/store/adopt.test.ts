import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { WorkerListener } from '../worker/client';
import type { RunState, ToWorker } from '../worker/protocol';
import { CATALOGUE } from './catalogue.fixture';
import { chooseObjective, chooseWorld, entryOf } from './draft';
import { createLab } from './lab';
import { openLink, queryOf } from './link';
import { NO_VIEW } from './link-view';
import { FIRST_VIEWS } from './views';

const DEVICE = { backend: 'webgpu', name: 'test', fallbackReason: null, software: false } as const;
const DPO = entryOf(CATALOGUE.objectives, 'dpo');

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A lab on sums whose worker is played by the test, and whose browser keeps nothing. */
async function bench() {
  const sent: ToWorker[] = [];
  const listeners: WorkerListener[] = [];
  const lab = createLab({
    connect: (listener) => {
      listeners.push(listener);
      const answer = (runId: string, state: RunState): void => {
        setTimeout(() => listener.onMessage({ type: 'state', runId, state }), 1);
      };
      const send = (message: ToWorker): void => {
        sent.push(message);
        if (message.type === 'start') answer(message.runId, 'preparing');
        if (message.type === 'stop') answer(message.runId, 'stopped');
      };
      return { send, close: () => undefined };
    },
    openDatabase: () => Promise.reject(new Error('none')),
    now: () => 0,
  });
  await lab.boot();
  listeners.at(-1)?.onMessage({ type: 'ready', catalogue: CATALOGUE, device: DEVICE });
  await vi.advanceTimersByTimeAsync(1000);
  lab.open((setup) => chooseWorld(setup, 'sums', CATALOGUE));
  return { lab, sent, get: lab.store.getState };
}

type Bench = Awaited<ReturnType<typeof bench>>;

/** The address of a setup with an objective of the author's own. */
async function written(): Promise<string> {
  const { lab, get } = await bench();
  lab.own.copy('objective', DPO, 'stages[0].objective');
  lab.own.keep('own/my-dpo', 'the author’s code', { ...DPO, source: 'the author’s code' });
  lab.own.use('own/my-dpo', 'stages[0].objective');
  const { setup, catalogue } = get();
  if (setup === null || catalogue === null) throw new Error('no setup');
  return queryOf({ setup, smoothing: 0, charts: FIRST_VIEWS.lab }, NO_VIEW, catalogue, []);
}

function open({ lab, get }: Bench, query: string): readonly string[] {
  const { catalogue } = get();
  if (catalogue === null) throw new Error('no catalogue');
  const adopt = (draft: Parameters<typeof lab.own.adopt>[0]) => ({ id: lab.own.adopt(draft), catalogue: get().catalogue ?? catalogue });
  const { setup, problems } = openLink(new URLSearchParams(query), { catalogue, experiments: [], adopt });
  if (setup !== null) lab.open(() => setup);
  return problems;
}

const sources = (sent: readonly ToWorker[]): string => JSON.stringify(sent);

it('code that came with a link is in the setup, and never reaches the worker before the reader has allowed it', async () => {
  const query = await written();
  const reader = await bench();
  expect(open(reader, query)).toEqual([]);
  expect(reader.get().setup?.draft.stages[0]?.objective).toMatchObject({ id: 'own/my-dpo', source: 'the author’s code' });
  expect(reader.get().problem).toBeNull();
  await vi.advanceTimersByTimeAsync(5000);
  expect(await reader.lab.own.check('objective', 'the author’s code')).toBeNull();
  reader.lab.train();
  reader.lab.step();
  await vi.advanceTimersByTimeAsync(5000);
  expect(reader.get().review).toEqual([{ kind: 'objective', id: 'own/my-dpo', source: 'the author’s code' }]);
  expect(sources(reader.sent)).not.toContain('the author’s code');
  reader.lab.answer(true);
  await vi.advanceTimersByTimeAsync(1000);
  expect(sources(reader.sent)).toContain('the author’s code');
});

it('the same code is taken in once; another under its name gets another name', async () => {
  const query = await written();
  const reader = await bench();
  open(reader, query);
  open(reader, query);
  expect(reader.get().drafts.map(({ id }) => id)).toEqual(['own/my-dpo']);
  const other = await bench();
  other.lab.own.copy('objective', DPO, 'stages[0].objective');
  other.lab.own.keep('own/my-dpo', 'something else', { ...DPO, source: 'something else' });
  open(other, query);
  expect(other.get().setup?.draft.stages[0]?.objective).toMatchObject({ id: 'own/my-dpo-2', source: 'the author’s code' });
});

it('a link without code leaves the drafts alone', async () => {
  const reader = await bench();
  const setup = chooseObjective(
    chooseWorld(reader.get().setup as NonNullable<ReturnType<Bench['get']>['setup']>, 'sums', CATALOGUE),
    0,
    'dpo',
    CATALOGUE,
  );
  open(reader, queryOf({ setup, smoothing: 0, charts: FIRST_VIEWS.lab }, NO_VIEW, CATALOGUE, []));
  expect(reader.get().drafts).toEqual([]);
  expect(reader.get().setup?.draft.stages[0]?.objective.id).toBe('dpo');
});
