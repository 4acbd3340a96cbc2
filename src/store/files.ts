/** The reader's own file: read, kept, sent to the worker, and put into the setup. */
import type { DataKind } from '../core/catalogue';
import type { DatasetKind } from '../core/world';
import type { DatasetReport } from '../worker/protocol';
import { chooseObjective, chooseWorld, type Setup } from './draft';
import { setAt } from './path';
import { type LabDatabase, loadFile, saveFile } from './persist';
import type { LabStore } from './state';

/** Larger files are refused before they are read: the tab would run out of memory. */
const LARGEST_FILE = 64_000_000;

export interface Files {
  /** Reads a file and hands it to the worker; the report comes later. */
  read(file: File): Promise<void>;
  /** Hands the kept file to a new worker. */
  resend(): Promise<void>;
  onReport(report: DatasetReport): void;
}

export interface FilesNeeds {
  readonly store: LabStore;
  readonly send: (name: string, bytes: ArrayBuffer) => void;
  readonly change: (step: (setup: Setup) => Setup) => void;
  readonly database: () => LabDatabase | null;
}

export function createFiles({ store, send, change, database }: FilesNeeds): Files {
  /** The bytes at hand, in case the storage cannot keep them. */
  let kept: { readonly name: string; readonly bytes: ArrayBuffer } | null = null;
  let resending = false;

  const refuse = (name: string, error: string): void => {
    const report = { id: '', name, kind: null, rows: 0, vocabSize: 0, problems: [], problemCount: 0, error, preview: [] };
    store.setState({ file: { phase: 'read', report } });
  };

  return {
    async read(file) {
      if (file.size > LARGEST_FILE) {
        refuse(file.name, `The file has ${Math.round(file.size / 1e6)} MB; the lab takes up to ${LARGEST_FILE / 1e6} MB.`);
        return;
      }
      store.setState({ file: { phase: 'reading' } });
      try {
        kept = { name: file.name, bytes: await file.arrayBuffer() };
      } catch {
        refuse(file.name, 'The file could not be read. It may have been moved, or the browser may not open it.');
        return;
      }
      resending = false;
      send(kept.name, kept.bytes.slice(0));
    },
    async resend() {
      const db = database();
      try {
        kept ??= (db === null ? undefined : await loadFile(db)) ?? null;
      } catch {
        // The storage's own state is told elsewhere; without the file its world simply asks for one.
        return;
      }
      if (kept === null) return;
      resending = true;
      send(kept.name, kept.bytes.slice(0));
    },
    onReport(report) {
      store.setState({ file: { phase: 'read', report } });
      if (report.error !== null || resending) return;
      const db = database();
      // A file that the storage has no room for is simply asked for again after a reload.
      if (db !== null && kept !== null) saveFile(db, kept.name, kept.bytes).catch(() => undefined);
      const { catalogue } = store.getState();
      if (catalogue === null) return;
      change((setup) => {
        const world = fileWorld(setup, catalogue.worlds);
        if (world === undefined) return setup;
        let next = setup.draft.world.id === world.id ? setup : chooseWorld(setup, world.id, catalogue);
        next = withDataset(next, report.id);
        const learnable = report.kind === null ? [] : LEARNS_FROM[report.kind];
        const present = catalogue.objectives.find((entry) => entry.id === next.draft.stages[0]?.objective.id);
        if (present !== undefined && learnable.includes(present.data)) return next;
        const better = catalogue.objectives.find((entry) => entry.data === learnable[0]);
        return better === undefined ? next : chooseObjective(next, 0, better.id, catalogue);
      });
    },
  };
}

/** Kinds of examples that a file holds, the natural one first. */
const LEARNS_FROM: Record<DatasetKind, readonly DataKind[]> = {
  'language-modeling': ['demonstrations'],
  'prompt-completion': ['demonstrations'],
  preference: ['preferences', 'unpaired', 'demonstrations'],
  unpaired: ['unpaired', 'demonstrations'],
  'prompt-only': ['rollouts'],
};

/** The parameter that holds the id of a loaded file. */
export const DATASET_PARAM = 'dataset';

const fileWorld = <W extends { readonly id: string; readonly params: object }>(setup: Setup, worlds: readonly W[]): W | undefined =>
  worlds.find((world) => world.id === setup.draft.world.id && DATASET_PARAM in world.params) ??
  worlds.find((world) => DATASET_PARAM in world.params);

/** A file is what the setup is about, not an edit of it: a reset leaves it. */
const withDataset = (setup: Setup, id: string): Setup => {
  const path = `world.params.${DATASET_PARAM}`;
  return { ...setup, draft: setAt(setup.draft, path, id), baseline: setAt(setup.baseline, path, id) };
};
