/** The messages between page and worker: plain serialisable data, one union each way. */
import type { Catalogue } from '../core/catalogue';
import type { Checkpoint, FailureKind, RunEvent } from '../core/events';
import type { OwnChecked, OwnKind } from '../core/own';
import type { RunSpec } from '../core/spec';
import type { DatasetKind } from '../core/world';

/** Where the worker computes. */
export interface DeviceInfo {
  readonly backend: 'webgpu' | 'wasm' | 'cpu';
  /** The GPU's name as the browser gives it, or the processor's. */
  readonly name: string;
  /** Why it is not WebGPU, in words; null where it is. */
  readonly fallbackReason: string | null;
  /** True where the adapter is software. */
  readonly software: boolean;
}

/** What became of a loaded file. `error` says why nothing of it can be used. */
export interface DatasetReport {
  /** Id to put into the `file` world's `dataset` parameter; a hash of the content. */
  readonly id: string;
  readonly name: string;
  readonly kind: DatasetKind | null;
  readonly rows: number;
  readonly vocabSize: number;
  /** Lines left out, with their number from 1. At most the first 200 are listed. */
  readonly problems: readonly { readonly line: number; readonly reason: string }[];
  readonly problemCount: number;
  readonly error: string | null;
  /** The first few rows in words. */
  readonly preview: readonly string[];
}

export type ToWorker =
  /**
   * Starts a run, or goes on from a checkpoint; paused, it shows its start and takes no step. One run trains at a time: an
   * active one is stopped first, with its checkpoint.
   */
  | { readonly type: 'start'; readonly runId: string; readonly spec: RunSpec; readonly from: Checkpoint | null; readonly paused: boolean }
  | { readonly type: 'pause'; readonly runId: string }
  /** Trains on, to the end or for so many steps; after these it pauses, with its checkpoint. */
  | { readonly type: 'resume'; readonly runId: string; readonly steps?: number }
  /** One optimisation step of a paused run. */
  | { readonly type: 'step'; readonly runId: string }
  /** Ends a run; its last checkpoint is sent first. */
  | { readonly type: 'stop'; readonly runId: string }
  | { readonly type: 'dataset'; readonly name: string; readonly bytes: ArrayBuffer }
  /** Checks a reader's own source: does it compile, and does it compute what it has to. */
  | { readonly type: 'check'; readonly id: number; readonly kind: OwnKind; readonly source: string };

export type RunState = 'preparing' | 'running' | 'paused' | 'finished' | 'stopped' | 'failed';

export type FromWorker =
  | { readonly type: 'ready'; readonly catalogue: Catalogue; readonly device: DeviceInfo }
  | { readonly type: 'event'; readonly runId: string; readonly event: RunEvent }
  | { readonly type: 'state'; readonly runId: string; readonly state: RunState }
  | { readonly type: 'failed'; readonly runId: string; readonly kind: FailureKind; readonly message: string }
  | { readonly type: 'dataset'; readonly report: DatasetReport }
  | ({ readonly type: 'checked'; readonly id: number } & OwnChecked)
  /** Bytes that the device holds, sent about once a second while a run trains, and once when it has opened or ended. */
  | { readonly type: 'memory'; readonly bytes: number; readonly tensors: number }
  /** The worker as a whole cannot go on (device lost, start-up failed). Runs in progress have failed. */
  | { readonly type: 'fatal'; readonly kind: FailureKind; readonly message: string };

/** The first message to the lab's worker. */
export interface Opening {
  /** tfjs's .wasm files by name: addresses, or their bytes for a worker that can fetch nothing. */
  readonly wasm: Readonly<Record<string, string | ArrayBuffer>>;
  /** Compute on the processor alone: for checks, which need no device. */
  readonly processorOnly: boolean;
  /** What a sandboxed worker talks through, and nothing but that; null for the worker that runs no code but the lab's. */
  readonly port: MessagePort | null;
}

/** What else a sandboxed worker says: whether it is inside of a reader's own code just now, and that it still listens. */
export type FromSandbox = FromWorker | { readonly type: 'inside'; readonly inside: boolean } | { readonly type: 'pong' };

export type ToSandbox = ToWorker | { readonly type: 'ping' };
