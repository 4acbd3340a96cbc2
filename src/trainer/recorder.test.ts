import { afterEach, describe, expect, it, vi } from 'vitest';
import { type RunEvent, RunFailure } from '../core/events';
import * as memory from '../kernels/memory';
import { tf } from '../test/tf';
import { createRecorder } from './recorder';

afterEach(() => {
  vi.restoreAllMocks();
});

/** A recorder whose readings arrive when the test says so, with the numbers that the steps had. */
function slowRecorder(now: () => number = () => 0) {
  const readings: { values: Float32Array; arrive: () => Promise<void>; fail: (error: Error) => Promise<void> }[] = [];
  let failure: RunFailure | null = null;
  vi.spyOn(memory, 'readAll').mockImplementation(async (tensors) => {
    const values = Float32Array.from(tensors.flatMap((tensor) => Array.from(tensor.dataSync())));
    return new Promise((resolve, reject) => {
      const later = async (settle: () => void): Promise<void> => {
        settle();
        // A promise or two lie between the reading and the recorder.
        for (let turn = 0; turn < 5; turn++) await Promise.resolve();
      };
      readings.push({ values, arrive: () => later(() => resolve(values)), fail: (error) => later(() => reject(error)) });
    });
  });
  const recorder = createRecorder(now, () => failure);
  let step = 0;
  /** Takes steps whose losses are the step numbers, but for the given ones. */
  const take = (count: number, losses: Readonly<Record<number, number>> = {}): void => {
    for (let i = 0; i < count; i++) {
      step += 1;
      recorder.push({
        step,
        packet: [tf.tensor1d([losses[step] ?? step]), tf.tensor1d([1, 2])],
        read: ([loss = Number.NaN, norm = Number.NaN, extra = Number.NaN]) => ({ loss, grad_norm: norm, extra }),
        host: { learning_rate: 0.5 },
        tokens: 10,
      });
    }
  };
  return {
    recorder,
    readings,
    take,
    breakDevice: (with_: RunFailure) => {
      failure = with_;
    },
  };
}

const stepsOf = (event: RunEvent | null): readonly number[] => (event?.type === 'metrics' ? event.steps : []);

describe('a recorder', () => {
  it('lets training go on while a packet is read, and reports it once it is there', async () => {
    const { recorder, readings, take } = slowRecorder();
    // The first packet holds one step, and takes no time: the next may hold as many as any.
    take(1);
    await recorder.turn();
    await readings[0]?.arrive();
    await recorder.turn();
    expect(stepsOf(recorder.report())).toEqual([1]);
    take(31);
    expect(recorder.isDue()).toBe(false);
    take(1);
    expect(recorder.isDue()).toBe(true);
    await recorder.turn();
    expect(readings).toHaveLength(2);
    expect(recorder.report()).toBeNull();
    take(5);
    expect(recorder.isDue()).toBe(false);
    await readings[1]?.arrive();
    expect(recorder.isDue()).toBe(true);
    await recorder.turn();
    const event = recorder.report();
    expect(stepsOf(event)).toEqual(Array.from({ length: 32 }, (_, i) => i + 2));
    expect(event).toMatchObject({
      columns: { learning_rate: Array(32).fill(0.5), grad_norm: Array(32).fill(1), extra: Array(32).fill(2) },
    });
    expect(readings).toHaveLength(2);
    recorder.dispose();
  });

  it('hands a slow device no more steps than it does in a tenth of a second', async () => {
    let time = 0;
    const { recorder, readings, take } = slowRecorder(() => time);
    const due = async (steps: number): Promise<void> => {
      take(steps - 1);
      expect(recorder.isDue()).toBe(false);
      take(1);
      expect(recorder.isDue()).toBe(true);
      await recorder.turn();
    };
    const arrive = async (milliseconds: number): Promise<void> => {
      time += milliseconds;
      await readings.at(-1)?.arrive();
      await recorder.turn();
      recorder.report();
    };
    await due(1);
    // 25 ms a step: four in a tenth of a second.
    await arrive(25);
    await due(4);
    // 300 ms a step: one at a time.
    await arrive(4 * 300);
    await due(1);
    // Fast again.
    await arrive(1);
    await due(32);
    await arrive(0);
    recorder.dispose();
  });

  it('reads one packet at a time: where a second one is due first, the first is waited for', async () => {
    const { recorder, readings, take } = slowRecorder();
    take(32);
    await recorder.turn();
    take(32);
    let passed = false;
    const turn = recorder.turn().then(() => {
      passed = true;
    });
    for (let i = 0; i < 10; i++) await Promise.resolve();
    expect(passed).toBe(false);
    expect(readings).toHaveLength(1);
    await readings[0]?.arrive();
    await turn;
    expect(readings).toHaveLength(2);
    expect(stepsOf(recorder.report()).at(-1)).toBe(32);
    await readings[1]?.arrive();
    await recorder.settle();
    expect(stepsOf(recorder.report()).at(-1)).toBe(64);
  });

  it('waits for everything where it is asked to, and adds what an evaluation found', async () => {
    const { recorder, readings, take } = slowRecorder();
    take(32);
    await recorder.turn();
    take(3);
    const settled = recorder.settle();
    await readings[0]?.arrive();
    await readings[1]?.arrive();
    await settled;
    recorder.note(35, { 'eval/accuracy': 0.5 });
    const event = recorder.report();
    expect(stepsOf(event)).toHaveLength(35);
    expect(event).toMatchObject({ columns: { 'eval/accuracy': [...Array(34).fill(Number.NaN), 0.5] } });
    expect(recorder.report()).toBeNull();
    recorder.assertSound();
  });

  it('frees the tensors as soon as they are on their way', async () => {
    const { recorder, readings, take } = slowRecorder();
    const before = tf.memory().numTensors;
    take(32);
    await recorder.turn();
    expect(tf.memory().numTensors).toBe(before);
    take(2);
    recorder.dispose();
    expect(tf.memory().numTensors).toBe(before);
    await readings[0]?.arrive();
  });

  it('reports the steps before a divergence, and nothing after it', async () => {
    const { recorder, readings, take } = slowRecorder();
    take(32, { 7: Number.NaN });
    await recorder.turn();
    await readings[0]?.arrive();
    await recorder.turn();
    expect(stepsOf(recorder.report())).toEqual([1, 2, 3, 4, 5, 6]);
    expect(recorder.isDue()).toBe(true);
    expect(() => recorder.assertSound()).toThrow(/diverged: loss is NaN at step 7/);
    take(1);
    await recorder.settle();
    expect(readings).toHaveLength(1);
    expect(recorder.report()).toBeNull();
  });

  it('believes no number of a device that has failed meanwhile', async () => {
    const { recorder, readings, take, breakDevice } = slowRecorder();
    take(32);
    await recorder.turn();
    const lost = new RunFailure('device-lost', 'The graphics device was lost: test.');
    breakDevice(lost);
    await readings[0]?.arrive();
    await recorder.turn();
    expect(recorder.report()).toBeNull();
    expect(() => recorder.assertSound()).toThrow(lost);
  });

  it('fails where a reading fails, with what the device says rather than with the error', async () => {
    for (const said of [null, new RunFailure('device-lost', 'The graphics device was lost: test.')]) {
      const { recorder, readings, take, breakDevice } = slowRecorder();
      take(32);
      await recorder.turn();
      if (said !== null) breakDevice(said);
      await readings[0]?.fail(new Error('mapping failed'));
      await recorder.turn();
      expect(() => recorder.assertSound()).toThrow(said ?? 'mapping failed');
    }
  });
});
