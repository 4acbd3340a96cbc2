/** Two runs one after the other, so that a change and what it was made to stand in the same charts. */
import type { RunSpec } from '../core/spec';
import { sameSpec } from './preparer';
import type { Queue } from './queue';
import type { Run } from './run';
import { addNotice, type LabStore, removeNotice } from './state';

export interface Pair {
  /**
   * Trains the first spec to its end, then the second, before anything else that waits. Where a finished run of the first is listed,
   * that is shown instead. The reader takes over by stopping or deleting the first.
   */
  start(first: RunSpec, second: RunSpec, origin: Run['origin']): void;
}

export interface PairNeeds {
  readonly store: LabStore;
  readonly queue: Pick<Queue, 'add' | 'cancel'>;
  readonly show: (runId: string, visible: boolean) => void;
}

export function createPair({ store, queue, show }: PairNeeds): Pair {
  return {
    start(first, second, origin) {
      const copy = { spec: second, origin, label: 'The copy' };
      const { runs, order } = store.getState();
      const done = order.findLast((id) => runs[id]?.state === 'finished' && sameSpec((runs[id] as Run).spec, first));
      if (done !== undefined) {
        queue.add([copy], { first: true });
        show(done, true);
        return;
      }
      const [, copyId = ''] = queue.add([{ spec: first, origin, label: 'The original' }, copy], { first: true, tied: true });
      const notice = addNotice(store, 'The original trains first; the copy follows with the same seed.', {
        label: 'Only the original',
        run: () => queue.cancel([copyId]),
      });
      const unsubscribe = store.subscribe(({ queue: { items } }) => {
        if (items.find(({ id }) => id === copyId)?.state === 'queued') return;
        unsubscribe();
        removeNotice(store, notice);
      });
    },
  };
}
