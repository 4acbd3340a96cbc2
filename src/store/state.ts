/** The part of the lab's state that React draws. Curves, frames and step counters lie in the recordings instead. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Catalogue } from '../core/catalogue';
import type { FailureKind } from '../core/events';
import type { OwnSource } from '../core/own';
import type { DatasetReport, DeviceInfo } from '../worker/protocol';
import type { Problem, Setup } from './draft';
import type { OwnDraft } from './own-drafts';
import { NO_PLAN, type Plan, type PlannedRun } from './plan';
import { NO_QUEUE, type QueueState } from './queue-items';
import type { Compiling, Run } from './run';
import type { StorageState } from './saver';
import { type History, NO_HISTORY } from './undo';

export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly action: { readonly label: string; readonly run: () => void } | null;
}

export interface LabState {
  /** The worker: starting, at work, or unable to go on. */
  readonly engine:
    | { readonly phase: 'starting' | 'ready' }
    | { readonly phase: 'failed'; readonly kind: FailureKind; readonly message: string };
  readonly catalogue: Catalogue | null;
  readonly device: DeviceInfo | null;
  readonly memoryBytes: number | null;
  /** The run whose shaders are being compiled, and how far that is; null where none are. */
  readonly compiling: ({ readonly runId: string } & Compiling) | null;
  /** Null until the catalogue is known. */
  readonly setup: Setup | null;
  readonly problem: Problem | null;
  /** The way back through the setup. */
  readonly history: History;
  /** The reader's own objectives and rewards, the oldest first. */
  readonly drafts: readonly OwnDraft[];
  /** The draft in the editor, and the place in the setup that it is for; null while the editor is closed. */
  /** Code that the reader has to read and allow before it runs; null where there is none to be read. */
  readonly review: readonly OwnSource[] | null;
  readonly editing: { readonly id: string; readonly place: string } | null;
  readonly runs: Readonly<Record<string, Run>>;
  /** Run ids, the oldest first. */
  readonly order: readonly string[];
  /** The run that is looked at; null shows the setup as it would start. */
  readonly activeId: string | null;
  /** The seeds and sweeps that Train makes runs of. */
  readonly plan: Plan;
  readonly queue: QueueState;
  /** So many runs that the reader is asked first; null where there is nothing to ask. */
  readonly asked: readonly PlannedRun[] | null;
  /** The setup prepared in the worker and waiting for its first step. */
  readonly preview: Run | null;
  readonly file: { readonly phase: 'none' | 'reading' } | { readonly phase: 'read'; readonly report: DatasetReport };
  readonly storage: StorageState;
  readonly notices: readonly Notice[];
  /** Weight of the past in the smoothed curves, in [0, 1). */
  readonly smoothing: number;
}

export type LabStore = StoreApi<LabState>;

export const createLabStore = (): LabStore =>
  createStore<LabState>(() => ({
    engine: { phase: 'starting' },
    catalogue: null,
    device: null,
    memoryBytes: null,
    compiling: null,
    setup: null,
    problem: null,
    history: NO_HISTORY,
    drafts: [],
    review: null,
    editing: null,
    runs: {},
    order: [],
    activeId: null,
    plan: NO_PLAN,
    queue: NO_QUEUE,
    asked: null,
    preview: null,
    file: { phase: 'none' },
    storage: 'opening',
    notices: [],
    smoothing: 0,
  }));

/** The run on show: the active one, else the prepared setup. */
export const shownRun = (state: LabState): Run | null => (state.activeId === null ? state.preview : state.runs[state.activeId]) ?? null;

/** Changes a listed run or the preview; unknown ids are ignored. */
export function patchRun(store: LabStore, id: string, fields: Partial<Run>): void {
  store.setState((state) => {
    if (state.preview?.id === id) return { preview: { ...state.preview, ...fields } };
    const run = state.runs[id];
    return run === undefined ? {} : { runs: { ...state.runs, [id]: { ...run, ...fields } } };
  });
}

let noticeCount = 0;

/** Shows a sentence with something to do about it; returns its id. */
export function addNotice(store: LabStore, text: string, action: Notice['action'] = null): number {
  noticeCount += 1;
  const id = noticeCount;
  store.setState((state) => ({ notices: [...state.notices.slice(-2), { id, text, action }] }));
  return id;
}

export const removeNotice = (store: LabStore, id: number): void =>
  store.setState((state) => ({ notices: state.notices.filter((notice) => notice.id !== id) }));
