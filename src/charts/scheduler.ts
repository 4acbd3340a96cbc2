/**
 * Decides when what has changed is drawn again: nothing more than ten times a second, one thing after another in short
 * frames, and all together within a share of the main thread, so that the page stays quick on a slow machine.
 */

export interface Drawing {
  /** Says that there is something new to draw. */
  invalidate(): void;
  dispose(): void;
}

export interface Scheduler {
  /** Registers a drawing; `draw` must do its work before it returns. */
  add(draw: () => void): Drawing;
}

export interface SchedulerNeeds {
  /** Milliseconds that only grow. */
  readonly now: () => number;
  /** Calls back before the next frame. */
  readonly nextFrame: (callback: () => void) => void;
}

interface Entry {
  readonly draw: () => void;
  dirty: boolean;
  drawnAt: number;
  /** Running mean of the time that it takes. */
  cost: number;
}

const INTERVAL_MS = 100;
/** Work in one frame; a drawing that has begun is finished. */
const FRAME_BUDGET_MS = 6;
/** Share of the main thread that all drawings together may take. */
const SHARE = 0.3;

export function createScheduler({ now, nextFrame }: SchedulerNeeds): Scheduler {
  const entries = new Set<Entry>();
  let waiting = false;

  const interval = (): number => {
    let round = 0;
    for (const entry of entries) if (entry.dirty) round += entry.cost;
    return Math.max(INTERVAL_MS, round / SHARE);
  };

  /** The dirty entry that has waited longest, if its time has come. */
  const due = (at: number): Entry | null => {
    const wait = interval();
    let oldest: Entry | null = null;
    for (const entry of entries) {
      if (!entry.dirty || at - entry.drawnAt < wait) continue;
      if (oldest === null || entry.drawnAt < oldest.drawnAt) oldest = entry;
    }
    return oldest;
  };

  const frame = (): void => {
    waiting = false;
    const began = now();
    let at = began;
    for (let entry = due(at); entry !== null && at - began < FRAME_BUDGET_MS; entry = due(at)) {
      entry.dirty = false;
      entry.drawnAt = at;
      entry.draw();
      const done = now();
      entry.cost = entry.cost === 0 ? done - at : 0.8 * entry.cost + 0.2 * (done - at);
      at = done;
    }
    ask();
  };

  const ask = (): void => {
    if (waiting) return;
    for (const entry of entries) {
      if (!entry.dirty) continue;
      waiting = true;
      nextFrame(frame);
      return;
    }
  };

  return {
    add(draw) {
      const entry: Entry = { draw, dirty: false, drawnAt: Number.NEGATIVE_INFINITY, cost: 0 };
      entries.add(entry);
      return {
        invalidate() {
          entry.dirty = true;
          ask();
        },
        dispose() {
          entries.delete(entry);
        },
      };
    },
  };
}

/** The page's scheduler. */
export const scheduler = createScheduler({
  now: () => performance.now(),
  nextFrame: (callback) => requestAnimationFrame(callback),
});
