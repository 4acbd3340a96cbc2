/** The reader's own file: read, kept, sent to the worker, and put into the setup. */
import type { DataKind } from '../core/catalogue';
import { ownSources } from '../core/own';
import type { RunSpec } from '../core/spec';
import type { DatasetKind } from '../core/world';
import type { DatasetReport } from '../worker/protocol';
import { chooseObjective, chooseWorld, type Setup } from './draft';
import { setAt } from './path';
import { adoptFile, isFull, type LabDatabase, loadFile, type StoredFile, saveFile, storedFile } from './persist';
import { addNotice, type LabStore } from './state';

/** Larger files are refused before they are read: the tab would run out of memory. */
const LARGEST_FILE = 64_000_000;

export interface Files {
  /** Reads a file and hands it to the worker; the report comes later. */
  read(file: File): Promise<void>;
  /** Hands the kept file to a new worker. */
  resend(): Promise<void>;
  onReport(report: DatasetReport): void;
  /** Keeps a file that came with a run and hands it to the worker, beside the reader's own. */
  adopt(id: string, file: StoredFile): Promise<void>;
  /** Sees to it that the worker has the file that a run learns from; false where nobody has it. */
  ensure(spec: RunSpec): Promise<boolean>;
  /** The file of a run, where it is at hand. */
  of(spec: RunSpec): Promise<{ readonly id: string; readonly file: StoredFile | null } | null>;
}

/** The id of the file that a spec names; null where its world needs none. */
export function fileOf({ world }: RunSpec): string | null {
  const id = world.params[DATASET_PARAM];
  return typeof id === 'string' && id !== '' ? id : null;
}

export interface FilesNeeds {
  readonly store: LabStore;
  readonly send: (name: string, bytes: ArrayBuffer) => void;
  readonly change: (step: (setup: Setup) => Setup) => void;
  readonly database: () => LabDatabase | null;
}

export function createFiles({ store, send, change, database }: FilesNeeds): Files {
  /** The bytes at hand, in case the storage cannot keep them. */
  let kept: StoredFile | null = null;
  /** Files that came with runs, by id. */
  const adopted = new Map<string, StoredFile>();
  /** What the worker has been sent and has not reported on yet: only what the reader reads changes the setup. */
  const awaited: { readonly why: 'read' | 'resent' | 'adopted'; readonly file: StoredFile }[] = [];
  /** Ids of the files that the worker has. */
  const held = new Set<string>();
  let present = '';

  const hand = (file: StoredFile, why: (typeof awaited)[number]['why']): void => {
    awaited.push({ why, file });
    send(file.name, file.bytes.slice(0));
  };

  const find = async (id: string): Promise<StoredFile | null> => {
    if (id === present && kept !== null) return kept;
    const db = database();
    return adopted.get(id) ?? (db === null ? null : ((await storedFile(db, id).catch(() => undefined)) ?? null));
  };

  const refuse = (name: string, error: string): void => {
    const report = { id: '', name, kind: null, rows: 0, vocabSize: 0, problems: [], problemCount: 0, error, preview: [] };
    store.setState({ file: { phase: 'read', report } });
  };

  const sayNoRoom = (name: string): number =>
    addNotice(store, `The browser has no room left to keep ${name}: it is here until the page closes, and then has to be opened again.`);

  return {
    async read(file) {
      if (file.size > LARGEST_FILE) {
        refuse(file.name, `The file has ${Math.round(file.size / 1e6)} MB; the lab takes up to ${LARGEST_FILE / 1e6} MB.`);
        return;
      }
      store.setState({ file: { phase: 'reading' } });
      try {
        hand({ name: file.name, bytes: await file.arrayBuffer() }, 'read');
      } catch {
        refuse(file.name, 'The file could not be read. It may have been moved, or the browser may not open it.');
      }
    },
    async resend() {
      const db = database();
      awaited.length = 0;
      held.clear();
      try {
        kept ??= (db === null ? undefined : await loadFile(db)) ?? null;
      } catch {
        // The storage's own state is told elsewhere; without the file its world simply asks for one.
        return;
      }
      if (kept === null) return;
      hand(kept, 'resent');
    },
    onReport(report) {
      const answered = awaited.shift();
      if (report.error === null) held.add(report.id);
      if (answered === undefined || answered.why === 'adopted') return;
      store.setState({ file: { phase: 'read', report } });
      if (report.error !== null) return;
      present = report.id;
      kept = answered.file;
      if (answered.why === 'resent') return;
      const db = database();
      const used = new Set(Object.values(store.getState().runs).flatMap(({ spec }) => fileOf(spec) ?? []));
      // A file that could not be stored is simply asked for again after a reload.
      if (db !== null) saveFile(db, report.id, kept, used).catch((error) => isFull(error) && sayNoRoom(report.name));
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
    async adopt(id, file) {
      adopted.set(id, file);
      const db = database();
      if (db !== null) await adoptFile(db, id, file).catch(() => undefined);
      if (!held.has(id)) hand(file, 'adopted');
    },
    async ensure(spec) {
      const id = fileOf(spec);
      // A worker for code of the reader's own has only the file that was sent last.
      if (id === null || (held.has(id) && ownSources(spec).length === 0)) return true;
      const file = await find(id);
      if (file !== null) hand(file, 'adopted');
      return file !== null;
    },
    async of(spec) {
      const id = fileOf(spec);
      return id === null ? null : { id, file: await find(id) };
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
