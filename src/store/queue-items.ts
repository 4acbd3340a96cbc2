/** The queue as plain data: what waits, and which is next. */
import { renewed } from '../core/spec';
import type { PlannedRun } from './plan';
import type { Run } from './run';

export type QueueItemState = 'queued' | 'running' | 'paused' | 'done' | 'failed';

export interface QueueItem extends PlannedRun {
  readonly id: string;
  /** The listed run, once it has begun. */
  readonly runId: string | null;
  readonly state: QueueItemState;
  /** Items that make sense together only: where the reader stops one of them, those that have not begun go too. */
  readonly tied: string | null;
}

export interface QueueState {
  readonly items: readonly QueueItem[];
  /** Each run to its end, or several in turns, so that their curves grow together. */
  readonly order: 'one-by-one' | 'interleaved';
  /** `idle`: nothing waits. */
  readonly phase: 'idle' | 'running' | 'paused';
  /** Why it is paused where the reader has not asked for it. */
  readonly because: 'reload' | 'device' | 'other-run' | 'stopped' | null;
}

export const NO_QUEUE: QueueState = { items: [], order: 'one-by-one', phase: 'idle', because: null };

/** Runs that take turns; the others wait until one of these is done, so that memory stays what it is. */
export const IN_TURNS = 12;
/** Turns that a run has; each ends with a checkpoint. */
const TURNS = 10;

export const isOpen = ({ state }: QueueItem): boolean => state !== 'done' && state !== 'failed';

/** Steps of one turn. */
export const stepsOfTurn = (total: number): number => Math.max(1, Math.ceil(total / TURNS));

/** The item whose turn it is: the first one, or of those that take turns the one that has come least far. Null where none waits. */
export function nextItem({ items, order }: QueueState, share: (item: QueueItem) => number): QueueItem | null {
  const open = items.filter(isOpen);
  if (order === 'one-by-one') return open[0] ?? null;
  return open
    .slice(0, IN_TURNS)
    .reduce<QueueItem | null>((least, item) => (least === null || share(item) < share(least) ? item : least), null);
}

/** A stored queue as it is after a reload: nothing trains, and it goes on when the reader says so. */
export function revived(stored: unknown, runs: Readonly<Record<string, Run>>): QueueState {
  const { items, order } = { ...NO_QUEUE, ...(stored as Partial<QueueState> | undefined) };
  const kept = items
    .filter(({ runId }) => runId === null || runs[runId] !== undefined)
    .map((item): QueueItem => ({ ...item, spec: renewed(item.spec), ...(item.state === 'running' ? { state: 'paused' } : {}) }));
  const waits = kept.some(isOpen);
  return { items: kept, order, phase: waits ? 'paused' : 'idle', because: waits ? 'reload' : null };
}
