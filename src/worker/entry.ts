/** The dedicated worker: owns the device, trains, and talks to the page in `protocol.ts`'s messages only. */
import wasmPath from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import wasmSimdPath from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import wasmThreadedPath from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import { RunFailure } from '../core/events';
import { catalogue } from '../trainer/catalogue';
import { openDevice } from './device';
import type { FromWorker, ToWorker } from './protocol';
import { createSession } from './session';

const post = (message: FromWorker): void => self.postMessage(message);

const fatal = (error: unknown): void => {
  const kind = error instanceof RunFailure ? error.kind : 'internal';
  post({ type: 'fatal', kind, message: error instanceof Error ? error.message : String(error) });
};

const opening = openDevice({
  wasmPaths: {
    'tfjs-backend-wasm.wasm': wasmPath,
    'tfjs-backend-wasm-simd.wasm': wasmSimdPath,
    'tfjs-backend-wasm-threaded-simd.wasm': wasmThreadedPath,
  },
  onFailure: fatal,
}).then((device) => {
  post({ type: 'ready', catalogue: catalogue(), device: device.info });
  return createSession(device, post);
});
opening.catch(fatal);

self.onmessage = ({ data }: MessageEvent<ToWorker>): void => {
  void opening.then((session) => session.handle(data)).catch(fatal);
};
