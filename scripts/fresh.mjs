/** Whether something built is still newer than everything it was built from. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './process.mjs';

const SOURCES = ['src', 'public', 'index.html', 'package.json', 'package-lock.json', 'vite.config.ts'];

/**
 * @param {string} output path of a file that the build writes last
 * @returns false where it is missing, or older than a source
 */
export function isFresh(output) {
  const built = statSync(output, { throwIfNoEntry: false })?.mtimeMs;
  return built !== undefined && SOURCES.every((source) => newest(join(ROOT, source)) < built);
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
