/** The workloads as tasks: models, starting θ and data, the same for every engine. */
import { WORKLOADS, type WorkloadId } from '../core/bench';
import { defaultsOf } from '../core/params';
import { resolveSpec } from '../core/resolve';
import { createRng, type Rng } from '../core/rng';
import { type RunSpecInput, type Stage, TRAINING } from '../core/spec';
import { BOS, EOS, type WorldInstance } from '../core/world';
import { OBJECTIVES } from '../objectives';
import { POLICIES } from '../policies';
import type { Policy } from '../policies/policy';
import { type HostRows, packRows } from '../policies/rows';
import type { HostBatch } from '../trainer/batch';
import { catalogue } from '../trainer/catalogue';
import { type PreparedStage, policyShape, prepare } from '../trainer/lab';
import { makeVocabulary } from '../worlds/text';
import type { GptSpec, MlpSpec, OnPolicyTask, RolloutTask, Task, TrainTask } from './engine';

/** Sizes of a training workload. */
export interface TrainSizes {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  /** T */
  readonly length: number;
  readonly batch: number;
  readonly vocabSize: number;
}

/** Sizes of a rollout workload. */
export interface RolloutSizes {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly rows: number;
  readonly prompt: number;
  readonly newTokens: number;
  readonly vocabSize: number;
}

const SMALL = { layers: 2, width: 64, heads: 4, vocabSize: 64 } as const;
const LARGE = { layers: 4, width: 128, heads: 4, vocabSize: 64 } as const;
const SEQUENCES = { rows: 64, prompt: 8, newTokens: 24 } as const;

/** Initial scale of the rollouts' weights: more than the default, so that a sampler that does not follow the model shows. */
const ROLLOUT_STD = 0.2;

/** Rows that all engines score before they are compared. */
const PROBED_ROWS = 16;

/** The smallest training workload: where the growth curves start from. */
export const TRAIN_SMALL: TrainSizes = { ...SMALL, length: 32, batch: 16 };

/** GRPO on sums: eight prompts, eight completions of four tokens each, all 64 of them in one step. */
const SUMS_GRPO: RunSpecInput = {
  world: 'sums',
  policy: { id: 'gpt', params: { layers: SMALL.layers, width: SMALL.width, heads: SMALL.heads } },
  stages: [
    {
      objective: 'grpo',
      reward: 'exact-match',
      training: { source: 'samples', prompts: 8, group: 8, batchSize: 8, refreshEvery: 1, clipNorm: 0 },
    },
  ],
};

/** The network of `mode-seeking-mlp` with that experiment's ten contexts and ten samples of each, in an on-policy step. */
const BINS_GRPO: RunSpecInput = {
  world: 'bins',
  policy: 'mlp',
  stages: [{ objective: 'grpo', training: { source: 'samples', prompts: 10, group: 10, batchSize: 10, refreshEvery: 1, clipNorm: 0 } }],
};

/** Everything about a workload that does not depend on the engine. */
export function buildTask(id: WorkloadId): Task {
  switch (id) {
    case 'train-2x64':
      return trainTask(id, TRAIN_SMALL);
    case 'train-4x128':
      return trainTask(id, { ...LARGE, length: 64, batch: 16 });
    case 'rollout-2x64':
      return rolloutTask(id, { ...SMALL, ...SEQUENCES });
    case 'rollout-4x128':
      return rolloutTask(id, { ...LARGE, ...SEQUENCES });
    case 'mlp-bandit':
      return onPolicyTask(id, BINS_GRPO);
    case 'grpo-step':
      return onPolicyTask(id, SUMS_GRPO);
    default:
      return id satisfies never;
  }
}

/** Imitation of random rows: every position but the first is learned. */
export function trainTask(id: WorkloadId, sizes: TrainSizes): TrainTask {
  const { layers, width, heads, length, vocabSize, batch } = sizes;
  const world = noise(vocabSize, 1, length - 1);
  const policy = POLICIES.gpt.create({ ...defaultsOf(POLICIES.gpt.params), layers, width, heads }, policyShape(world));
  const rng = createRng(0).fork(id);
  const rows = demonstrations(world, policy, batch, rng.fork('batch'));
  return {
    kind: 'train',
    id,
    model: { kind: 'gpt', layers, width, heads },
    policy,
    stage: imitation(world, batch),
    theta: policy.init(rng.fork('init')),
    probe: rows,
    batch: demonstrationBatch(rows),
    tokens: batch * length,
  };
}

/** Sampling after random prompts. */
export function rolloutTask(id: WorkloadId, sizes: RolloutSizes): RolloutTask {
  const { layers, width, heads, rows, prompt, newTokens, vocabSize } = sizes;
  const world = noise(vocabSize, prompt, newTokens);
  const policy = POLICIES.gpt.create({ layers, width, heads, initStd: ROLLOUT_STD, weights: 'f32' }, policyShape(world));
  const rng = createRng(0).fork(id);
  const stream = rng.fork('prompts');
  return {
    kind: 'rollout',
    id,
    model: { kind: 'gpt', layers, width, heads },
    policy,
    stage: imitation(world, rows),
    theta: neverEnding(policy, policy.init(rng.fork('init'))),
    probe: demonstrations(world, policy, PROBED_ROWS, rng.fork('probe')),
    prompts: Array.from({ length: rows }, () => world.sample(stream, 'train').prompt),
    newTokens,
    tokens: rows * newTokens,
  };
}

/** A step of GRPO in a world of the lab. @param input a spec of one stage that learns from samples drawn afresh at every step */
export function onPolicyTask(id: WorkloadId, input: RunSpecInput): OnPolicyTask {
  const { policy, stages, world, spec } = prepare(resolveSpec(input, catalogue()), { dataset: () => undefined });
  const stage = stages[0] as PreparedStage;
  const { prompts, group } = stage.spec.training;
  const rng = createRng(0).fork(id);
  const { params } = spec.policy;
  const model: GptSpec | MlpSpec =
    spec.policy.id === 'gpt'
      ? { kind: 'gpt', layers: Number(params.layers), width: Number(params.width), heads: Number(params.heads) }
      : { kind: 'mlp', contextSize: Number(params.contextSize) };
  return {
    kind: 'on-policy',
    id,
    model,
    policy,
    stage,
    theta: policy.init(rng.fork('init')),
    probe: demonstrations(world, policy, PROBED_ROWS, rng.fork('probe')),
    tokens: prompts * group * world.completionLength,
  };
}

/** A world of random words: the time of a step does not depend on what the words are. */
function noise(vocabSize: number, promptLength: number, completionLength: number): WorldInstance {
  const words = Array.from({ length: vocabSize - 3 }, (_, i) => `w${i}`);
  const draw = (rng: Rng, count: number): number[] => Array.from({ length: count }, () => 3 + rng.below(words.length));
  const sample = (rng: Rng) => ({ prompt: [BOS, ...draw(rng, promptLength - 1)] });
  return {
    vocab: makeVocabulary(words, ' '),
    promptLength,
    completionLength,
    sample,
    verify: () => ({ correct: false, score: 0, parts: {} }),
    demonstrate: (rng) => ({ example: sample(rng), completion: draw(rng, completionLength) }),
  };
}

function imitation(world: WorldInstance, batchSize: number): PreparedStage {
  const training = { ...defaultsOf(TRAINING), batchSize, clipNorm: 0 };
  const spec: Stage = { objective: { id: 'sft', params: {} }, rewards: [], training, world: null };
  return {
    spec,
    world,
    objective: OBJECTIVES.sft,
    score: () => ({ total: 0, parts: {} }),
    needs: { reference: false, policy: false, models: [] },
    teachers: [],
    begins: -1,
  };
}

function demonstrationBatch(rows: HostRows): HostBatch {
  const tokens = rows.mask.reduce((sum, m) => sum + m, 0);
  const totals = { rows: rows.rows, tokens, chosenTokens: tokens };
  return { kind: 'demonstrations', rows, items: rows.rows, group: 1, totals, perToken: {}, perRow: {}, perItem: {} };
}

/** Prompts with what the world would write after them; a single random action where it says nothing. */
function demonstrations(world: WorldInstance, { shape }: Policy, count: number, rng: Rng): HostRows {
  const pairs = Array.from({ length: count }, () => {
    const shown = world.demonstrate?.(rng, 'train');
    return shown === undefined
      ? { prompt: world.sample(rng, 'train').prompt, completion: [rng.pick(shape.sampleable)] }
      : { prompt: shown.example.prompt, completion: shown.completion };
  });
  return packRows(pairs, shape.maxLen);
}

/** Logit of the end token: it is never drawn. */
const NEVER = -30;

/**
 * The same θ but that the first feature of every hidden state is 1 and speaks of the end token alone, whose logit is `NEVER`
 * after every text: no row stops early, and every engine does all the work.
 */
function neverEnding({ layout, shape: { vocabSize } }: Policy, theta: Float32Array): Float32Array {
  const changed = Float32Array.from(theta);
  for (const { name, offset, shape } of layout.slices) {
    const [, width = 0] = shape;
    if (name === 'transformer.ln_f.weight') changed[offset] = 0;
    if (name === 'transformer.ln_f.bias') changed[offset] = 1;
    if (name !== 'transformer.wte.weight') continue;
    for (let token = 0; token < vocabSize; token++) changed[offset + token * width] = token === EOS ? NEVER : 0;
    changed.fill(0, offset + EOS * width + 1, offset + (EOS + 1) * width);
  }
  return changed;
}

/** Whether a word names a workload. */
export const isWorkload = (word: string): word is WorkloadId => (WORKLOADS as readonly string[]).includes(word);
