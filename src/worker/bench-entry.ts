/**
 * The bench's worker: a device of its own, so that nothing of the lab's is in the way, and a thread of its own, so that the page
 * never waits. It measures one request and is ended by the page.
 */
import type { BenchEngine } from '../bench/engine';
import { growthCurves } from '../bench/growth';
import { labEngine } from '../bench/lab';
import { runBench } from '../bench/run';
import { stockEngine } from '../bench/stock';
import { benchTable } from '../bench/table';
import type { BenchResult } from '../core/bench';
import type { BenchRequest, FromBench } from './bench-protocol';
import { openDevice } from './device';

/** Share of the progress that the growth curves are, counted in workloads. */
const GROWTH_PARTS = 2;

const post = (message: FromBench): void => self.postMessage(message);

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const fail = (error: unknown): void => post({ type: 'failed', message: wordsOf(error) });

self.onmessage = ({ data }: MessageEvent<BenchRequest>): void => {
  void measure(data).catch(fail);
};

async function measure(request: BenchRequest): Promise<void> {
  const { workloads, rounds, growth, runtime, address } = request;
  post({ type: 'progress', done: 0, text: 'opening the GPU' });
  const device = await openDevice({ strict: true, onFailure: fail });
  const engines = await enginesOf(request);
  const parts = workloads.length + (growth ? GROWTH_PARTS : 0);
  let result: BenchResult = {
    version: 1,
    date: new Date().toISOString().slice(0, 10),
    adapter: device.info.name,
    runtime,
    command: address,
    rounds,
    workloads: [],
  };
  const extend = (more: Partial<BenchResult>): void => {
    result = { ...result, ...more };
    post({ type: 'result', result, table: benchTable(result) });
  };
  const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      const failure = device.failure();
      if (failure !== null) throw failure;
      post({ type: 'problem', message: `${what} could not be measured: ${wordsOf(error)}` });
    }
  };
  for (const [i, id] of workloads.entries()) {
    const report = (done: number, text: string): void => post({ type: 'progress', done: (i + done) / parts, text });
    await attempt(id, async () => {
      const measured = await runBench({ engines, workloads: [id], rounds, report, deviceFailure: device.failure });
      extend({ workloads: [...result.workloads, ...measured] });
    });
  }
  if (growth) {
    const report = (done: number, text: string): void =>
      post({ type: 'progress', done: (workloads.length + done * GROWTH_PARTS) / parts, text: `growth: ${text}` });
    await attempt('Growth', async () =>
      extend({ growth: await growthCurves(labEngine, { rounds, report, deviceFailure: device.failure }) }),
    );
  }
  post({ type: 'done' });
}

/** The lab, and what is to be compared with it. jax-js is loaded here and nowhere else. */
async function enginesOf({ others }: BenchRequest): Promise<BenchEngine[]> {
  const engines: BenchEngine[] = [labEngine];
  if (others.includes('tfjs')) engines.push(stockEngine);
  if (others.includes('jax')) engines.push((await import('../bench/jax')).jaxEngine);
  return engines;
}
