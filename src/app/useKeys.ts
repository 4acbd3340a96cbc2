/** The keys of the lab. They do nothing while a person types, or while a control that has a use for the key is in focus. */
import { useEffect } from 'react';

/** Actions by key; with control or command it is called `Mod+z`, with shift as well `Mod+Shift+z`. */
export type KeyMap = Readonly<Record<string, () => void>>;

export function useKeys(keys: KeyMap): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.altKey || event.defaultPrevented) return;
      const action = keys[nameOf(event)];
      if (action === undefined || isTaken(event, event.target)) return;
      event.preventDefault();
      action();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [keys]);
}

/** What a key goes by in a `KeyMap`. */
export function nameOf({ key, ctrlKey, metaKey, shiftKey }: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey'>): string {
  if (!ctrlKey && !metaKey) return key;
  return `Mod+${shiftKey ? 'Shift+' : ''}${key.toLowerCase()}`;
}

function isTaken({ key, ctrlKey, metaKey }: KeyboardEvent, target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest('[role="dialog"]') !== null) return true;
  if (target instanceof HTMLInputElement && target.type === 'range') return false;
  if (ctrlKey || metaKey) {
    // Text that is being typed has a way back of its own.
    return target.isContentEditable || target.matches('textarea, input:not([data-settled], [type="checkbox"], [type="radio"])');
  }
  if (target.isContentEditable || target.matches('input, textarea, select')) return true;
  // The space bar presses the button or link that is in focus.
  return key === ' ' && target.closest('button, a, [role="tab"]') !== null;
}
