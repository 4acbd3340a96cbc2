/** What the page keeps of a run's events, outside React: curves, distributions, samples, diagnoses, slices, and the pace. */
import type { Diagnosis } from '../core/diagnosis';
import type { RunEvent, Sample, SlicesShown } from '../core/events';
import { createMeter, type Meter, markStep, restMeter } from './eta';
import { addFrame, createFrames, dropAfter, type Frames } from './frames';
import { appendRows, createSeries, lastOf, type Series, truncateAfter } from './series';

/** One picture of the policy over enumerated completions. */
export interface Distribution {
  readonly labels: readonly string[];
  readonly policy: Float32Array;
  readonly reference: Float32Array;
  readonly reward: Float32Array;
  readonly optimum: Float32Array | null;
}

/** Recordings of before the engine measured them lack the distances and the curve. */
export type Slices = { readonly step: number } & Pick<SlicesShown, 'names' | 'f32' | 'bf16'> & Partial<SlicesShown>;

export interface Recording {
  readonly series: Series;
  readonly distributions: Frames<Distribution>;
  readonly samples: Frames<readonly Sample[]>;
  readonly diagnoses: Frames<Diagnosis>;
  slices: Slices | null;
  /** The slices at earlier looks. */
  readonly sliceFrames: Frames<Slices>;
  /** Last step handed to the device. */
  step: number;
  stage: number;
  readonly meter: Meter;
}

const KEPT_DISTRIBUTIONS = 500;
const KEPT_SAMPLES = 60;
const KEPT_DIAGNOSES = 60;
const KEPT_SLICES = 120;

/** Seconds that the run has trained for by a step, in its series: the page's own clock, under the name that trackers give it. */
export const RUNTIME = 'train_runtime';

export const createRecording = (): Recording => ({
  series: createSeries(),
  distributions: createFrames(KEPT_DISTRIBUTIONS),
  samples: createFrames(KEPT_SAMPLES),
  diagnoses: createFrames(KEPT_DIAGNOSES),
  slices: null,
  sliceFrames: createFrames(KEPT_SLICES),
  step: 0,
  stage: 0,
  meter: createMeter(),
});

/** Takes an event in. `now` is in milliseconds. */
export function record(recording: Recording, event: RunEvent, now: number): void {
  switch (event.type) {
    case 'step':
      recording.step = event.step;
      recording.stage = event.stage;
      markStep(recording.meter, now, event.step);
      return;
    case 'metrics':
      appendRows(recording.series, event.steps, { ...event.columns, [RUNTIME]: runtimes(recording, event.steps) });
      return;
    case 'samples':
      addFrame(recording.samples, event.step, event.samples);
      return;
    case 'distribution':
      addFrame(recording.distributions, event.step, distributionOf(event, recording.distributions.items.at(-1)?.value));
      return;
    case 'diagnosis':
      addFrame(recording.diagnoses, event.step, event.diagnosis);
      return;
    case 'slices':
      recording.slices = slicesOf(event, recording.slices);
      addFrame(recording.sliceFrames, event.step, recording.slices);
      return;
    case 'finished':
      recording.step = event.step;
      return;
    case 'started':
    case 'preparing':
    case 'opened':
    case 'checkpoint':
      return;
    default:
      event satisfies never;
  }
}

/** Forgets everything after a step, for a run that goes on from a checkpoint. */
export function rewind(recording: Recording, step: number): void {
  truncateAfter(recording.series, step);
  dropAfter(recording.distributions, step);
  dropAfter(recording.samples, step);
  dropAfter(recording.diagnoses, step);
  dropAfter(recording.sliceFrames, step);
  if (recording.slices !== null && recording.slices.step > step) recording.slices = recording.sliceFrames.items.at(-1)?.value ?? null;
  setClock(recording);
  recording.step = step;
}

/** Sets the time spent training to what stands in the series. */
function setClock({ series, meter }: Recording): void {
  restMeter(meter);
  meter.seconds = lastOf(series, RUNTIME)?.value ?? 0;
}

/** The time spent training by each of some steps that have just been told of, evenly since the last step whose time is known. */
function runtimes({ series, meter }: Recording, steps: readonly number[]): number[] {
  const known = lastOf(series, RUNTIME) ?? { step: 0, value: 0 };
  const span = (steps.at(-1) ?? 0) - known.step;
  return steps.map((step) => {
    // An evaluation that comes late belongs to a step that has its time.
    if (step <= known.step) return step === 0 ? 0 : Number.NaN;
    return known.value + ((step - known.step) / span) * Math.max(0, meter.seconds - known.value);
  });
}

function slicesOf({ step, names, f32, bf16, l2, max, curve }: Extract<RunEvent, { type: 'slices' }>, before: Slices | null): Slices {
  const same = before?.names.length === names.length && names.every((name, i) => name === before.names[i]);
  return { step, names: same ? before.names : names, f32, bf16, l2, max, curve };
}

/** What does not change between frames is shared with the frame before. */
function distributionOf(event: Extract<RunEvent, { type: 'distribution' }>, before: Distribution | undefined): Distribution {
  const share = (values: readonly number[], old: Float32Array | null | undefined): Float32Array => {
    const next = Float32Array.from(values);
    return old?.length === next.length && next.every((value, i) => value === old[i]) ? old : next;
  };
  const sameLabels = before?.labels.length === event.labels.length && event.labels.every((label, i) => label === before.labels[i]);
  return {
    labels: sameLabels ? before.labels : event.labels,
    policy: Float32Array.from(event.policy),
    reference: share(event.reference, before?.reference),
    reward: share(event.reward, before?.reward),
    optimum: event.optimum === null ? null : share(event.optimum, before?.optimum),
  };
}

/** The recordings of all runs at hand, with listeners that are told of any change. */
export interface Recordings {
  get(runId: string): Recording | undefined;
  set(runId: string, recording: Recording): void;
  drop(runId: string): void;
  /** Tells the listeners of a run that its recording has changed. */
  changed(runId: string): void;
  /** Calls `listener` after each change of any of the runs; returns the way to stop. */
  subscribe(listener: (runId: string) => void): () => void;
}

export function createRecordings(): Recordings {
  const recordings = new Map<string, Recording>();
  const listeners = new Set<(runId: string) => void>();
  const changed = (runId: string): void => {
    for (const listener of listeners) listener(runId);
  };
  return {
    get: (runId) => recordings.get(runId),
    set(runId, recording) {
      recordings.set(runId, recording);
      changed(runId);
    },
    drop: (runId) => {
      recordings.delete(runId);
    },
    changed,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
