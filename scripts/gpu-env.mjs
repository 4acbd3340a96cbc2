/**
 * The environment in which Node finds a WebGPU adapter: the machine's own drivers where they work (a GPU, or Mesa's
 * lavapipe), else the software driver that every Chromium carries. Run by itself it prints what it found.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findBrowser } from './browser.mjs';
import { CACHE } from './process.mjs';

const PROBE = fileURLToPath(new URL('./gpu-probe.mjs', import.meta.url));

/** Folders in which distributions put what `/usr/bin/chromium`, a script there, starts. */
const CHROMIUM_FOLDERS = [
  '/usr/lib/chromium',
  '/usr/lib/chromium-browser',
  '/usr/lib64/chromium-browser',
  '/usr/lib64/chromium',
  '/opt/google/chrome',
  '/opt/microsoft/msedge',
  '/snap/chromium/current/usr/lib/chromium-browser',
];

/**
 * @typedef {object} GpuEnvironment
 * @property {string} name the adapter's name
 * @property {boolean} software
 * @property {NodeJS.ProcessEnv} env variables to add to a process before it starts: the dynamic linker reads them only then
 */

/**
 * Tries one environment after the other in a process of its own. lavapipe trains several times faster than SwiftShader
 * and takes many times longer to compile a shader.
 * @param {{ quickToCompile?: boolean }} options whether SwiftShader is to come before another software driver: for tests
 * @returns {Promise<GpuEnvironment | null>} the first that has an adapter; null where none has
 */
export async function gpuEnvironment({ quickToCompile = false } = {}) {
  const own = probe(baseEnvironment());
  // A driver that was asked for by name is the one to use.
  const settled = own !== null && !(own.software && quickToCompile && process.env.VK_ICD_FILENAMES === undefined);
  return settled || process.platform !== 'linux' ? own : ((await swiftShader()) ?? own);
}

async function swiftShader() {
  for (const folder of await chromiumFolders()) {
    const env = { ...baseEnvironment(), VK_ICD_FILENAMES: join(folder, 'vk_swiftshader_icd.json') };
    // Chromium's folder also holds the Vulkan loader, for systems that have none.
    const path = [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':');
    const found = probe(env) ?? probe({ ...env, LD_LIBRARY_PATH: path });
    if (found !== null) return found;
  }
  return null;
}

/** Mesa's drivers want a folder for their sockets, which a plain container does not have. */
function baseEnvironment() {
  if (process.platform !== 'linux' || process.env.XDG_RUNTIME_DIR !== undefined) return {};
  const folder = join(CACHE, 'runtime');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return { XDG_RUNTIME_DIR: folder };
}

/** @param {NodeJS.ProcessEnv} env */
function probe(env) {
  const { status, stdout } = spawnSync(process.execPath, [PROBE], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 60_000,
  });
  const adapter = status === 0 ? JSON.parse(stdout) : null;
  return adapter === null ? null : { .../** @type {{ name: string, software: boolean }} */ (adapter), env };
}

/** Folders that hold SwiftShader, the found browser's first. */
async function chromiumFolders() {
  const browser = await findBrowser();
  const folders = [...(browser === null ? [] : [dirname(realpathSync(browser))]), ...CHROMIUM_FOLDERS];
  return folders.filter((folder) => existsSync(join(folder, 'vk_swiftshader_icd.json')));
}

/** Why there is no adapter and what to do, for whoever ran the tests. */
export const NO_ADAPTER =
  'No WebGPU adapter in Node: neither the system has a Vulkan driver that Dawn accepts (a GPU, or Mesa 24 or later), ' +
  'nor is there a Chromium whose software driver could be used. `node scripts/browser.mjs --install` installs one.';

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const found = await gpuEnvironment();
  console.log(found === null ? NO_ADAPTER : `${found.name}${found.software ? ' (software)' : ''} ${JSON.stringify(found.env)}`);
  process.exitCode = found === null ? 1 : 0;
}
