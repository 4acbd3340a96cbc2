/** Scalars on their way from the device: kept there for a while, then read back in one asynchronous packet. */
import * as tf from '@tensorflow/tfjs-core';
import { type RunEvent, RunFailure } from '../core/events';

/** Report scalars at least this often, and never keep more steps than this in flight. */
const FLUSH_MS = 100;
const FLUSH_STEPS = 32;

/** Scalars of one step that are still on the device. */
interface PendingPacket {
  readonly step: number;
  readonly names: readonly string[];
  readonly packet: tf.Tensor1D;
  /** Numbers known on the host. */
  readonly host: Readonly<Record<string, number>>;
}

export type Recorder = ReturnType<typeof createRecorder>;

/** Collects scalars on the device and brings them to the host in one read. */
export function createRecorder(now: () => number, deviceFailure: () => RunFailure | null) {
  let pending: PendingPacket[] = [];
  let notes: { step: number; values: Readonly<Record<string, number>> }[] = [];
  let last = now();
  let tokens = 0;
  return {
    push(packet: PendingPacket, batchTokens: number): void {
      pending.push(packet);
      tokens += batchTokens;
    },
    /** Adds numbers of an evaluation to the row of a step. */
    note(step: number, values: Readonly<Record<string, number>>): void {
      notes.push({ step, values });
    },
    isDue: (): boolean => pending.length >= FLUSH_STEPS || now() - last >= FLUSH_MS,
    async flush(): Promise<RunEvent | null> {
      const [packets, noted] = [pending, notes];
      [pending, notes] = [[], []];
      const rows = await readPackets(packets);
      const failure = deviceFailure();
      if (failure !== null) throw failure;
      const elapsed = (now() - last) / 1000;
      last = now();
      const lastRow = rows.at(-1);
      if (lastRow !== undefined && elapsed > 0) {
        lastRow.values.steps_per_second = rows.length / elapsed;
        lastRow.values.tokens_per_second = tokens / elapsed;
      }
      tokens = 0;
      for (const { step, values } of noted) {
        const row = rows.find((candidate) => candidate.step === step);
        if (row === undefined) rows.push({ step, values: { ...values } });
        else Object.assign(row.values, values);
      }
      for (const { step, values } of rows) assertFinite(step, values);
      return rows.length === 0 ? null : columnsOf(rows);
    },
    dispose(): void {
      tf.dispose(pending.map(({ packet }) => packet));
      pending = [];
    },
  };
}

interface MetricRow {
  readonly step: number;
  readonly values: Record<string, number>;
}

/** One read for all packets. */
async function readPackets(packets: readonly PendingPacket[]): Promise<MetricRow[]> {
  if (packets.length === 0) return [];
  const all = tf.concat(packets.map(({ packet }) => packet)); // [sum of packet sizes]
  tf.dispose(packets.map(({ packet }) => packet));
  const values = await all.data();
  all.dispose();
  let at = 0;
  return packets.map(({ step, names, host }) => {
    const row: Record<string, number> = { ...host };
    for (const name of names) {
      const value = values[at++] as number;
      // NaN is how an objective says that it did not measure something; only loss and gradient must be numbers.
      if (name === 'loss' || name === 'grad_norm' || !Number.isNaN(value)) row[name] = value;
    }
    return { step, values: row };
  });
}

function assertFinite(step: number, values: Readonly<Record<string, number>>): void {
  for (const name of ['loss', 'grad_norm']) {
    const value = values[name];
    if (value !== undefined && !Number.isFinite(value)) {
      throw new RunFailure(
        'diverged',
        `The run diverged: ${name} is ${value} at step ${step}. A lower learning rate or gradient clipping usually helps; the last checkpoint is kept.`,
      );
    }
  }
}

/** Rows as columns of one length, NaN where a row lacks a number. */
function columnsOf(rows: readonly MetricRow[]): RunEvent {
  const ids = new Set(rows.flatMap(({ values }) => Object.keys(values)));
  const columns = Object.fromEntries([...ids].map((id) => [id, rows.map(({ values }) => values[id] ?? Number.NaN)]));
  return { type: 'metrics', steps: rows.map(({ step }) => step), columns };
}
