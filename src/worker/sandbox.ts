/**
 * A worker that can reach nothing: it lives in a frame of no origin, so that there is no storage and no page, and under a policy
 * that lets no connection out, which a worker inherits from the frame that starts it. Its script is handed over as text.
 */
import type { WorkerPort } from './connect';
import type { Opening } from './protocol';

/** Scripts from text, evaluation of text, and tfjs's WebAssembly out of memory; no address of any server. */
const POLICY = "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' blob: data:; worker-src data:; connect-src blob:";

/** Of the frame, which passes on what it is given; a data: address keeps WebGPU there, a blob: address would not. */
const FRAME = `addEventListener('message', ({ data, ports: [port, trouble] }) => {
  const worker = new Worker('data:text/javascript,' + encodeURIComponent(data.boot), { type: 'module' });
  worker.onerror = ({ message }) => trouble.postMessage(message || 'its script could not be loaded');
  worker.postMessage({ script: data.script, opening: { ...data.opening, port } }, [port]);
}, { once: true });`;

/** Of the worker, before it has its script, which is too long for an address. */
const BOOT = `onmessage = async ({ data }) => {
  onmessage = null;
  try {
    await import(URL.createObjectURL(new Blob([data.script], { type: 'text/javascript' })));
    dispatchEvent(new MessageEvent('message', { data: data.opening }));
  } catch (error) {
    data.opening.port.postMessage({ type: 'fatal', kind: 'internal', message: String(error) });
  }
};`;

export interface SandboxNeeds {
  /** Address of the worker's script, one file without imports. */
  readonly script: string;
  /** Addresses of tfjs's .wasm files by name. */
  readonly wasm: Readonly<Record<string, string>>;
  readonly processorOnly: boolean;
}

/** Opens a frame with a worker in it; what comes back is the worker's port, with the frame's troubles as `error` events. */
export function openSandbox(needs: SandboxNeeds): WorkerPort {
  const { port1: port, port2: inner } = new MessageChannel();
  const { port1: trouble, port2: frameTrouble } = new MessageChannel();
  const frame = document.createElement('iframe');
  frame.sandbox.add('allow-scripts');
  frame.hidden = true;
  frame.srcdoc = `<!doctype html><meta http-equiv="Content-Security-Policy" content="${POLICY}"><script>${FRAME}</script>`;
  const troubles = new EventTarget();
  const report = (message: string): boolean => troubles.dispatchEvent(new ErrorEvent('error', { message }));
  trouble.onmessage = ({ data }: MessageEvent<string>): boolean => report(data);

  const hand = async (): Promise<void> => {
    const [script, wasm] = await Promise.all([textOf(needs.script), bytesOf(needs.wasm)]);
    const opening: Omit<Opening, 'port'> = { wasm, processorOnly: needs.processorOnly };
    // The frame has no origin that could be named; what it is given is public.
    frame.contentWindow?.postMessage({ boot: BOOT, script, opening }, '*', [inner, frameTrouble]);
  };
  frame.addEventListener(
    'load',
    () => void hand().catch((error: unknown) => report(error instanceof Error ? error.message : String(error))),
  );
  document.body.append(frame);

  return {
    postMessage: (message, transfer) => port.postMessage(message, transfer),
    addEventListener(type, listener) {
      if (type === 'error') troubles.addEventListener('error', listener);
      else port.addEventListener(type, listener);
      port.start();
    },
    terminate() {
      port.close();
      trouble.close();
      frame.remove();
    },
  };
}

const got = async (address: string): Promise<Response> => {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address} could not be loaded`);
  return response;
};

const textOf = async (address: string): Promise<string> => (await got(address)).text();

const bytesOf = async (addresses: Readonly<Record<string, string>>): Promise<Record<string, ArrayBuffer>> =>
  Object.fromEntries(
    await Promise.all(Object.entries(addresses).map(async ([name, address]) => [name, await (await got(address)).arrayBuffer()] as const)),
  );
