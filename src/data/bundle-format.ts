/** What a run bundle holds, before it is bytes and after. */
import type { Diagnosis } from '../core/diagnosis';
import type { Checkpoint, FailureKind, Sample, SlicesShown } from '../core/events';
import type { RunSpec } from '../core/spec';
import type { Build } from './build';

/** A file that cannot be used as a bundle, with the sentence for the reader. */
export class BundleError extends Error {
  override readonly name = 'BundleError';
}

export const BUNDLE_FORMAT = 'objective-lab-bundle';
/** The version that this code writes. Readers accept older ones. */
export const BUNDLE_VERSION = 1;

/** Largest file that is opened, and largest sum of what it unpacks to. */
export const LARGEST_FILE = 512 * 2 ** 20;
export const LARGEST_CONTENT = 2 ** 30;

/** Whether a file begins like a zip, empty or not. */
export const looksLikeZip = (head: Uint8Array): boolean =>
  head[0] === 0x50 && head[1] === 0x4b && ((head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6));

/** Something that was seen at a step. */
export interface Moment<T> {
  readonly step: number;
  readonly value: T;
}

/** The policy over enumerated completions, each [labels.length]. What does not change is the same array in every moment. */
export interface BundleDistribution {
  readonly labels: readonly string[];
  readonly policy: Float32Array;
  readonly reference: Float32Array;
  readonly reward: Float32Array;
  readonly optimum: Float32Array | null;
}

/** Rows by ascending step; NaN where a metric was not measured. */
export interface BundleSeries {
  readonly steps: Float64Array;
  readonly columns: Readonly<Record<string, Float32Array>>;
}

export type BundleSlices = { readonly step: number } & Pick<SlicesShown, 'names' | 'f32' | 'bf16'> & Partial<SlicesShown>;

/** What `run.json` says. */
export interface RunAbout {
  /** As the lab that trained it calls it, so that one and the same run is known again. */
  readonly id: string;
  readonly name: string;
  readonly note: string | null;
  /** Index into the accents, and the accent in words where it was chosen on a page. */
  readonly colour: { readonly index: number; readonly name: string | null };
  readonly origin: { readonly experiment: string; readonly arm: string; readonly edited: boolean } | null;
  readonly state: 'preparing' | 'running' | 'paused' | 'finished' | 'stopped' | 'failed' | 'interrupted';
  readonly failure: { readonly kind: FailureKind; readonly message: string } | null;
  readonly spec: RunSpec;
  readonly totalSteps: number;
  /** Last step that was taken, and its stage. */
  readonly step: number;
  readonly stage: number;
  /** Floats in θ; null where nobody knows. */
  readonly parameters: number | null;
  /** The backend is null where the run was trained before it was noted. */
  readonly device: { readonly name: string; readonly backend: string | null };
  /** ISO 8601. */
  readonly created: string;
  /** The build that wrote the bundle. */
  readonly lab: Build;
  /** The reader's own file that the spec names; its content is missing where the lab did not have it any more. */
  readonly dataset: { readonly id: string; readonly name: string; readonly included: boolean } | null;
}

export interface BundleRun {
  readonly about: RunAbout;
  readonly series: BundleSeries;
  readonly samples: readonly Moment<readonly Sample[]>[];
  readonly distributions: readonly Moment<BundleDistribution>[];
  readonly diagnoses: readonly Moment<Diagnosis>[];
  readonly slices: BundleSlices | null;
  readonly checkpoint: Checkpoint | null;
  /** The JSONL file that `about.dataset` names. */
  readonly dataset: Uint8Array | null;
}

export interface Bundle {
  readonly lab: Build;
  /** ISO 8601. */
  readonly written: string;
  readonly runs: readonly BundleRun[];
}

/** Lets other work have its turn; called between small pieces of writing and reading. */
export type Pause = () => Promise<void>;

export const noPause: Pause = () => Promise.resolve();
