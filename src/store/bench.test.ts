import { describe, expect, it } from 'vitest';
import type { BenchResult } from '../core/bench';
import type { BenchRequest, FromBench } from '../worker/bench-protocol';
import type { WorkerListener } from '../worker/client';
import { createBench } from './bench';

const REQUEST: BenchRequest = { workloads: ['train-2x64'], others: [], rounds: 3, growth: false, runtime: 'Test', address: 'http://x' };
const RESULT: BenchResult = {
  version: 1,
  date: '2026-01-01',
  adapter: 'a',
  runtime: 'Test',
  command: 'http://x',
  rounds: 3,
  workloads: [],
};

function setUp() {
  let listener: WorkerListener<FromBench> | null = null;
  let time = 0;
  const sent: BenchRequest[] = [];
  const closed: number[] = [];
  const bench = createBench({
    connect: (given) => {
      listener = given;
      return { send: (request) => sent.push(request), close: () => closed.push(time) };
    },
    now: () => time,
  });
  return {
    bench,
    sent,
    closed,
    say: (message: FromBench) => listener?.onMessage(message),
    crash: (what: string) => listener?.onCrash(what),
    pass: (ms: number) => {
      time += ms;
    },
    state: () => bench.store.getState(),
  };
}

describe('bench', () => {
  it('sends one request, follows the progress and ends the worker when it is done', () => {
    const { bench, sent, closed, say, pass, state } = setUp();
    bench.start(REQUEST);
    bench.start(REQUEST);
    expect(sent).toEqual([REQUEST]);
    expect(state().phase).toBe('running');
    pass(100);
    say({ type: 'progress', done: 0.01, text: 'first' });
    expect(state().eta).toBeNull();
    pass(9_900);
    say({ type: 'progress', done: 0.25, text: 'round 1' });
    // A quarter took 10 s, so three quarters take 30 s.
    expect(state()).toMatchObject({ done: 0.25, doing: 'round 1', eta: 30 });
    say({ type: 'result', result: RESULT, table: '| a |' });
    say({ type: 'done' });
    expect(state()).toMatchObject({ phase: 'done', result: RESULT, table: '| a |', eta: null, problems: [] });
    expect(closed.length).toBe(1);
  });

  it('keeps what was measured when it is cancelled, and forgets it with the next start', () => {
    const { bench, sent, closed, say, state } = setUp();
    bench.cancel();
    expect(state().phase).toBe('idle');
    bench.start(REQUEST);
    say({ type: 'result', result: RESULT, table: '' });
    bench.cancel();
    expect(state()).toMatchObject({ phase: 'cancelled', result: RESULT });
    expect(closed.length).toBe(1);
    bench.start(REQUEST);
    expect(state()).toMatchObject({ phase: 'running', result: null });
    expect(sent.length).toBe(2);
  });

  it('says what went wrong, of a workload or altogether', () => {
    const { bench, closed, say, crash, state } = setUp();
    bench.start(REQUEST);
    say({ type: 'problem', message: 'x could not be measured.' });
    expect(state().phase).toBe('running');
    say({ type: 'failed', message: 'No device.' });
    expect(state()).toMatchObject({ phase: 'failed', problems: ['x could not be measured.', 'No device.'] });
    expect(closed.length).toBe(1);
    bench.start(REQUEST);
    crash('boom');
    expect(state()).toMatchObject({ phase: 'failed', problems: ['The bench stopped: boom.'] });
  });
});
