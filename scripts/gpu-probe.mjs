/** Asks Dawn for an adapter in this very environment and prints it as one line of JSON, `null` where there is none. */
import { create, globals } from 'webgpu';

Object.assign(globalThis, globals);
const gpu = create([]);
const adapter = await gpu.requestAdapter();
if (adapter === null) console.log('null');
else {
  const { vendor, architecture, description, isFallbackAdapter } = adapter.info;
  const device = await adapter.requestDevice();
  device.destroy();
  console.log(JSON.stringify({ name: description || `${vendor} ${architecture}`, software: isFallbackAdapter }));
}
// Without the root object Dawn may be freed while it is still in use.
Object.assign(globalThis, { gpu });
