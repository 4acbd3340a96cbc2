/**
 * What the bench asks of an engine. Every engine gets the same model, the same θ and the same data as plain arrays, and
 * does with them what a user of that library would do.
 */
import type { EngineId, WorkloadId } from '../core/bench';
import type { Policy } from '../policies/policy';
import type { HostRows } from '../policies/rows';
import type { HostBatch } from '../trainer/batch';
import type { PreparedStage } from '../trainer/lab';

/** Sizes of a GPT-2; its weights are the slices of `policy.layout`, in Hugging Face's names and orientation. */
export interface GptSpec {
  readonly kind: 'gpt';
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
}

/** Sizes of the network from a context to `shape.sampleable.length` actions. */
export interface MlpSpec {
  readonly kind: 'mlp';
  readonly contextSize: number;
}

interface TaskBase {
  readonly id: WorkloadId;
  /** The lab's policy: names and shapes of the weights, and the judge of what was sampled. */
  readonly policy: Policy;
  /** Objective, world, reward and the settings of Adam: `stage.spec.training`, without clipping and decay. */
  readonly stage: PreparedStage;
  /** [policy.layout.size], where every engine starts. */
  readonly theta: Float32Array;
  /** Rows whose mean negative log-probability under `theta` every engine must agree on. */
  readonly probe: HostRows;
  /** Tokens that one step processes: trained ones, or sampled ones where the step samples. */
  readonly tokens: number;
}

/** One step of imitation: mean cross-entropy of the unmasked tokens, its gradient, Adam. */
export interface TrainTask extends TaskBase {
  readonly kind: 'train';
  readonly model: GptSpec;
  readonly batch: HostBatch;
}

/** Completes every prompt by `newTokens` tokens at temperature 1. θ is such that the end token is never drawn. */
export interface RolloutTask extends TaskBase {
  readonly kind: 'rollout';
  readonly model: GptSpec;
  /** [rows][length], all of one length */
  readonly prompts: readonly (readonly number[])[];
  readonly newTokens: number;
}

/**
 * One on-policy step of GRPO: draw prompts from `stage.world` and a group of completions for each, score them with
 * `stage.score`, and take one step of Adam on the group-relative advantages.
 */
export interface OnPolicyTask extends TaskBase {
  readonly kind: 'on-policy';
  readonly model: GptSpec | MlpSpec;
}

export type Task = TrainTask | RolloutTask | OnPolicyTask;

/** What the last step left. */
export type Outcome =
  /** Loss of the batch before the step. */
  | { readonly kind: 'loss'; readonly loss: number }
  /** [rows, length], prompts included. */
  | { readonly kind: 'tokens'; readonly tokens: Int32Array };

/** An engine at work on one task. Steps follow one another; θ moves with them. */
export interface BenchSession {
  /** Records one step and hands it to the device; waits only for what the step itself has to read. May compile at its first call. */
  step(): Promise<void>;
  /** Resolves once the device has done all that was handed in, with the outcome of the last step. */
  settle(): Promise<Outcome>;
  /** Mean negative log-probability of the unmasked tokens under the present θ, in nats. */
  probe(rows: HostRows): Promise<number>;
  /** Frees what the session holds. */
  dispose(): void;
}

/** A library that the bench can time. */
export interface BenchEngine {
  readonly id: EngineId;
  /** The workloads that it can do. */
  readonly workloads: readonly WorkloadId[];
  /** A fresh start from `task.theta`. */
  open(task: Task): Promise<BenchSession>;
}
