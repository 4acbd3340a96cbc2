/**
 * Scalars on their way from the device: kept there for a while, then read in one asynchronous packet while training goes
 * on. One packet is read at a time, so that never more than two of them hold steps that nobody has seen.
 */
import * as tf from '@tensorflow/tfjs-core';
import { type RunEvent, RunFailure } from '../core/events';
import { readAll } from '../kernels/memory';

/** Report scalars at least this often, and never keep more steps than this in a packet. */
const FLUSH_MS = 100;
const FLUSH_STEPS = 32;
/** Steps of the first packet: nothing is known of the device yet. */
const FIRST_STEPS = 1;

/** Scalars of one step that are still on the device. */
interface PendingStep {
  readonly step: number;
  readonly packet: readonly tf.Tensor[];
  /** The packet's numbers by name. */
  readonly read: (values: Float32Array) => Readonly<Record<string, number>>;
  /** Numbers known on the host. */
  readonly host: Readonly<Record<string, number>>;
  /** Tokens that the step learnt from. */
  readonly tokens: number;
}

/** The numbers of a step. */
interface Row {
  readonly step: number;
  readonly values: Record<string, number>;
}

/** A packet that is being read. */
interface Reading {
  readonly rows: Promise<readonly Row[]>;
  readonly tokens: number;
  readonly steps: number;
  arrived: boolean;
}

export type Recorder = ReturnType<typeof createRecorder>;

/** Collects scalars on the device and brings them to the host. */
export function createRecorder(now: () => number, deviceFailure: () => RunFailure | null) {
  let pending: PendingStep[] = [];
  let reading: Reading | null = null;
  /** Rows that have arrived and were not reported. */
  let rows: Row[] = [];
  let tokens = 0;
  /** Why nothing that comes later counts. */
  let failure: unknown = null;
  let [begun, reported] = [now(), now()];
  /**
   * Steps of a packet: as many as the device does within the time of one. JavaScript hands over steps far faster than a
   * slow device takes them, and whoever pauses, or watches, would wait for all that are under way.
   */
  let most = FIRST_STEPS;
  /** When the device had done all of the last packet. */
  let done = now();

  const isFull = (): boolean => pending.length >= most || (pending.length > 0 && now() - begun >= FLUSH_MS);

  const drop = (): void => {
    tf.dispose(pending.flatMap(({ packet }) => packet));
    pending = [];
  };

  const begin = (): void => {
    begun = now();
    if (failure !== null) drop();
    if (pending.length === 0) return;
    const made: Reading = {
      rows: readRows(pending),
      tokens: pending.reduce((sum, step) => sum + step.tokens, 0),
      steps: pending.length,
      arrived: false,
    };
    pending = [];
    reading = made;
    const since = begun;
    const arrive = (): void => {
      made.arrived = true;
      const perStep = (now() - Math.max(done, since)) / made.steps;
      most = Math.max(1, Math.min(FLUSH_STEPS, Math.round(FLUSH_MS / perStep)));
      done = now();
    };
    // Whoever waits for the rows hears of a failure; until then nobody does.
    made.rows.then(arrive, arrive);
  };

  const receive = async (): Promise<void> => {
    if (reading === null) return;
    const current = reading;
    try {
      const arrived = await current.rows;
      if (failure !== null) return;
      // A device that failed meanwhile gives zeros.
      failure = deviceFailure();
      if (failure !== null) return;
      const unsound = arrived.findIndex(({ values }) => !isSoundRow(values));
      if (unsound >= 0) failure = divergence(arrived[unsound] as Row);
      rows.push(...(unsound < 0 ? arrived : arrived.slice(0, unsound)));
      tokens += current.tokens;
    } catch (error) {
      failure ??= deviceFailure() ?? error;
    } finally {
      reading = null;
    }
  };

  return {
    push(step: PendingStep): void {
      pending.push(step);
    },
    /** Adds numbers of an evaluation to the row of a step. All earlier numbers must have been waited for. */
    note(step: number, values: Readonly<Record<string, number>>): void {
      const row = rows.find((candidate) => candidate.step === step);
      if (row === undefined) rows.push({ step, values: { ...values } });
      else Object.assign(row.values, values);
    },
    /** Whether `turn` has something to do. */
    isDue: (): boolean => failure !== null || reading?.arrived === true || isFull(),
    /** Takes what has arrived and sends for what is due. Waits only where a packet is due before the last one is there. */
    async turn(): Promise<void> {
      if (reading?.arrived === true || isFull()) await receive();
      if (isFull()) begin();
    },
    /** Waits for every number that is on its way. */
    async settle(): Promise<void> {
      await receive();
      begin();
      await receive();
    },
    /** The numbers that have arrived since the last report; null for none. */
    report(): RunEvent | null {
      const elapsed = (now() - reported) / 1000;
      const [taken, trained] = [rows, tokens];
      [rows, tokens, reported] = [[], 0, now()];
      const last = taken.at(-1);
      if (last === undefined) return null;
      if (trained > 0 && elapsed > 0) {
        last.values.steps_per_second = taken.length / elapsed;
        last.values.tokens_per_second = trained / elapsed;
      }
      return columnsOf(taken);
    },
    isSound: (): boolean => failure === null,
    /**
     * Asked after every report.
     * @throws RunFailure where a number was not finite or the device has failed: nothing after the reported rows is sound
     */
    assertSound(): void {
      if (failure !== null) throw failure;
    },
    dispose: drop,
  };
}

/** One transfer for all steps. */
async function readRows(steps: readonly PendingStep[]): Promise<Row[]> {
  const tensors = steps.flatMap(({ packet }) => packet);
  const reading = readAll(tensors);
  tf.dispose(tensors);
  const sizes = steps.map(({ packet }) => packet.reduce((size, tensor) => size + tensor.size, 0));
  const values = await reading;
  let at = 0;
  return steps.map(({ step, read, host }, i) => {
    const row: Record<string, number> = { ...host };
    for (const [name, value] of Object.entries(read(values.subarray(at, at + (sizes[i] as number))))) {
      // NaN is how an objective says that it did not measure something; only loss and gradient must be numbers.
      if (MUST.includes(name) || !Number.isNaN(value)) row[name] = value;
    }
    at += sizes[i] as number;
    return { step, values: row };
  });
}

/** Numbers without which there is no training. */
const MUST: readonly string[] = ['loss', 'grad_norm'];

const isSoundRow = (values: Readonly<Record<string, number>>): boolean => MUST.every((name) => Number.isFinite(values[name] ?? 0));

function divergence({ step, values }: Row): RunFailure {
  const name = MUST.find((id) => !Number.isFinite(values[id] ?? 0)) ?? 'loss';
  return diverged(`${name} is ${values[name]}`, step);
}

/** The failure of a run whose numbers have left the range of floats. */
export const diverged = (what: string, step: number): RunFailure =>
  new RunFailure('diverged', `The run diverged: ${what} at step ${step}. The last checkpoint is kept.`);

/** Rows as columns of one length, NaN where a row lacks a number. */
function columnsOf(rows: readonly Row[]): RunEvent {
  const ids = new Set(rows.flatMap(({ values }) => Object.keys(values)));
  const columns = Object.fromEntries([...ids].map((id) => [id, rows.map(({ values }) => values[id] ?? Number.NaN)]));
  return { type: 'metrics', steps: rows.map(({ step }) => step), columns };
}
