import { describe, expect, it } from 'vitest';
import { wrongImports } from './check-imports.mjs';

const wrong = (file: string, specifier: string) => wrongImports(file, `import { x } from '${specifier}';`).length;

describe('import directions', () => {
  it.each([
    ['trainer/run.ts', '../core/spec'],
    ['trainer/run.ts', './step'],
    ['policies/gpt.ts', '@tensorflow/tfjs-core'],
    ['worker/entry.ts', './device'],
    ['worker/entry.ts', './protocol'],
    ['worker/client.ts', './protocol'],
    ['worker/client.ts', './entry.ts?worker&url'],
    ['worker/client.ts', '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url'],
    ['store/runs.ts', '../worker/protocol'],
    ['pages/lab.tsx', '@mantine/core'],
    ['cli/main.ts', '../worker/device'],
    ['cli/main.ts', 'node:fs'],
    ['bench/lab.ts', '../trainer/step'],
    ['worker/bench.ts', '../bench/run'],
    ['bench/jax.ts', '@jax-js/jax'],
    ['cli/bench.ts', '../bench/run'],
    ['worlds/sums.test.ts', '../trainer/run'],
  ])('%s may import %s', (file, specifier) => {
    expect(wrong(file, specifier)).toBe(0);
  });

  it.each([
    ['core/spec.ts', '../worlds/bins'],
    ['core/spec.ts', 'react'],
    ['worlds/bins.ts', '@tensorflow/tfjs-core'],
    ['worker/client.ts', './device'],
    ['worker/protocol.ts', '@tensorflow/tfjs-core'],
    ['store/runs.ts', '../worker/device'],
    ['store/runs.ts', '../trainer/run'],
    ['ui/panel.tsx', '../pages/lab'],
    ['pages/lab.tsx', '@tensorflow/tfjs-core'],
    ['trainer/run.ts', '../worker/protocol'],
    ['trainer/run.ts', '../test/gpu'],
    ['policies/gpt.ts', '../objectives/terms'],
    ['trainer/run.ts', 'node:fs'],
    ['trainer/run.ts', '../bench/run'],
    ['bench/lab.ts', '../worker/device'],
    ['trainer/run.ts', '@jax-js/jax'],
    ['pages/bench.tsx', '../bench/run'],
  ])('%s may not import %s', (file, specifier) => {
    expect(wrong(file, specifier)).toBe(1);
  });

  it('sees every form of import, and none in a comment', () => {
    const source = `
      // import a from '../a';
      /** like import('../b') */
      export { c } from '../worlds/c';
      import '../worlds/d';
      import type {
        E,
      } from "../worlds/e";
      const f = await import('../worlds/f');
      const g = import.meta.glob<{ default: G }>('../worlds/*.ts', { eager: true });
    `;
    expect(wrongImports('core/x.ts', source)).toHaveLength(5);
  });
});
