/** Whether something built is still newer than everything it was built from. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './process.mjs';

/** What the command line is built from. */
export const CODE = ['src', 'package.json', 'package-lock.json'];

/** What the site is built from. */
export const SITE = [...CODE, 'public', 'index.html', 'vite.config.ts', 'scripts/offline-plugin.mjs'];

/**
 * @param {string} output path of a file that the build writes
 * @param {readonly string[]} sources files and folders, from the repository's root
 * @returns false where it is missing, or older than a source
 */
export function isFresh(output, sources) {
  const built = statSync(output, { throwIfNoEntry: false })?.mtimeMs;
  return built !== undefined && sources.every((source) => newest(join(ROOT, source)) < built);
}

/**
 * Time of the last change in a file or anywhere below a folder; a folder's own time tells of deleted files.
 * @param {string} path
 * @returns {number} milliseconds since 1970; 0 where there is no such file
 */
function newest(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}
