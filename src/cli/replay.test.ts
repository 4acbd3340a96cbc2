import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type BundleRun, readBundle, writeBundle } from '../data/bundle';
import '../test/tf';
import { createRun } from '../trainer/run';
import { replay } from './replay';
import { run } from './run';
import { UsageError } from './usage';

let folder = '';
let bundle = '';
let recorded: BundleRun;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'objective-lab-'));
  bundle = join(folder, 'run.zip');
  const data = join(folder, 'mine.jsonl');
  await writeFile(data, Array.from({ length: 12 }, (_, i) => `{"prompt": "${i} ", "completion": "${i + 1}"}`).join('\n'));
  const spec = {
    world: { id: 'file', params: { dataset: data, maxLength: 12 } },
    policy: { id: 'gpt', params: { layers: 1, width: 8, heads: 1 } },
    stages: [{ objective: 'sft', training: { steps: 6, batchSize: 2 } }],
    evaluation: { every: 3, prompts: 2, samples: 1 },
  };
  await writeFile(join(folder, 'spec.json'), JSON.stringify(spec));
  const { status } = await lab(run, join(folder, 'spec.json'), '--device', 'cpu', '--bundle', bundle);
  expect(status).toBe(0);
  recorded = (await readBundle(await readFile(bundle))).runs[0] as BundleRun;
});
afterAll(() => rm(folder, { recursive: true }));

interface Ended {
  readonly status: number;
  readonly stdout: string;
}

/** Calls a command as the command line does. */
async function lab(command: (argv: readonly string[]) => Promise<number>, ...args: string[]): Promise<Ended> {
  let stdout = '';
  const written = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    stdout += String(chunk);
    return true;
  });
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    return { status: await command(args), stdout };
  } finally {
    written.mockRestore();
    said.mockRestore();
  }
}

/** The recorded run with something changed, as a bundle. */
async function changed(name: string, run: BundleRun): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, await writeBundle([run], new Date()));
  return path;
}

describe('lab replay', () => {
  it('trains a bundle of `run --bundle` again, with the file that it learnt from, to the same bits', async () => {
    expect(recorded.about).toMatchObject({ name: 'run-seed-0', state: 'finished', step: 6, device: { backend: 'cpu' } });
    // By its content, wherever the file lies.
    expect(recorded.about.spec.world.params.dataset).toBe(recorded.about.dataset?.id);
    await rm(join(folder, 'mine.jsonl'));
    const { status, stdout } = await lab(replay, bundle);
    expect(stdout).toMatch(/metrics: (\d+) of \1 the same to the bit/);
    expect(stdout).toMatch(/θ: all \d+ numbers the same to the bit at step 6/);
    expect(stdout).toMatch(/samples: 3 of 3 looks the same\nAgrees to the bit\.\n$/);
    expect(status).toBe(0);
  });

  it('names the metric that differs, with its step, and ends with 1; or with 0 within a tolerance', async () => {
    const loss = recorded.series.columns.loss?.slice() as Float32Array;
    const row = recorded.series.steps.indexOf(4);
    loss[row] = (loss[row] as number) * 1.001;
    const path = await changed('other.zip', { ...recorded, series: { ...recorded.series, columns: { ...recorded.series.columns, loss } } });
    const strict = await lab(replay, path, '--json');
    expect(strict.status).toBe(1);
    const [found] = JSON.parse(strict.stdout).runs;
    expect(found).toMatchObject({ agreement: 'no', sameDevice: true, tolerance: 0 });
    const differing = found.metrics.filter((metric: { differing: number }) => metric.differing > 0);
    expect(differing).toMatchObject([{ metric: 'loss', differing: 1, firstStep: 4, worst: { step: 4 } }]);
    const loose = await lab(replay, path, '--tolerance', '0.01');
    expect(loose.stdout).toMatch(/loss: 1 of 6 differ, the first at step 4, most at step 4 by 0\.\d+ %/);
    expect([loose.status, loose.stdout.endsWith('Agrees within the tolerance.\n')]).toEqual([0, true]);
  });

  it('goes on from a checkpoint, and says where there is nothing left to train', async () => {
    const { dataset } = await import('../data/jsonl').then(({ parseDataset }) => parseDataset('mine', recorded.dataset as Uint8Array));
    const training = createRun(recorded.about.spec, { context: { dataset: () => dataset ?? undefined } });
    for await (const event of training.events()) if (event.type === 'step' && event.step === 4) break;
    const path = await changed('early.zip', { ...recorded, checkpoint: await training.checkpoint() });
    training.dispose();
    const resumed = await lab(replay, path, '--from-checkpoint');
    expect(resumed.stdout).toMatch(/steps 5 to 6 of 6 again/);
    expect([resumed.status, resumed.stdout.endsWith('Agrees to the bit.\n')]).toEqual([0, true]);
    await expect(lab(replay, bundle, '--from-checkpoint')).rejects.toThrow(/of its last step 6/);
  });

  it('runs no code of a bundle that was not allowed, and refuses what is no bundle', async () => {
    const [stage] = recorded.about.spec.stages;
    if (stage === undefined) throw new Error('a run without a stage');
    const objective = { id: 'own/theirs', params: {}, source: 'throw new Error("it ran")' };
    const spec = { ...recorded.about.spec, stages: [{ ...stage, objective }] };
    const own = lab(replay, await changed('own.zip', { ...recorded, about: { ...recorded.about, spec } }));
    await expect(own).rejects.toThrow(/own\/theirs.*--allow-code/);
    await writeFile(join(folder, 'cut.zip'), (await readFile(bundle)).subarray(0, 900));
    const cut = lab(replay, join(folder, 'cut.zip'));
    await expect(cut).rejects.toThrow(UsageError);
    await expect(cut).rejects.toThrow(/damaged or cut off/);
  });
});
