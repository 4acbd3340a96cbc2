/**
 * The offline part of the site's build: a service worker that knows every file of the site. The list is made of what lies in
 * the folder once all else is written, so that nothing can be missing from it.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { build } from 'vite';
import { ROOT } from './process.mjs';

/** Name of the script, beside index.html: a service worker answers for its own folder and what lies below. */
export const SERVICE_WORKER = 'service-worker.js';

/**
 * The files of a built site, with what tells versions of a file apart: nothing where its name does that already.
 * @param {string} folder
 * @returns {{ url: string, revision: string | null }[]} addresses relative to the folder, sorted
 */
export function siteFiles(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({
      path,
      name: path
        .slice(folder.length + 1)
        .split(sep)
        .join('/'),
    }))
    .filter(({ name }) => name !== SERVICE_WORKER)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ path, name }) => ({ url: encodeURI(name), revision: name.startsWith('assets/') ? null : hashOf(path) }));
}

/** @param {string} path */
const hashOf = (path) => createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16);

/** Writes the service worker into the folder of the built site. @returns {import('vite').Plugin} */
export const offline = () => ({
  name: 'offline',
  apply: 'build',
  writeBundle: {
    order: 'post',
    sequential: true,
    async handler({ dir }) {
      if (dir === undefined) return;
      const built = await build({
        configFile: false,
        publicDir: false,
        logLevel: 'warn',
        define: { __SITE_FILES__: JSON.stringify(siteFiles(dir)) },
        build: {
          write: false,
          target: 'es2023',
          // One plain script: not every browser takes a module for a service worker.
          rolldownOptions: { input: join(ROOT, 'src/app/offline/service-worker.ts'), output: { format: 'iife', codeSplitting: false } },
        },
      });
      const [script] = 'output' in built ? built.output : [];
      if (script?.type !== 'chunk') throw new Error('The service worker was not built.');
      writeFileSync(join(dir, SERVICE_WORKER), script.code);
    },
  },
});

/** Fonts in the one format that every browser with service workers reads; the others would be kept for nobody. @returns {import('vite').Plugin} */
export const leanFonts = () => ({
  name: 'lean-fonts',
  enforce: 'pre',
  transform: {
    filter: { id: /katex.*\.css$/ },
    handler: (code) => code.replace(/,\s*url\([^)]*\.(?:woff|ttf)\)\s*format\(["'](?:woff|truetype)["']\)/g, ''),
  },
});
