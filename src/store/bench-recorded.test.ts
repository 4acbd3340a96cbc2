import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { BenchResult } from '../core/bench';
import { loadRecordedBench } from './bench-recorded';

const FOLDER = new URL('../../public/bench/', import.meta.url);

/** Answers addresses with what is given, and others as a server that knows only the page does. */
function serve(files: Readonly<Record<string, unknown>>): void {
  vi.stubGlobal('fetch', async (address: string) => {
    const file = files[address];
    return file === undefined
      ? new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } })
      : new Response(JSON.stringify(file), { headers: { 'content-type': 'application/json' } });
  });
}

afterEach(() => vi.unstubAllGlobals());

describe('recorded results of the bench', () => {
  it('reads the listed files and leaves out what it cannot read', async () => {
    const result: BenchResult = { version: 1, date: '', adapter: 'a', runtime: '', command: '', rounds: 3, workloads: [] };
    serve({
      './bench/index.json': ['one.json', 'later.json', 'gone.json'],
      './bench/one.json': result,
      './bench/later.json': { version: 2 },
    });
    expect(await loadRecordedBench()).toEqual([{ id: 'one', result }]);
  });

  it('answers nothing where nothing is recorded', async () => {
    serve({});
    expect(await loadRecordedBench()).toEqual([]);
  });

  it('lists every file of public/bench, and no other', () => {
    const listed = JSON.parse(readFileSync(new URL('index.json', FOLDER), 'utf8')) as string[];
    const there = readdirSync(FOLDER).filter((name) => name.endsWith('.json') && name !== 'index.json');
    expect([...listed].sort()).toEqual(there.sort());
  });
});
