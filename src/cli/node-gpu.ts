/** Gives Node a `navigator.gpu` through Dawn, the npm package `webgpu`, which is an optional dependency. */

/** Dawn frees the instance, and the process aborts, when this is collected. */
let instance: GPU | null = null;

/**
 * Installs `navigator.gpu` and WebGPU's globals, once.
 * @returns whether the package could be loaded; whether there is an adapter is for the caller to ask.
 */
export async function installNodeGpu(): Promise<boolean> {
  if (instance !== null) return true;
  try {
    const { create, globals } = await import('webgpu');
    Object.assign(globalThis, globals);
    instance = create([]);
  } catch {
    return false;
  }
  Object.defineProperty(globalThis, 'navigator', { value: { gpu: instance, userAgent: 'node' }, configurable: true });
  calmPolling();
  return true;
}

/**
 * Dawn's binding polls its device from setImmediate as long as a promise is pending, which keeps one core busy that a
 * software adapter needs. Polling every two milliseconds costs less than it saves.
 */
function calmPolling(): void {
  const later = (callback: (...args: unknown[]) => void, ...args: unknown[]): NodeJS.Timeout => setTimeout(callback, 2, ...args);
  globalThis.setImmediate = later as unknown as typeof setImmediate;
}
