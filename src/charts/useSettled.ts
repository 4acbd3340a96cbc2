/** State for what is worked out anew many times a second and seldom comes out differently. */
import { useCallback, useRef, useState } from 'react';

/**
 * As `useState`, but telling it what it holds already is nothing at all. React keeps every such update, with whatever it refers to, until
 * the component is rendered for another reason, which in a long run may be never.
 * @param same whether two values are one; always the same function
 */
export function useSettled<T>(first: T, same: (a: T, b: T) => boolean = Object.is): readonly [T, (next: T) => void] {
  const [value, setValue] = useState<T>(() => first);
  const last = useRef<T>(first);
  const settle = useCallback(
    (next: T) => {
      if (same(last.current, next)) return;
      last.current = next;
      setValue(() => next);
    },
    [same],
  );
  return [value, settle];
}
