/** Binds a component to the scheduler: it listens to the recordings without being rendered by React at every event. */
import { useEffect, useRef } from 'react';
import { flushSync } from 'react-dom';
import type { Recordings } from '../store/recording';
import { type Drawing, scheduler } from './scheduler';

/**
 * Calls `draw` in its turn after each change of any of the runs, and after each render. A state change inside `draw`
 * is rendered before the next drawing has its turn.
 */
export function useDrawing(recordings: Recordings, runIds: readonly string[], draw: () => void): void {
  const latest = useRef(draw);
  const drawing = useRef<Drawing | null>(null);
  useEffect(() => {
    latest.current = draw;
    drawing.current?.invalidate();
  }, [draw]);
  useEffect(() => {
    const entry = scheduler.add(() => flushSync(() => latest.current()));
    drawing.current = entry;
    entry.invalidate();
    return () => {
      drawing.current = null;
      entry.dispose();
    };
  }, []);
  const key = runIds.join(' ');
  useEffect(() => {
    const ids = new Set(key.split(' '));
    return recordings.subscribe((runId) => {
      if (ids.has(runId)) drawing.current?.invalidate();
    });
  }, [recordings, key]);
}
