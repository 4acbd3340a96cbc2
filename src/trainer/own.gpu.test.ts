import type * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Checkpoint } from '../core/events';
import { resolveSpec } from '../core/resolve';
import type { RunSpec } from '../core/spec';
import { fuse } from '../engine/fuse/fuse';
import type { LossInput } from '../objectives/objective';
import { gpuDevice } from '../test/gpu';
import { catalogue } from './catalogue';
import { compileOwn } from './own';
import { installGuard } from './own-guard';
import { createRun } from './run';

beforeAll(async () => {
  await gpuDevice();
  installGuard((call) => call());
});
afterAll(() => installGuard(null));

const available = catalogue();
const sourceOf = (id: string): string => available.objectives.find((entry) => entry.id === id)?.source ?? '';

const SPEC = resolveSpec(
  {
    seed: 5,
    world: { id: 'bins', params: { bins: 10 } },
    policy: 'categorical',
    stages: [{ objective: 'grpo', training: { source: 'samples', prompts: 1, group: 4, steps: 20, refreshEvery: 20 } }],
    evaluation: { every: 20, prompts: 2, samples: 2 },
  },
  available,
);

async function trained(spec: RunSpec): Promise<Checkpoint> {
  const run = createRun(spec, { context: { dataset: () => undefined } });
  try {
    for await (const _ of run.events()) {
      // To its end.
    }
    return await run.checkpoint();
  } finally {
    run.dispose();
  }
}

describe('own objectives on a GPU', () => {
  it('become one dispatch, as the lab’s own do', () => {
    const { loss } = compileOwn('objective', sourceOf('sft'));
    const shape = [4, 6];
    const fused = fuse(
      ({ logp, entropy, mask, tokens, chosenTokens }) => {
        const totals = { rows: 4, tokens: tokens as tf.Scalar, chosenTokens: chosenTokens as tf.Scalar };
        const input = { logp, entropy, mask, refLogp: null, head: null, carried: null, batch: {}, totals, params: {} };
        const output = loss(input as unknown as LossInput<never, never>);
        return { loss: output.loss, others: Object.values(output.diagnostics) };
      },
      { shapes: { logp: shape, entropy: shape, mask: shape }, counts: ['tokens', 'chosenTokens'], wrt: ['logp', 'entropy'] },
    );
    expect(fused).not.toBeNull();
    fused?.release();
  });

  it('train to the bits of the original', async () => {
    const own = { id: 'own/mine', params: SPEC.stages[0]?.objective.params ?? {}, source: sourceOf('grpo') };
    const spec = { ...SPEC, stages: SPEC.stages.map((stage) => ({ ...stage, objective: own })) };
    const original = await trained(SPEC);
    const copy = await trained(spec);
    expect(copy.theta).toEqual(original.theta);
    expect(copy.m).toEqual(original.m);
  });
});
