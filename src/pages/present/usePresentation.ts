/** Where a presentation is: turned by keyboard, clicker, touch and the window of notes, which is told. */
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import { channelOf, type StageMessage, turnOf } from './panels';

/** Pixels that a finger moves to turn the page. */
const SWIPE = 60;

export interface Presentation {
  readonly index: number;
  readonly blank: boolean;
  turn(by: number): void;
}

export interface PresentationKeys {
  /** The space bar on a panel; false where that has no use for it. */
  readonly onSpace: (index: number) => unknown;
  readonly onLeave: () => void;
  readonly onNotes: () => void;
}

export function usePresentation(id: string, count: number, stage: RefObject<HTMLElement | null>, keys: PresentationKeys): Presentation {
  const [index, setIndex] = useState(0);
  const [blank, setBlank] = useState(false);
  const turn = useCallback((by: number): void => setIndex((before) => Math.max(0, Math.min(count - 1, before + by))), [count]);
  useNotesWindow(id, index, turn);
  useSwipes(stage, turn);
  const latest = useRef(keys);
  latest.current = keys;
  const here = useRef(index);
  here.current = index;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const by = isTaken(event) ? 0 : turnOf(event.key);
      const { onSpace, onLeave, onNotes } = latest.current;
      const actions: Readonly<Record<string, () => void>> = {
        ' ': () => onSpace(here.current) === false && turn(1),
        b: () => setBlank((before) => !before),
        '.': () => setBlank((before) => !before),
        f: toggleFullscreen,
        n: onNotes,
        Escape: onLeave,
      };
      const action = by !== 0 ? () => turn(by) : isTaken(event) ? undefined : actions[event.key];
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [turn]);
  return { index, blank, turn };
}

/** Whether what is in focus has a use for the key. Clickers send Page Up and Page Down, which nothing here wants. */
function isTaken({ key, target }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement) || key.startsWith('Page') || key === 'Escape') return false;
  if (target.matches('input, select, textarea, [role="slider"]')) return true;
  return (key === ' ' || key === 'Enter') && target.closest('button, a') !== null;
}

export function toggleFullscreen(): void {
  // A browser may refuse; the page then stays as it is.
  if (document.fullscreenElement === null) document.documentElement.requestFullscreen?.().catch(() => undefined);
  else void document.exitFullscreen();
}

function useNotesWindow(id: string, index: number, turn: (by: number) => void): void {
  const [startedAt] = useState(() => Date.now());
  const channel = useRef<BroadcastChannel | null>(null);
  const at = useRef<StageMessage>({ type: 'at', index, startedAt });
  useEffect(() => {
    const opened = new BroadcastChannel(channelOf(id));
    channel.current = opened;
    opened.onmessage = ({ data }: MessageEvent<StageMessage>) => {
      if (data.type === 'go') turn(data.by);
      if (data.type === 'hello') opened.postMessage(at.current);
    };
    return () => opened.close();
  }, [id, turn]);
  useEffect(() => {
    at.current = { type: 'at', index, startedAt };
    channel.current?.postMessage(at.current);
  }, [index, startedAt]);
}

function useSwipes(stage: RefObject<HTMLElement | null>, turn: (by: number) => void): void {
  useEffect(() => {
    const element = stage.current;
    if (element === null) return;
    let from: { readonly x: number; readonly y: number } | null = null;
    const onStart = (event: TouchEvent): void => {
      const touch = event.touches[0];
      const drawn = event.target instanceof Element && event.target.closest('[role="slider"], input') !== null;
      from = touch === undefined || drawn || event.touches.length > 1 ? null : { x: touch.clientX, y: touch.clientY };
    };
    const onEnd = (event: TouchEvent): void => {
      const touch = event.changedTouches[0];
      if (from === null || touch === undefined) return;
      const [dx, dy] = [touch.clientX - from.x, touch.clientY - from.y];
      if (Math.abs(dx) > SWIPE && Math.abs(dx) > 2 * Math.abs(dy)) turn(dx < 0 ? 1 : -1);
    };
    element.addEventListener('touchstart', onStart, { passive: true });
    element.addEventListener('touchend', onEnd, { passive: true });
    return () => {
      element.removeEventListener('touchstart', onStart);
      element.removeEventListener('touchend', onEnd);
    };
  }, [stage, turn]);
}
