/**
 * The lab without a browser: `npm run -s lab -- <arguments>`. Bundles src/cli for Node where a source has changed (tfjs's
 * modules do not resolve in plain Node), and starts it in an environment with a WebGPU adapter. Standard output is the
 * command line's own.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { CODE, isFresh } from './fresh.mjs';
import { gpuEnvironment } from './gpu-env.mjs';
import { CACHE, ROOT } from './process.mjs';

const OUT = join(CACHE, 'cli');
const ENTRY = join(OUT, 'main.mjs');

/** tfjs's WebAssembly loader asks for these where it finds itself in Node. */
const COMMONJS = 'const __dirname = import.meta.dirname, __filename = import.meta.filename;';

/** Looking for an adapter takes longer than these do. */
const NEEDS_NO_GPU = ['help', 'list', 'results', 'metric', 'loss'];

if (!isFresh(ENTRY, CODE)) await bundle();
const found = NEEDS_NO_GPU.includes(process.argv[2] ?? 'help') ? null : await gpuEnvironment();
const child = spawn(process.execPath, ['--enable-source-maps', ENTRY, ...process.argv.slice(2)], {
  env: { ...process.env, ...found?.env },
  stdio: 'inherit',
});
// The terminal sends Ctrl-C to the child too, which decides what to do about it.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});

async function bundle() {
  const slow = setTimeout(() => process.stderr.write('Building the command line.\n'), 1000);
  try {
    const { build } = await import('vite');
    await build({
      root: ROOT,
      logLevel: 'silent',
      ssr: { noExternal: true, external: ['webgpu'] },
      build: {
        ssr: 'src/cli/main.ts',
        outDir: OUT,
        // Another command may be running from this folder.
        emptyOutDir: false,
        copyPublicDir: false,
        minify: false,
        sourcemap: true,
        rolldownOptions: { output: { entryFileNames: 'main.mjs', banner: COMMONJS } },
      },
    });
  } catch (error) {
    process.stderr.write(`The command line could not be built.\n${error instanceof Error ? error.message : error}\n`);
    process.exit(1);
  } finally {
    clearTimeout(slow);
  }
}
