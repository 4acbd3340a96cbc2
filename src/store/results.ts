/** Recorded results that travel with the app, under `results/` beside the page. */
import type { Result } from '../core/result';

/** The recorded result of an experiment; null where none was recorded or it cannot be had. */
export async function loadResult(experimentId: string): Promise<Result | null> {
  try {
    const response = await fetch(`./results/${experimentId}.json`);
    // A server that answers every address with the page has nothing recorded either.
    if (!response.ok || !(response.headers.get('content-type') ?? '').includes('json')) return null;
    return (await response.json()) as Result;
  } catch {
    return null;
  }
}
