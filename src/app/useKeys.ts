/** The keys of the lab. They do nothing while a person types, or while a control that has a use for the key is in focus. */
import { useEffect } from 'react';

export type KeyMap = Readonly<Record<string, () => void>>;

export function useKeys(keys: KeyMap): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const action = keys[event.key];
      if (action === undefined || isTaken(event.key, event.target)) return;
      event.preventDefault();
      action();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [keys]);
}

function isTaken(key: string, target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest('[role="dialog"]') !== null) return true;
  if (target instanceof HTMLInputElement && target.type === 'range') return false;
  if (target.isContentEditable || target.matches('input, textarea, select')) return true;
  // The space bar presses the button or link that is in focus.
  return key === ' ' && target.closest('button, a, [role="tab"]') !== null;
}
