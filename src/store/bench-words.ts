/** What the bench's workloads, engines and axes are called on the page. */
import type { EngineId, GrowthCurve, WorkloadId } from '../core/bench';
import { type Accent, accentOf } from './palette';

export interface Words {
  readonly title: string;
  readonly help: string;
}

export const WORKLOAD_WORDS: Readonly<Record<WorkloadId, Words>> = {
  'train-2x64': {
    title: 'Training step, 2 layers of width 64',
    help: 'Loss, gradient and Adam of a GPT-2 with 4 heads; 16 rows of 32 tokens, vocabulary 64.',
  },
  'train-4x128': {
    title: 'Training step, 4 layers of width 128',
    help: 'The same, larger: 16 rows of 64 tokens.',
  },
  'rollout-2x64': {
    title: 'Rollout, 2 layers of width 64',
    help: '64 sequences: a prompt of 8 tokens, 24 new tokens drawn at temperature 1.',
  },
  'rollout-4x128': {
    title: 'Rollout, 4 layers of width 128',
    help: 'The same 64 sequences from the larger model.',
  },
  'mlp-bandit': {
    title: 'On-policy step of an MLP',
    help: 'GRPO on a bandit: 10 contexts with 10 samples each, their rewards, the update.',
  },
  'grpo-step': {
    title: 'On-policy step of a GPT',
    help: 'GRPO on sums: 8 prompts with 8 completions each, drawn, scored and learned from.',
  },
};

/** An engine keeps its accent in every picture. */
export const ENGINE_WORDS: Readonly<Record<EngineId, Words & { readonly accent: Accent }>> = {
  lab: { title: 'the lab', help: 'The engine that this lab trains with: fixed plans of fused kernels.', accent: accentOf(0) },
  tfjs: { title: 'stock TensorFlow.js', help: 'The same model in library ops, its own autograd and Adam.', accent: accentOf(1) },
  jax: { title: 'jax-js jit', help: 'The same training step under one jit. Training steps of the GPT only.', accent: accentOf(2) },
};

export const AXIS_WORDS: Readonly<Record<GrowthCurve['axis'], string>> = {
  width: 'Width',
  layers: 'Layers',
  length: 'Tokens in a row',
  batch: 'Rows in a batch',
};
