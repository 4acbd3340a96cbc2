/**
 * Serves the lab and opens it: `npm start -- [--port N] [--host NAME] [--no-open]`. What is served is the built site, the
 * very files that would be published; `npm run dev` is for those who change the source.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build, preview } from 'vite';
import { isFresh, SITE } from './fresh.mjs';
import { ROOT } from './process.mjs';

const USAGE = 'Usage: npm start -- [--port NUMBER] [--host NAME] [--no-open]';

const { port, host, open } = readArguments();
if (!isFresh(join(ROOT, 'dist', 'index.html'), SITE)) {
  console.log('Building the lab, a few seconds.');
  await build({ root: ROOT, logLevel: 'error' });
}
// A port that is taken gives the next one.
const server = await preview({ root: ROOT, logLevel: 'error', preview: { port, host, strictPort: false, open: false } });
const addresses = [...(server.resolvedUrls?.local ?? []), ...(server.resolvedUrls?.network ?? [])];
console.log(`\nObjective Lab is at ${addresses.join(' and ')}\nCtrl-C ends it.`);
if (host !== 'localhost') console.log('Browsers offer WebGPU on localhost and over https only: elsewhere the lab trains on the processor.');
if (open && addresses[0] !== undefined) openBrowser(addresses[0]);

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: 'string', default: '4100' },
        host: { type: 'string', default: 'localhost' },
        'no-open': { type: 'boolean', default: false },
      },
    });
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 1 || port > 65535)
      throw new Error(`--port: expected a number from 1 to 65535; got ${values.port}`);
    return { port, host: values.host, open: !values['no-open'] && hasDesktop() };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
    process.exit(2);
  }
}

/** Whether somebody sits in front of this machine's own screen. */
function hasDesktop() {
  const { CI, SSH_CONNECTION, SSH_TTY, DISPLAY, WAYLAND_DISPLAY } = process.env;
  if (CI || SSH_CONNECTION || SSH_TTY) return false;
  return process.platform !== 'linux' || Boolean(DISPLAY || WAYLAND_DISPLAY);
}

/** @param {string} address */
function openBrowser(address) {
  const commands = { darwin: ['open'], win32: ['cmd', '/c', 'start', ''], linux: ['xdg-open'] };
  const [command = '', ...args] = commands[/** @type {keyof typeof commands} */ (process.platform)] ?? commands.linux;
  const child = spawn(command, [...args, address], { stdio: 'ignore', detached: true });
  // The address is on the screen: whoever has no default browser opens it by hand.
  child.on('error', () => {});
  child.unref();
}
