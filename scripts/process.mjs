/** Child processes that end when they should, on every platform. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** What the scripts build for themselves; `npm ci` clears it. */
export const CACHE = join(ROOT, 'node_modules', '.cache', 'objective-lab');

/**
 * Runs a command to its end with our own terminal.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, timeout?: number }} [how] `timeout` in milliseconds: the command and all that it started is killed then
 * @returns {Promise<number>} its exit code; 124 after the time-out, 127 where it cannot be started
 */
export function runCommand(command, args, { env = process.env, timeout } = {}) {
  return new Promise((resolve) => {
    // A group of its own, so that the time-out also reaches grandchildren. Windows has no groups to signal.
    const detached = timeout !== undefined && process.platform !== 'win32';
    const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'], detached });
    let timedOut = false;
    /** @param {NodeJS.Signals} signal */
    const kill = (signal) => {
      try {
        if (detached && child.pid !== undefined) process.kill(-child.pid, signal);
        else child.kill(signal);
      } catch {
        // It has ended in the meantime.
      }
    };
    const timer = timeout === undefined ? undefined : setTimeout(expire, timeout);
    function expire() {
      timedOut = true;
      kill('SIGKILL');
    }
    // A group of its own no longer hears the terminal's Ctrl-C.
    const interrupt = () => {
      kill('SIGTERM');
      process.exit(130);
    };
    process.once('SIGINT', interrupt);
    process.once('SIGTERM', interrupt);
    /** @param {number} code */
    const done = (code) => {
      clearTimeout(timer);
      process.removeListener('SIGINT', interrupt);
      process.removeListener('SIGTERM', interrupt);
      resolve(timedOut ? 124 : code);
    };
    child.on('error', () => done(127));
    child.on('close', (code) => done(code ?? 1));
  });
}

/**
 * Runs a package's own program with this Node, without npx or a shell.
 * @param {string} file path inside node_modules
 * @param {readonly string[]} args
 * @param {Parameters<typeof runCommand>[2]} [how]
 */
export const runBin = (file, args, how) => runCommand(process.execPath, [join(ROOT, 'node_modules', file), ...args], how);

/**
 * Full path of a program on the search path; null where there is none.
 * @param {string} name
 * @param {NodeJS.ProcessEnv} [env]
 */
export function which(name, env = process.env) {
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    const file = join(folder, name);
    if (folder !== '' && existsSync(file)) return file;
  }
  return null;
}
