/** Recorded results of the bench that travel with the app, under `bench/` beside the page; `bench/index.json` lists the files. */
import type { BenchResult } from '../core/bench';

/** A result with a name of its own. */
export interface RecordedBench {
  /** The file's name without its ending. */
  readonly id: string;
  readonly result: BenchResult;
}

/** All recorded results that can be had, in the order of the list. */
export async function loadRecordedBench(): Promise<RecordedBench[]> {
  const names = await json<readonly string[]>('index.json');
  const results = await Promise.all((names ?? []).map((name) => json<BenchResult>(name)));
  return results.flatMap((result, i) => {
    // A later version of the app may have written a file that this one does not understand.
    return result?.version === 1 ? [{ id: (names?.[i] ?? '').replace(/\.json$/, ''), result }] : [];
  });
}

async function json<T>(name: string): Promise<T | null> {
  try {
    const response = await fetch(`./bench/${name}`);
    // A server that answers every address with the page has nothing recorded either.
    if (!response.ok || !(response.headers.get('content-type') ?? '').includes('json')) return null;
    return (await response.json()) as T;
  } catch {
    return null;
  }
}
