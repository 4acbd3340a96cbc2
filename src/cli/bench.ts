/** `bench`: the lab beside stock TensorFlow.js, its growth, its endurance. */

import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { endure } from '../bench/endurance';
import { growthCurves } from '../bench/growth';
import { labEngine } from '../bench/lab';
import { FEWEST_ROUNDS, runBench } from '../bench/run';
import { stockEngine } from '../bench/stock';
import { benchTable, enduranceTable } from '../bench/table';
import { isWorkload } from '../bench/workloads';
import { type BenchResult, WORKLOADS, type WorkloadId } from '../core/bench';
import type { Device } from '../worker/device';
import { deviceFor } from './device';
import { progress } from './progress';
import { UsageError, wholeNumber } from './usage';

const DEFAULT_ROUNDS = 5;
const ENDURANCE_STEPS = 10_000;

interface Options {
  readonly workloads: readonly WorkloadId[];
  readonly rounds: number;
  readonly json: boolean;
  readonly growth: boolean;
  readonly endurance: boolean;
}

/** Measures, prints, and answers the exit status: 1 where a long run does not keep its size. */
export async function bench(argv: readonly string[]): Promise<number> {
  const options = parseBench(argv);
  const device = await deviceFor('webgpu');
  process.stderr.write(`webgpu on ${device.info.name}\n`);
  if (options.endurance) return endurance(device, options.json);
  const result = await measure(device, options, argv);
  if (options.json) process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
  // Whoever records the JSON sees the table too.
  (options.json ? process.stderr : process.stdout).write(benchTable(result));
  return 0;
}

/** @throws UsageError naming what can be asked for */
export function parseBench(argv: readonly string[]): Options {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        device: { type: 'string', default: 'webgpu' },
        workload: { type: 'string', multiple: true },
        rounds: { type: 'string' },
        json: { type: 'boolean', default: false },
        growth: { type: 'boolean', default: false },
        endurance: { type: 'boolean', default: false },
      },
    });
    const { device, workload = [], json, growth, endurance } = values;
    if (device !== 'webgpu') {
      throw new UsageError(`--device: the bench counts and times what is asked of WebGPU; expected webgpu; got ${device}`);
    }
    for (const word of workload) {
      if (!isWorkload(word)) throw new UsageError(`--workload: expected one of ${WORKLOADS.join(', ')}; got ${word}`);
    }
    const chosen = WORKLOADS.filter((id) => workload.length === 0 || workload.includes(id));
    const rounds = wholeNumber(values.rounds, 'rounds', FEWEST_ROUNDS) ?? DEFAULT_ROUNDS;
    return { workloads: chosen, rounds, json, growth, endurance };
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(error instanceof Error ? error.message : String(error));
  }
}

async function measure(device: Device, { workloads, rounds, growth }: Options, argv: readonly string[]): Promise<BenchResult> {
  const bar = progress('bench');
  const engines = [labEngine, stockEngine];
  const results = await runBench({ engines, workloads, rounds, report: bar.update, deviceFailure: device.failure });
  bar.end('done');
  let curves = {};
  if (growth) {
    const growing = progress('growth');
    curves = { growth: await growthCurves(labEngine, { rounds: FEWEST_ROUNDS, report: growing.update, deviceFailure: device.failure }) };
    growing.end('done');
  }
  return {
    version: 1,
    date: new Date().toISOString().slice(0, 10),
    adapter: device.info.name,
    runtime: `Node ${process.versions.node}, Dawn`,
    command: ['npm run -s lab -- bench', ...argv.filter((word) => word !== '--json')].join(' '),
    rounds,
    workloads: results,
    ...curves,
  };
}

async function endurance(device: Device, json: boolean): Promise<number> {
  const bar = progress('endurance');
  const heap = collectedHeap();
  const result = await endure({ steps: ENDURANCE_STEPS, memory: device.memory, heap, report: bar.update });
  bar.end('done');
  const failure = device.failure();
  if (failure !== null) throw failure;
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : enduranceTable(result));
  return Object.values(result.flat).every((flat) => flat) ? 0 : 1;
}

/** Bytes of the heap after a full collection. Node hands out its collector only to code that is compiled under this flag. */
function collectedHeap(): () => number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  return () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
}
