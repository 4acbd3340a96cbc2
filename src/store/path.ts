/** Paths into plain data, written as `SpecError` writes them: `stages[0].training.lr`. */

type Key = string | number;

/** Splits `stages[0].training.lr` into `['stages', 0, 'training', 'lr']`. */
export function keysOf(path: string): Key[] {
  return [...path.matchAll(/[^.[\]]+|\[(\d+)\]/g)].map((match) => (match[1] === undefined ? match[0] : Number(match[1])));
}

/** The value at a path, or undefined where something on the way is missing. */
export function getAt(root: unknown, path: string): unknown {
  let value = root;
  for (const key of keysOf(path)) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<Key, unknown>)[key];
  }
  return value;
}

/** A copy of `root` with the value at a path replaced; everything beside the path is shared with the original. */
export function setAt<T>(root: T, path: string, value: unknown): T {
  return replace(root, keysOf(path), 0, value) as T;
}

function replace(node: unknown, keys: readonly Key[], depth: number, value: unknown): unknown {
  const key = keys[depth];
  if (key === undefined) return value;
  if (Array.isArray(node)) return node.map((item, i) => (i === key ? replace(item, keys, depth + 1, value) : item));
  const object = (typeof node === 'object' && node !== null ? node : {}) as Record<Key, unknown>;
  return { ...object, [key]: replace(object[key], keys, depth + 1, value) };
}

/**
 * Takes a message of the form `path: sentence` apart, as failures from the worker come.
 * A message without such a path has `where` ''.
 */
export function splitMessage(message: string): { where: string; what: string } {
  const match = /^([a-z][\w]*(?:\[\d+\])?(?:\.\w+(?:\[\d+\])?)*): ([\s\S]+)$/.exec(message);
  if (match === null || !isSpecField(match[1] as string)) return { where: '', what: message };
  return { where: match[1] as string, what: match[2] as string };
}

const isSpecField = (path: string): boolean => /^(version|seed|world|policy|stages|evaluation)\b/.test(path);
