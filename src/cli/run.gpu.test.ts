import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { Result } from '../core/result';
import { runComposed, runsFused } from '../policies/fused';
import { gpuDevice } from '../test/gpu';
import { counted } from '../test/webgpu';
import { run } from './run';

const SPEC = {
  world: { id: 'bins', params: { bins: 12 } },
  policy: 'categorical',
  stages: [{ objective: 'grpo', training: { source: 'samples', prompts: 2, group: 4, batchSize: 2, steps: 2, lr: 0.01 } }],
  evaluation: { every: 2, prompts: 1, samples: 1 },
};

let folder = '';
beforeAll(async () => {
  await gpuDevice();
  folder = await mkdtemp(join(tmpdir(), 'objective-lab-'));
  await writeFile(join(folder, 'spec.json'), JSON.stringify(SPEC));
});
afterAll(() => rm(folder, { recursive: true }));

beforeEach(() => {
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
});
afterEach(() => {
  // The other files of this process train with the engine.
  runComposed(false);
  vi.restoreAllMocks();
});

/** What the command records, and how much it asked of the device. */
async function recorded(name: string, ...options: string[]): Promise<{ result: Result; dispatches: number; fused: boolean }> {
  const out = join(folder, name);
  const { dispatches } = await counted(async () => {
    expect(await run([join(folder, 'spec.json'), '--device', 'webgpu', '--out', out, ...options], gpuDevice)).toBe(0);
  });
  return { result: JSON.parse(await readFile(join(out, 'run.json'), 'utf8')) as Result, dispatches, fused: runsFused() };
}

it('run --composed trains in stock ops and ends where the engine ends; the next run is the engine’s again', async () => {
  const composed = await recorded('composed', '--composed');
  const engine = await recorded('engine');
  expect([composed.fused, engine.fused]).toEqual([false, true]);
  expect(composed.result.command).toMatch(/--composed/);
  // A loss with its gradient is one dispatch in the engine and a few dozen ops without it, in each of two steps.
  expect(composed.dispatches).toBeGreaterThan(engine.dispatches + 2 * 20);
  const [theirs, ours] = [composed, engine].map(({ result }) => result.runs[0]?.last ?? {});
  for (const metric of ['loss', 'reward', 'expected_reward', 'eval/entropy_exact']) {
    expect(theirs?.[metric], metric).toBeTypeOf('number');
    expect(Math.abs((theirs?.[metric] ?? 0) - (ours?.[metric] ?? 0)), metric).toBeLessThan(1e-3);
  }
});
