import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import react from '@vitejs/plugin-react';
import { build, defineConfig, type Plugin } from 'vite';
import { leanFonts, offline } from './scripts/offline-plugin.mjs';

/** A sandbox cannot fetch modules one by one, as they come in development: there its worker is bundled when it is asked for. */
const sandboxedWorker = (): Plugin => ({
  name: 'sandboxed-worker',
  apply: 'serve',
  configureServer({ middlewares }) {
    middlewares.use('/sandboxed-worker.js', (_request, response, next) => {
      const bundle = { input: 'src/worker/entry.ts', output: { codeSplitting: false } };
      build({
        configFile: false,
        logLevel: 'warn',
        build: { write: false, minify: false, target: 'es2023', rolldownOptions: bundle },
      }).then((built) => {
        const [first] = 'output' in built ? built.output : [];
        response.setHeader('content-type', 'text/javascript');
        response.end(first?.type === 'chunk' ? first.code : '');
      }, next);
    });
  },
});

/** What `src/data/build.ts` says of the lab. */
function buildFacts(): { version: string; commit: string | null } {
  const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as { version: string };
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return { version, commit: git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--', 'src') === '' ? '' : '+') };
  } catch {
    return { version, commit: null };
  }
}

// Relative paths: the built site works from any folder of any web server.
export default defineConfig({
  base: './',
  define: { __LAB_BUILD__: JSON.stringify(buildFacts()) },
  plugins: [react(), sandboxedWorker(), leanFonts(), offline()],
  worker: { format: 'es' },
  build: { target: 'es2023', chunkSizeWarningLimit: 2000 },
  optimizeDeps: {
    // Only the worker imports these, which Vite would find late and then reload the page.
    include: [
      '@tensorflow/tfjs-core',
      '@tensorflow/tfjs-core/dist/register_all_gradients',
      '@tensorflow/tfjs-backend-cpu',
      '@tensorflow/tfjs-backend-wasm',
      '@tensorflow/tfjs-backend-webgpu',
      'sucrase',
      'typescript-browser',
    ],
  },
});
