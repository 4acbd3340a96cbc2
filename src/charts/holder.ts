/** A value that components inside a chart listen to, so that the chart around them is not drawn again. */

export interface Holder<T> {
  get(): T;
  /** Tells the listeners, unless it is the value that was there. */
  set(value: T): void;
  subscribe(listener: () => void): () => void;
}

export function createHolder<T>(first: T): Holder<T> {
  const listeners = new Set<() => void>();
  let value = first;
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
