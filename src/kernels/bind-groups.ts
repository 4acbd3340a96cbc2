/** Bind groups, remembered: the pools of tfjs hand out the same few buffers again and again. */

/** Sets of buffers that are remembered at a time. */
const KEPT = 64;

/** Finds what was made for these buffers, in this order, or makes it. */
export type GroupCache<G> = (buffers: readonly GPUBuffer[], make: () => G) => G;

export function groupCache<G>(): GroupCache<G> {
  const groups = new Map<string, G>();
  return (buffers, make) => {
    const key = buffers.map(numberOf).join();
    const found = groups.get(key);
    if (found !== undefined) return found;
    if (groups.size >= KEPT) groups.clear();
    const made = make();
    groups.set(key, made);
    return made;
  };
}

export const entriesOf = (resources: readonly GPUBufferBinding[]): GPUBindGroupEntry[] =>
  resources.map((resource, binding) => ({ binding, resource }));

const numbers = new WeakMap<GPUBuffer, number>();
let numbered = 0;

/** A number that tells a buffer from all others. */
function numberOf(buffer: GPUBuffer): number {
  const number = numbers.get(buffer) ?? numbered++;
  numbers.set(buffer, number);
  return number;
}
