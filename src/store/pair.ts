/** Two runs one after the other, so that a change and what it was made to stand in the same charts. */
import type { RunSpec } from '../core/spec';
import { sameSpec } from './preparer';
import type { Run } from './run';
import { addNotice, type LabStore, removeNotice } from './state';

export interface Pair {
  /**
   * Trains the first spec to its end, then the second. Where a finished run of the first is listed, that is shown instead
   * and the second starts at once. The reader takes over by stopping or deleting the first.
   */
  start(first: RunSpec, second: RunSpec, origin: Run['origin']): void;
}

export interface PairNeeds {
  readonly store: LabStore;
  /** Lists and trains a run; returns its id. */
  readonly start: (spec: RunSpec, origin: Run['origin']) => string;
  readonly show: (runId: string, visible: boolean) => void;
}

export function createPair({ store, start, show }: PairNeeds): Pair {
  let waiting: { readonly after: string; readonly second: RunSpec; readonly origin: Run['origin']; readonly notice: number } | null = null;

  const drop = (): void => {
    if (waiting !== null) removeNotice(store, waiting.notice);
    waiting = null;
  };

  const goOn = (): void => {
    if (waiting === null) return;
    const { after, second, origin } = waiting;
    const { runs, engine } = store.getState();
    const state = runs[after]?.state;
    if (state === 'preparing' || state === 'running' || state === 'paused') return;
    drop();
    // A run that diverged is worth comparing with too.
    if (engine.phase === 'ready' && (state === 'finished' || state === 'failed')) start(second, origin);
  };
  store.subscribe((state, before) => {
    // Not from inside the change itself: others have yet to hear of it.
    if (waiting !== null && state.runs !== before.runs) queueMicrotask(goOn);
  });

  return {
    start(first, second, origin) {
      drop();
      const { runs, order } = store.getState();
      const done = order.findLast((id) => runs[id]?.state === 'finished' && sameSpec((runs[id] as Run).spec, first));
      if (done !== undefined) {
        start(second, origin);
        show(done, true);
        return;
      }
      const after = start(first, origin);
      const name = store.getState().runs[after]?.name ?? '';
      const notice = addNotice(store, `${name}, the original, trains first; the copy follows with the same seed.`, {
        label: 'Only the original',
        run: drop,
      });
      waiting = { after, second, origin, notice };
    },
  };
}
