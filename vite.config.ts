import react from '@vitejs/plugin-react';
import { build, defineConfig, type Plugin } from 'vite';

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

// Relative paths: the built site works from any folder of any web server.
export default defineConfig({
  base: './',
  plugins: [react(), sandboxedWorker()],
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
