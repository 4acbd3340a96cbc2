/**
 * All tests: `npm test`, or some lanes: `npm test -- unit gpu`. Every lane runs even where an earlier one failed; the last
 * line of the output counts what passed and what failed.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBrowser } from './browser.mjs';
import { isFresh, SITE } from './fresh.mjs';
import { gpuEnvironment, NO_ADAPTER } from './gpu-env.mjs';
import { CACHE, ROOT, runBin, runCommand } from './process.mjs';

const MINUTE = 60_000;
const REPORTS = join(CACHE, 'reports');

/** @typedef {{ passed: number, failed: number }} Counts */

/** The lanes, in order. @type {Record<string, () => Promise<Counts>>} */
const LANES = {
  lint: () =>
    steps([() => runBin('@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '.']), () => node('scripts/check-imports.mjs')]),
  types: () => steps([() => runBin('typescript/bin/tsc', ['-p', '.'])]),
  unit: () => vitest('unit', 12 * MINUTE),
  gpu,
  build: () => steps([() => node('scripts/check-bundle.mjs'), () => node('scripts/lab.mjs', 'list')]),
  e2e,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in LANES));
if (unknown.length > 0) {
  console.error(`Unknown lane ${unknown.join(', ')}; there are ${Object.keys(LANES).join(', ')}.`);
  process.exit(2);
}

rmSync(REPORTS, { recursive: true, force: true });
mkdirSync(REPORTS, { recursive: true });
/** @type {(Counts & { name: string, seconds: number })[]} */
const results = [];
for (const [name, lane] of Object.entries(LANES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`\n── ${name} ──`);
  const start = performance.now();
  const counts = await lane().catch((error) => {
    console.error(error instanceof Error ? error.message : error);
    return { passed: 0, failed: 1 };
  });
  results.push({ name, ...counts, seconds: (performance.now() - start) / 1000 });
}

console.log('\n── results ──');
for (const { name, passed, failed, seconds } of results) {
  console.log(`${failed === 0 ? 'ok  ' : 'FAIL'} ${name.padEnd(6)} ${passed} passed, ${failed} failed, ${seconds.toFixed(1)} s`);
}
const failing = results.filter(({ failed }) => failed > 0).map(({ name }) => name);
if (failing.length > 0) console.log(`Failing: ${failing.join(', ')}`);
const sum = /** @param {'passed' | 'failed'} key */ (key) => results.reduce((total, result) => total + result[key], 0);
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
process.exit(failing.length === 0 ? 0 : 1);

/** Commands that count nothing themselves: one each. @param {readonly (() => Promise<number>)[]} commands */
async function steps(commands) {
  let failed = 0;
  for (const command of commands) if ((await command()) !== 0) failed++;
  return { passed: commands.length - failed, failed };
}

/** @param {readonly string[]} args */
function node(...args) {
  return runCommand(process.execPath, args, { timeout: 5 * MINUTE });
}

/**
 * @param {string} project of vitest.config.ts
 * @param {number} timeout
 */
async function vitest(project, timeout) {
  const file = join(REPORTS, `${project}.json`);
  const args = ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const code = await runBin('vitest/vitest.mjs', args, { timeout });
  const { numPassedTests = 0, numFailedTests = 0 } = report(file);
  return counted(code, numPassedTests, numFailedTests);
}

async function gpu() {
  // Where the machine has no driver of its own, the browser that e2e needs brings one.
  if ((await gpuEnvironment()) === null) await ensureBrowser();
  if ((await gpuEnvironment()) === null) throw new Error(NO_ADAPTER);
  return vitest('gpu', 15 * MINUTE);
}

async function e2e() {
  if (!isFresh(join(ROOT, 'dist', 'index.html'), SITE) && (await runBin('vite/bin/vite.js', ['build', '--logLevel', 'warn'])) !== 0) {
    throw new Error('The site could not be built, so that there is nothing to open in a browser.');
  }
  const browser = await ensureBrowser();
  console.log(`Browser: ${browser}`);
  const file = join(REPORTS, 'e2e.json');
  const env = { ...process.env, OBJECTIVE_LAB_CHROMIUM: browser, PLAYWRIGHT_JSON_OUTPUT_FILE: file };
  const args = ['test', '--config', 'e2e/playwright.config.ts', '--project=webgpu', '--project=fallback', '--reporter=list,json'];
  const code = await runBin('@playwright/test/cli.js', args, { env, timeout: 20 * MINUTE });
  const { expected = 0, unexpected = 0, flaky = 0 } = report(file).stats ?? {};
  return counted(code, expected, unexpected + flaky);
}

/** What a test runner wrote; nothing where it crashed before. @param {string} file */
function report(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
}

/** A runner that ends badly, or that ran nothing, has failed even where no test did. @param {number} code @param {number} passed @param {number} failed */
function counted(code, passed, failed) {
  return { passed, failed: failed === 0 && (code !== 0 || passed === 0) ? 1 : failed };
}
