/**
 * Builds the site into dist/ and checks what a browser would load: no tfjs outside the worker, a small first load,
 * relative addresses only, so that the site works from any folder, nothing of the tests, and a service worker that
 * knows every file.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { SERVICE_WORKER, siteFiles } from './offline-plugin.mjs';
import { ROOT } from './process.mjs';

/** Largest first load: index.html with the scripts and styles that it names, gzipped. */
const FIRST_LOAD_KB = 300;

// Where the build fails, nothing old may pass for its result.
rmSync(join(ROOT, 'dist'), { recursive: true, force: true });
const output = /** @type {import('vite').Rolldown.RolldownOutput} */ (await build({ root: ROOT, logLevel: 'warn' })).output;
const chunks = output.filter((file) => file.type === 'chunk');
const assets = output.filter((file) => file.type === 'asset');
const html = String(assets.find(({ fileName }) => fileName === 'index.html')?.source);

const problems = [...tfjsOnPage(), ...firstLoad(), ...absoluteAddresses(), ...testSources(), ...keptFiles()];
for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? 'Bundle: in order' : `Bundle: ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;

/** The chunks that the page's entry loads, now or later. @param {boolean} later whether to follow dynamic imports */
function pageChunks(later) {
  const names = new Set(chunks.filter(({ isEntry }) => isEntry).map(({ fileName }) => fileName));
  for (const name of names) {
    const chunk = chunks.find(({ fileName }) => fileName === name);
    for (const next of [...(chunk?.imports ?? []), ...(later ? (chunk?.dynamicImports ?? []) : [])]) names.add(next);
  }
  return chunks.filter(({ fileName }) => names.has(fileName));
}

function tfjsOnPage() {
  const guilty = pageChunks(true).flatMap(({ fileName, moduleIds }) => {
    // The page knows the addresses of what the worker loads.
    const module = moduleIds.find((id) => id.includes('/@tensorflow/') && !id.endsWith('?url'));
    return module === undefined ? [] : [`The page's ${fileName} contains tfjs: ${module.slice(module.indexOf('@tensorflow'))}`];
  });
  // The worker is built apart and arrives as an asset; the string is a global that tfjs always defines.
  const worker = assets.some(({ fileName, source }) => fileName.endsWith('.js') && String(source).includes('_tfengine'));
  if (!worker) guilty.push('No worker with tfjs was built, so that this check proves nothing.');
  return guilty;
}

function firstLoad() {
  const scripts = pageChunks(false).map(({ fileName, code }) => ({ fileName, source: code }));
  const styles = assets.filter(({ fileName }) => fileName.endsWith('.css') && html.includes(fileName));
  const sizes = [{ fileName: 'index.html', source: html }, ...scripts, ...styles].map(({ fileName, source }) => ({
    fileName,
    kb: gzipSync(source).length / 1000,
  }));
  const total = sizes.reduce((sum, { kb }) => sum + kb, 0);
  for (const { fileName, kb } of sizes) console.log(`${kb.toFixed(1).padStart(8)} kB gzipped  ${fileName}`);
  console.log(`${total.toFixed(1).padStart(8)} kB gzipped  first load, of ${FIRST_LOAD_KB} kB`);
  return total <= FIRST_LOAD_KB ? [] : [`The first load has ${total.toFixed(1)} kB, more than ${FIRST_LOAD_KB} kB.`];
}

function absoluteAddresses() {
  const addresses = [...html.matchAll(/\b(?:src|href)="([^"]*)"/g)].map(([, address = '']) => address);
  return addresses.filter((address) => /^(\/|(?!data:)[a-z]+:)/i.test(address)).map((address) => `index.html has the address ${address}`);
}

/** The lab shows its own source, which is bundled as text: a test among it is recognised by its longest pieces, as quoting leaves them. */
function testSources() {
  const built = [...chunks.map(({ code }) => code), ...assets.map(({ source }) => String(source))];
  const tests = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    /(\.test|\.fixture|[\\/]testing)\.tsx?$/.test(name),
  );
  if (tests.length === 0) return ['No tests were found, so that this check proves nothing.'];
  return tests.flatMap((name) => {
    const pieces = readFileSync(join(ROOT, 'src', name), 'utf8').split(/['"`\\$\n\t]/);
    // One of them may be a message that the lab says as well.
    const longest = pieces.sort((a, b) => b.length - a.length).slice(0, 3);
    return built.some((text) => longest.every((piece) => text.includes(piece))) ? [`The bundle contains the source of src/${name}.`] : [];
  });
}

/** What a reader without a network would miss: files that the service worker does not list as they are. */
function keptFiles() {
  const folder = join(ROOT, 'dist');
  const script = readFileSync(join(folder, SERVICE_WORKER), 'utf8');
  const files = siteFiles(folder);
  const missing = files.filter(({ url, revision }) => !script.includes(url) || (revision !== null && !script.includes(revision)));
  const kb = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + gzipSync(readFileSync(join(entry.parentPath, entry.name))).length / 1000, 0);
  console.log(`${kb.toFixed(1).padStart(8)} kB gzipped  kept for use without a network, ${files.length} files`);
  return missing.map(({ url }) => `The service worker does not keep ${url} as it was built.`);
}
