/**
 * Vitest's start of the gpu tests: gives the process that will run them an environment with an adapter. There is no
 * test without one, so its absence fails the run.
 */
import { gpuEnvironment, NO_ADAPTER } from './gpu-env.mjs';

export async function setup() {
  const found = await gpuEnvironment({ quickToCompile: true });
  if (found === null) throw new Error(NO_ADAPTER);
  // The test process is forked after this and inherits it.
  Object.assign(process.env, found.env);
  console.log(`Adapter: ${found.name}`);
}
