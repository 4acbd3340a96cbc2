/** The page's end of the lab's worker, and of the sandboxed ones behind it. */
import wasmPath from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import wasmSimdPath from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import wasmThreadedPath from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import { connect, type WorkerClient, type WorkerListener } from './connect';
import entryPath from './entry.ts?worker&url';
import type { Opening } from './protocol';
import { route } from './router';
import { openSandbox } from './sandbox';

export { connect, type WorkerClient, type WorkerListener, type WorkerPort } from './connect';

const absolute = (path: string): string => new URL(path, document.baseURI).href;

/** Starts the lab's worker. */
export const startWorker = (listener: WorkerListener): WorkerClient =>
  route(
    {
      main(to) {
        const worker = new Worker(entryPath, { type: 'module' });
        const wasm = {
          'tfjs-backend-wasm.wasm': absolute(wasmPath),
          'tfjs-backend-wasm-simd.wasm': absolute(wasmSimdPath),
          'tfjs-backend-wasm-threaded-simd.wasm': absolute(wasmThreadedPath),
        };
        worker.postMessage({ wasm, processorOnly: false, port: null } satisfies Opening);
        return connect(worker, to);
      },
      // No threads in there: they need a page of its own origin.
      sandbox: (purpose, to) =>
        connect(
          openSandbox({
            script: import.meta.env.DEV ? '/sandboxed-worker.js' : entryPath,
            wasm: purpose === 'run' ? { 'tfjs-backend-wasm.wasm': wasmPath, 'tfjs-backend-wasm-simd.wasm': wasmSimdPath } : {},
            processorOnly: purpose === 'check',
          }),
          to,
        ),
    },
    listener,
  );
