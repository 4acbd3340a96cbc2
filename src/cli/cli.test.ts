import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'objective-lab-'));
});
afterAll(() => rm(folder, { recursive: true }));

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Calls the command line as a person would. */
function lab(...args: string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['scripts/lab.mjs', ...args]);
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
}

async function specFile(name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const BINS = {
  world: { id: 'bins', params: { bins: 12 } },
  policy: 'categorical',
  stages: [{ objective: 'grpo', training: { prompts: 1, group: 4, steps: 4 } }],
  evaluation: { every: 2, prompts: 1, samples: 1 },
};

describe('the command line', { timeout: 120_000 }, () => {
  it('lists what there is', async () => {
    const { status, stdout } = await lab('list', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout).objectives.map(({ id }: { id: string }) => id)).toContain('dpo');
  });

  it('runs a spec over seeds, prints JSON alone on standard output, and records it', async () => {
    const path = await specFile('bins.json', BINS);
    const { status, stdout } = await lab('run', path, '--seeds', '2', '--device', 'cpu', '--json', '--out', join(folder, 'out'));
    expect(status).toBe(0);
    const result = JSON.parse(stdout);
    expect(result.device.backend).toBe('cpu');
    expect(result.runs).toHaveLength(2);
    expect(result.runs[0]).toMatchObject({ seed: 0, state: 'finished', steps: 4 });
    expect(result.runs[0].series.steps).toEqual([0, 2, 4]);
    expect(result.runs[1].last.expected_reward).not.toBe(result.runs[0].last.expected_reward);
    expect(JSON.parse(await readFile(join(folder, 'out', 'run.json'), 'utf8')).runs).toEqual(result.runs);
  });

  it('records an experiment arm by arm, and judges what has both its arms', async () => {
    const out = join(folder, 'arms');
    const record = (arm: string, ...more: string[]) =>
      lab('run', 'mode-seeking', '--arm', arm, '--seeds', '1', '--device', 'cpu', '--out', out, ...more);
    const read = async () => JSON.parse(await readFile(join(out, 'mode-seeking.json'), 'utf8'));
    await record('offline-bon');
    expect((await read()).outcomes).toEqual([]);
    await record('on-policy-bon');
    const both = await read();
    expect(both.runs.map(({ arm }: { arm: string }) => arm)).toEqual(['offline-bon', 'on-policy-bon']);
    expect(both.command).toMatch(/offline-bon.* && .*on-policy-bon/);
    expect(both.outcomes).toHaveLength(1);
    // Other settings than the experiment's are not kept beside them.
    await record('offline-bon', '--steps', '2');
    await record('on-policy-bon');
    expect((await read()).runs).toHaveLength(1);
  });

  it('trains on a file and says which of its lines it left out', async () => {
    const data = await specFile('data.jsonl', '{"prompt":"1+1=","completion":"2"}\noops\n{"prompt":"2+2=","completion":"4"}\n');
    const path = await specFile('file.json', {
      world: { id: 'file', params: { dataset: data } },
      policy: { id: 'gpt', params: { layers: 1, width: 8, heads: 2 } },
      stages: [{ objective: 'sft', training: { steps: 2, batchSize: 2 } }],
    });
    const { status, stderr } = await lab('run', path, '--device', 'cpu');
    expect(status).toBe(0);
    expect(stderr).toContain('data.jsonl:2:');
  });

  it.each([
    [['fly'], 'There is no command fly.'],
    [['run'], 'expected one experiment or one spec file'],
    [['run', 'nowhere.json'], 'neither an experiment'],
    [['run', 'mode-seeking', '--steps', '0'], '--steps: expected a whole number from 1; got 0'],
    [['run', 'mode-seeking', '--device', 'tpu'], '--device: expected webgpu, wasm or cpu; got tpu'],
    [['run', 'mode-seeking', '--arm', 'left'], '--arm: expected one of'],
    [['run', 'mode-seeking', '--what'], '--what'],
    [['bench', '--workload', 'train'], '--workload: expected one of train-2x64'],
  ])('answers %j with a sentence and status 2', async (args, sentence) => {
    const { status, stdout, stderr } = await lab(...args);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(sentence);
  });

  it('names the field of a spec that cannot be used', async () => {
    const path = await specFile('bad.json', { ...BINS, stages: [{ objective: 'grpo', training: { lr: 'fast' } }] });
    const { status, stderr } = await lab('run', path);
    expect(status).toBe(2);
    expect(stderr).toContain('stages[0].training.lr: expected a finite number');
  });

  it('ends with status 1 when a run fails', async () => {
    // Stages that one policy cannot share are found when the run is prepared, after the device is open.
    const path = await specFile('apart.json', {
      world: 'sums',
      stages: [{ objective: 'sft' }, { objective: 'sft', world: { steps: true } }],
    });
    const { status, stdout } = await lab('run', path, '--device', 'cpu', '--json');
    expect(status).toBe(1);
    expect(JSON.parse(stdout).runs[0]).toMatchObject({ state: 'failed', error: expect.stringContaining('stages[1].world') });
  });
});
