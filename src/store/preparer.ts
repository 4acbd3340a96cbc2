/** Prepares the setup in the worker while no run is on show: its start can be seen, and Train is instant. */
import type { RunSpec } from '../core/spec';
import { canonical } from './arms';
import { checkDraft, isAnyEdited, type Setup } from './draft';
import type { Engine } from './engine';
import { accentFor } from './library';
import type { Run } from './run';
import type { LabStore } from './state';

/** How long the setup must rest before it is prepared. */
const REST_MS = 300;

export interface Preparer {
  /** Prepares the setup after it has rested for a while. */
  schedule(restMs?: number): void;
  /** Forgets what is prepared. */
  drop(): void;
  /** Hands out the present setup as a run that takes no step yet; null where the setup cannot be run. */
  take(): Run | null;
}

/** @param allows whether all code in a spec may run; what may not is not prepared either */
export function createPreparer(store: LabStore, engine: Engine, allows: (spec: RunSpec) => boolean): Preparer {
  let timer: ReturnType<typeof setTimeout> | null = null;

  const drop = (): void => {
    if (timer !== null) clearTimeout(timer);
    const { preview } = store.getState();
    if (preview === null) return;
    store.setState({ preview: null });
    engine.discard(preview.id);
  };

  const prepare = (): void => {
    const { engine: worker, activeId, runs, preview, setup, queue } = store.getState();
    const spec = currentSpec(store);
    if (worker.phase !== 'ready' || activeId !== null || spec === null || !allows(spec)) return;
    if (queue.phase === 'running') return;
    // Preparing would end a run that trains in the background, or that is being stopped with its last checkpoint.
    if (Object.values(runs).some((run) => run.state === 'running' || run.state === 'preparing')) return;
    // One preparation at a time: when it is done, the store changes, and the next has its turn.
    if (preview?.state === 'preparing') return;
    if (preview !== null && sameSpec(preview.spec, spec)) return;
    drop();
    const run = engine.prepare(spec, originOf(setup));
    store.setState((state) => ({ preview: { ...run, accent: accentFor(run, state) } }));
  };

  return {
    schedule(restMs = REST_MS) {
      if (timer !== null) clearTimeout(timer);
      timer = setTimeout(prepare, restMs);
    },
    drop,
    take() {
      const spec = currentSpec(store);
      if (spec === null) return null;
      const { preview, setup } = store.getState();
      if (preview !== null && preview.state !== 'failed' && engine.holds(preview.id) && sameSpec(preview.spec, spec)) {
        store.setState({ preview: null });
        return { ...preview, origin: originOf(setup) };
      }
      drop();
      return engine.prepare(spec, originOf(setup));
    },
  };
}

/** The spec that the setup stands for; null while something is wrong with it. */
export function currentSpec(store: LabStore): RunSpec | null {
  const { setup, catalogue } = store.getState();
  return setup === null || catalogue === null ? null : checkDraft(setup.draft, catalogue).spec;
}

/** Whether two resolved specs ask for the same run. */
export const sameSpec = (a: RunSpec, b: RunSpec): boolean => canonical(a) === canonical(b);

/** The experiment's arm that a setup was opened from. */
export const originOf = (setup: Setup | null): Run['origin'] => (setup?.opened ? { ...setup.opened, edited: isAnyEdited(setup) } : null);
