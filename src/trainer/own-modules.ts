/** The modules that a reader's own objective or reward may import: all that the lab's own do, under the same names. */
import * as tf from '@tensorflow/tfjs-core';
import type { OwnKind } from '../core/own';

type Modules = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const OBJECTIVES: Modules = import.meta.glob(
  ['../objectives/*.ts', '!../objectives/*.test.ts', '!../objectives/testing.ts', '!../objectives/index.ts'],
  { eager: true },
);
const REWARDS: Modules = import.meta.glob(['../rewards/*.ts', '!../rewards/*.test.ts', '!../rewards/testing.ts', '!../rewards/index.ts'], {
  eager: true,
});
const METRICS: Modules = import.meta.glob(['../metrics/*.ts', '!../metrics/*.{test,fixture}.ts', '!../metrics/index.ts'], {
  eager: true,
});
const CORE: Modules = import.meta.glob(['../core/*.ts', '!../core/*.test.ts'], { eager: true });

const TABLE: Modules = { ...OBJECTIVES, ...REWARDS, ...METRICS, ...CORE };
const TFJS = '@tensorflow/tfjs-core';

/** The room that a source would lie in, from which its relative imports go out. */
const ROOM: Readonly<Record<OwnKind, string>> = { objective: 'objectives', reward: 'rewards' };

/**
 * What a source imports.
 * @param call calls the source's own functions: tfjs calls a gradient that the source defines long after the loss has returned
 * @throws Error with a sentence where there is no such module
 */
export function ownModule(kind: OwnKind, specifier: string, call: <T>(work: () => T) => T): unknown {
  if (specifier === TFJS) return { ...tf, customGrad: watchedGradients(call) };
  const found = specifier.startsWith('.') ? TABLE[pathOf(kind, specifier)] : undefined;
  if (found !== undefined) return { ...found, __esModule: true };
  throw new Error(
    `There is no module ${specifier} here. An own ${kind} imports ${TFJS} and what the lab's own import from ../core, ../metrics, ../objectives and ../rewards.`,
  );
}

/** The key of the table for a relative import. */
function pathOf(kind: OwnKind, specifier: string): string {
  const parts = [ROOM[kind]];
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return `../${parts.join('/').replace(/\.ts$/, '')}.ts`;
}

/** `tf.customGrad` whose functions are called as the source's own. */
const watchedGradients =
  (call: <T>(work: () => T) => T): typeof tf.customGrad =>
  (define) =>
    tf.customGrad((...given) => {
      const { value, gradFunc } = call(() => define(...given));
      return { value, gradFunc: (dy, saved) => call(() => gradFunc(dy, saved)) };
    });
