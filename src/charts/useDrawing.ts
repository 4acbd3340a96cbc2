/** Binds a component to the scheduler: it listens to the recordings without being rendered by React at every event. */
import { useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import type { Recordings } from '../store/recording';
import { type Drawing, scheduler } from './scheduler';

/**
 * Calls `draw` in its turn after each change of any of the runs, and whenever `draw` itself changes. A state change
 * inside `draw` is rendered before the next drawing has its turn. What cannot be seen waits until it can.
 */
export function useDrawing(recordings: Recordings, runIds: readonly string[], draw: () => void, visible = true): void {
  const latest = useRef(draw);
  const drawing = useRef<Drawing | null>(null);
  const [, fail] = useState<null>(null);
  useEffect(() => {
    const entry = scheduler.add(() => {
      try {
        flushSync(() => latest.current());
      } catch (error) {
        // Thrown while rendering, it reaches the error boundary; thrown here, it would come again with every frame.
        fail(() => {
          throw error;
        });
      }
    });
    drawing.current = entry;
    return () => {
      drawing.current = null;
      entry.dispose();
    };
  }, []);
  useEffect(() => {
    latest.current = draw;
    if (visible) drawing.current?.invalidate();
  }, [draw, visible]);
  const key = runIds.join(' ');
  useEffect(() => {
    if (!visible) return undefined;
    const ids = new Set(key.split(' '));
    return recordings.subscribe((runId) => {
      if (ids.has(runId)) drawing.current?.invalidate();
    });
  }, [recordings, key, visible]);
}
