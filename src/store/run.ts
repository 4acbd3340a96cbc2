/** A run as the page lists it. Its curves lie in its recording. */
import type { FailureKind } from '../core/events';
import { type RunSpec, renewed } from '../core/spec';
import type { RunState } from '../worker/protocol';

export interface Run {
  readonly id: string;
  readonly name: string;
  /** Index into the accents. */
  readonly accent: number;
  readonly spec: RunSpec;
  /** The experiment's arm that it was set up from, with whether anything was changed. */
  readonly origin: { readonly experiment: string; readonly arm: string; readonly edited: boolean } | null;
  /** `interrupted`: the page was closed, or the device lost, while it was in progress. */
  readonly state: RunState | 'interrupted';
  readonly failure: { readonly kind: FailureKind; readonly message: string } | null;
  readonly totalSteps: number;
  /** Floats in θ; null until the worker has said. */
  readonly parameters: number | null;
  /** Name of the device that it trains on. */
  readonly device: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Drawn beside the run that is looked at. */
  readonly visible: boolean;
  /** Step of the last checkpoint that can be gone on from; null where there is none. */
  readonly checkpointStep: number | null;
  /** The last step that it took when it last came to rest; absent until it has. Its recording may not be at hand. */
  readonly lastStep?: number;
  /** Steps per second as last measured; absent until it has been. */
  readonly pace?: number;
  /** Kept at the head of the list, and on show when others make room. */
  readonly pinned?: boolean;
  readonly starred?: boolean;
  /** What the reader has written about it, in lines. */
  readonly note?: string;
  /** Where it came from, of a run that was trained elsewhere and opened from a bundle. */
  readonly imported?: {
    /** Id and time of creation there. */
    readonly id: string;
    readonly createdAt: number;
    /** Version of the lab that wrote it. */
    readonly lab: string;
    readonly backend: string | null;
  };
}

/** Whether the worker holds the run and has not ended it. */
export const isInProgress = (run: Run): boolean => run.state === 'preparing' || run.state === 'running' || run.state === 'paused';

/** Whether the run can go on, at once or from its last checkpoint. */
export const canResume = (run: Run): boolean => {
  if (run.state === 'paused') return true;
  if (run.failure?.kind === 'diverged' || run.failure?.kind === 'bad-spec') return false;
  const ended = run.state === 'interrupted' || run.state === 'stopped' || run.state === 'failed';
  return ended && run.checkpointStep !== null && run.checkpointStep < run.totalSteps;
};

/** A run as it is after a reload: what was in progress was interrupted. */
export const reviveRun = (run: Run): Run => ({ ...run, spec: renewed(run.spec), ...(isInProgress(run) ? { state: 'interrupted' } : {}) });

/** How many of a run's shaders are compiled. */
export interface Compiling {
  readonly done: number;
  readonly total: number;
}

export const compilingInWords = ({ done, total }: Compiling): string => `Compiling shaders, ${done} of ${total}`;

/** A run's state in a few words. `step` is the last step that it took. */
export function stateInWords(run: Run, step: number): string {
  switch (run.state) {
    case 'preparing':
      return 'Preparing';
    case 'running':
      return step === 0 ? 'Taking the first step' : 'Training';
    case 'paused':
      return 'Paused';
    case 'finished':
      return 'Finished';
    case 'stopped':
      return 'Stopped';
    case 'interrupted':
      return `Interrupted at step ${step}`;
    case 'failed':
      return failureInWords(run.failure?.kind ?? 'internal');
    default:
      return run.state satisfies never;
  }
}

/** A failure in two or three words. */
export function failureInWords(kind: FailureKind): string {
  const words: Record<FailureKind, string> = {
    'bad-spec': 'Cannot be set up',
    diverged: 'Diverged',
    'device-lost': 'GPU lost',
    'out-of-memory': 'Out of memory',
    'gpu-error': 'GPU error',
    'own-code': 'Your code failed',
    internal: 'Failed',
  };
  return words[kind];
}

/** What the reader can do about a failure. */
export function adviceFor(kind: FailureKind): string {
  const advice: Record<FailureKind, string> = {
    'bad-spec': 'Change the setting and train again.',
    diverged: 'A smaller learning rate, gradient clipping or a warm-up usually helps. The curves up to here are kept.',
    'device-lost': 'The browser or the driver took the GPU away. What was trained up to the last checkpoint is kept.',
    'out-of-memory': 'Use a smaller batch, more accumulation, or a smaller policy. What was trained up to the last checkpoint is kept.',
    'gpu-error': 'What was trained up to the last checkpoint is kept.',
    'own-code': 'Correct the code and train again. What was trained up to the last checkpoint is kept.',
    internal: 'What was trained up to the last checkpoint is kept.',
  };
  return advice[kind];
}
