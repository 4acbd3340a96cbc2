/** The step that the pointer stands at, shared by all charts of curves; null while it is elsewhere. */

const listeners = new Set<() => void>();
let step: number | null = null;

export const crosshair = {
  get: (): number | null => step,
  set(next: number | null): void {
    if (next === step) return;
    step = next;
    for (const listener of listeners) listener();
  },
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
