import { expect, it } from 'vitest';
import { NO_QUEUE, type QueueItem } from './queue-items';
import type { Run } from './run';
import { neededCheckpoints } from './storage';

const run = (id: string, state: Run['state']): Run => ({ id, state, failure: null, checkpointStep: 5, totalSteps: 9 }) as Run;
const runs = {
  paused: run('paused', 'paused'),
  interrupted: run('interrupted', 'interrupted'),
  stopped: run('stopped', 'stopped'),
  finished: { ...run('finished', 'finished'), checkpointStep: 9 },
};

it('where room has to be made, what can be gone on with keeps its checkpoint: in progress, in the queue, or on show', () => {
  const needed = (activeId: string | null, queue = NO_QUEUE) => neededCheckpoints({ runs, activeId, queue });
  expect(needed(null)).toEqual(['paused']);
  // As after a reload, when the page offers to go on with it.
  expect(needed('interrupted')).toEqual(['paused', 'interrupted']);
  // There is nothing left of it to be trained.
  expect(needed('finished')).toEqual(['paused']);
  const item = (runId: string, state: QueueItem['state']) => ({ runId, state }) as QueueItem;
  const items = [item('stopped', 'paused'), item('paused', 'running'), item('finished', 'done')];
  expect(needed(null, { ...NO_QUEUE, items })).toEqual(['stopped', 'paused']);
});
