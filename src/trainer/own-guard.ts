/**
 * The guard that every call into a reader's own code passes. Whoever can end such code installs one: the sandboxed worker,
 * whose page ends it, and the command line with a limit of time. Where nobody has, no such code runs.
 */

/** Calls the function, at once, and watches over it. */
export type Guard = <T>(call: () => T) => T;

let guard: Guard | null = null;
let depth = 0;

/** Lets own code run from now on, under this guard; null lets none run. */
export function installGuard(next: Guard | null): void {
  guard = next;
}

/** Whether own code may run here at all. */
export const mayRunOwn = (): boolean => guard !== null;

/** Whether own code is being called just now. */
export const isInside = (): boolean => depth > 0;

/** Calls own code. A call within a call is watched already. @throws Error where own code may not run */
export function guarded<T>(call: () => T): T {
  if (guard === null) throw new Error('Code of one’s own does not run here.');
  if (depth > 0) return call();
  depth += 1;
  try {
    return guard(call);
  } finally {
    depth -= 1;
  }
}
