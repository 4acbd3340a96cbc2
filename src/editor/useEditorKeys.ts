/** The keys of the open editor, wherever in it the keyboard is. */
import { useEffect, useRef } from 'react';

export interface EditorKeys {
  /** Mod-Enter */
  readonly train: () => void;
  /** Mod-S */
  readonly keep: () => void;
  /** Escape, where nothing in the editor has a use for it. */
  readonly close: () => void;
}

export function useEditorKeys(keys: EditorKeys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    // Before the text sees them, which would start a line.
    const first = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
      const action = event.key === 'Enter' ? latest.current.train : event.key === 's' ? latest.current.keep : null;
      if (action === null) return;
      event.preventDefault();
      event.stopPropagation();
      // A name that is being typed counts.
      if (event.target instanceof HTMLInputElement) event.target.blur();
      action();
    };
    // After the text, which closes its completions with it.
    const last = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !event.defaultPrevented) latest.current.close();
    };
    window.addEventListener('keydown', first, { capture: true });
    window.addEventListener('keydown', last);
    return () => {
      window.removeEventListener('keydown', first, { capture: true });
      window.removeEventListener('keydown', last);
    };
  }, []);
}
