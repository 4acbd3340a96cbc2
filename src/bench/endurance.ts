/** Whether a long run keeps its size: tensors, memory of the device, and the heap. */
import { resolveSpec } from '../core/resolve';
import { catalogue } from '../trainer/catalogue';
import { createRun } from '../trainer/run';

/** What was in use after a step. */
export interface EnduranceSample {
  readonly step: number;
  readonly tensors: number;
  /** Bytes that the device holds. */
  readonly bytes: number;
  /** Bytes of the heap after a collection. */
  readonly heap: number;
}

export interface Endurance {
  readonly steps: number;
  readonly samples: readonly EnduranceSample[];
  /** Which of the three are flat after the warm-up. */
  readonly flat: { readonly tensors: boolean; readonly bytes: boolean; readonly heap: boolean };
}

/** Samples of a run. */
const SAMPLES = 40;
/** The part of the run in which pools fill and code is compiled. */
const WARM_UP = 0.2;
/** Growth of the heap over the rest of the run that counts as none: code that is compiled late is in it. */
const HEAP_NOISE = 512 * 1024;

/**
 * Growth of the device's memory that counts as none. tfjs keeps what it has allocated, and how many steps' numbers wait to be
 * read at once, a few hundred bytes each and at most two packets of 32, depends on time.
 */
const BYTES_NOISE = 16 * 1024;

/** What the endurance run needs to look at. */
export interface EnduranceOptions {
  readonly steps: number;
  /** Bytes of the device and tensors. */
  readonly memory: () => { readonly bytes: number; readonly tensors: number };
  /** Bytes of the heap, collected as well as this runtime can. */
  readonly heap: () => number;
  readonly report?: (done: number, text: string) => void;
}

/** Trains a tiny GPT on sums, evaluations included, and samples what is in use. */
export async function endure({ steps, memory, heap, report = () => {} }: EnduranceOptions): Promise<Endurance> {
  const every = Math.max(1, Math.round(steps / SAMPLES));
  const spec = resolveSpec(
    {
      world: { id: 'sums', params: { digits: 1 } },
      policy: { id: 'gpt', params: { layers: 1, width: 8, heads: 2 } },
      stages: [{ objective: 'sft', training: { steps, batchSize: 4 } }],
      evaluation: { every: Math.min(10_000, every * 2), prompts: 2, samples: 2 },
    },
    catalogue(),
  );
  const run = createRun(spec, { context: { dataset: () => undefined } });
  const samples: EnduranceSample[] = [];
  try {
    for await (const event of run.events()) {
      if (event.type !== 'step') continue;
      report(event.step / steps, `step ${event.step}`);
      if (event.step % every !== 0) continue;
      // Whatever waits to be read is not a leak.
      await run.flush();
      samples.push({ step: event.step, ...memory(), heap: heap() });
    }
  } finally {
    run.dispose();
  }
  return { steps, samples, flat: flatness(samples, steps) };
}

/**
 * Judges samples after the warm-up: tensors are flat where there are never more than at its end, memory of the device where it is
 * never more than noise above, and the heap where its trend is no more.
 */
export function flatness(samples: readonly EnduranceSample[], steps: number): Endurance['flat'] {
  const after = samples.filter(({ step }) => step >= WARM_UP * steps);
  const rise = (of: (sample: EnduranceSample) => number): number => {
    const values = after.map(of);
    return Math.max(...values) - (values[0] ?? 0);
  };
  return {
    tensors: rise(({ tensors }) => tensors) <= 0,
    bytes: rise(({ bytes }) => bytes) <= BYTES_NOISE,
    heap: trend(after.map(({ step, heap }) => [step, heap])) * steps * (1 - WARM_UP) <= HEAP_NOISE,
  };
}

/** Least-squares slope of y over x; 0 for fewer than two points. */
function trend(points: readonly (readonly [x: number, y: number])[]): number {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  const squares = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return squares > 0 ? points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / squares : 0;
}
