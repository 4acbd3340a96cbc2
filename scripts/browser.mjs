/**
 * Finds a Chromium to test in, and installs one where there is none.
 * Run by itself it prints the path: `node scripts/browser.mjs [--install]`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runBin, runCommand, which } from './process.mjs';

const MINUTE = 60_000;

/** Variables that name a browser, the first that is set wins. */
const VARIABLES = ['OBJECTIVE_LAB_CHROMIUM', 'CHROME_PATH'];

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge', 'microsoft-edge-stable'];

/** Programs of macOS and Windows, which do not lie on the search path. */
const PLACES = {
  darwin: [
    ['/Applications', 'Google Chrome.app/Contents/MacOS/Google Chrome'],
    ['/Applications', 'Chromium.app/Contents/MacOS/Chromium'],
    ['/Applications', 'Microsoft Edge.app/Contents/MacOS/Microsoft Edge'],
  ],
  win32: [process.env.ProgramFiles, process.env['ProgramFiles(x86)'], process.env.LOCALAPPDATA].flatMap((folder) => [
    [folder ?? '', 'Google\\Chrome\\Application\\chrome.exe'],
    [folder ?? '', 'Chromium\\Application\\chrome.exe'],
    [folder ?? '', 'Microsoft\\Edge\\Application\\msedge.exe'],
  ]),
};

/** Distribution packages by their package manager. */
const PACKAGES = [
  { manager: 'apt-get', commands: [['update'], ['install', '-y', '--no-install-recommends', 'chromium', 'fonts-liberation']] },
  { manager: 'dnf', commands: [['install', '-y', 'chromium']] },
  { manager: 'zypper', commands: [['--non-interactive', 'install', 'chromium']] },
  { manager: 'pacman', commands: [['-Sy', '--noconfirm', 'chromium']] },
  { manager: 'apk', commands: [['add', 'chromium']] },
];

/**
 * The browser that tests run in: the one a variable names, else Playwright's own, else the system's.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<string | null>} path of the program
 * @throws where a variable names a program that is not there
 */
export async function findBrowser(env = process.env) {
  for (const variable of VARIABLES) {
    const named = env[variable];
    if (named === undefined || named === '') continue;
    if (!existsSync(named)) throw new Error(`${variable} names ${named}, and there is no such file.`);
    return named;
  }
  const candidates = [await playwrightBrowser(), ...NAMES.map((name) => which(name, env))];
  if (process.platform === 'darwin' || process.platform === 'win32') {
    for (const [folder, file] of PLACES[process.platform]) candidates.push(join(folder ?? '', file ?? ''));
  }
  return candidates.find((path) => path !== null && existsSync(path) && answers(path)) ?? null;
}

/** Where Playwright keeps or would keep its own Chromium. */
async function playwrightBrowser() {
  try {
    const { chromium } = await import('@playwright/test');
    return chromium.executablePath();
  } catch {
    return null;
  }
}

/**
 * Whether the program is a browser and not a stub that asks for another package manager, as Ubuntu's is.
 * Chrome on Windows opens a window instead of answering, and has no stubs.
 * @param {string} path
 */
function answers(path) {
  if (process.platform === 'win32') return true;
  return spawnSync(path, ['--version'], { stdio: 'ignore', timeout: 30_000 }).status === 0;
}

/**
 * Finds a browser or installs one: Playwright's, else the distribution's package where we are root.
 * @returns {Promise<string>} path of the program
 * @throws with what to do where neither works
 */
export async function ensureBrowser() {
  const found = await findBrowser();
  if (found !== null) return found;
  console.log('No Chromium or Chrome found: installing one.');
  const installed = (await installFromPlaywright()) ?? (await installPackage());
  if (installed !== null) return installed;
  throw new Error(
    'No Chromium or Chrome was found and none could be installed. Install one (on Debian or Ubuntu: apt-get install chromium), ' +
      'or set OBJECTIVE_LAB_CHROMIUM to the path of its program.',
  );
}

async function installFromPlaywright() {
  // The libraries that it needs come from the distribution, which only root can install.
  const mayInstall = process.platform === 'linux' && isRoot();
  const args = ['install', ...(mayInstall ? ['--with-deps'] : []), 'chromium'];
  const env = { PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: '15000', DEBIAN_FRONTEND: 'noninteractive', ...process.env };
  const code = await runBin('@playwright/test/cli.js', args, { env, timeout: 5 * MINUTE });
  if (code !== 0) console.log(`Playwright could not install its Chromium (exit code ${code}).`);
  return findBrowser();
}

async function installPackage() {
  if (process.platform !== 'linux' || !isRoot()) return null;
  const entry = PACKAGES.find(({ manager }) => which(manager) !== null);
  if (entry === undefined) return null;
  console.log(`Installing the distribution's package with ${entry.manager}.`);
  const env = { DEBIAN_FRONTEND: 'noninteractive', ...process.env };
  for (const args of entry.commands) {
    const code = await runCommand(entry.manager, args, { env, timeout: 5 * MINUTE });
    // A list that cannot be refreshed may still be good enough to install from.
    if (code !== 0) console.log(`${entry.manager} ${args.join(' ')} ended with exit code ${code}.`);
  }
  return findBrowser();
}

const isRoot = () => process.getuid?.() === 0;

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    const path = process.argv.includes('--install') ? await ensureBrowser() : await findBrowser();
    console.log(path ?? 'none');
    process.exitCode = path === null ? 1 : 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
