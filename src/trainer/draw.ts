/** Drawing a stage's samples: whose prompts, which policy, and which groups are kept. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Score } from '../core/reward';
import { hashText, type Rng } from '../core/rng';
import type { Completion, Example } from '../core/world';
import type { Policy, Sampled } from '../policies/policy';
import { takeMatrix, takeRows } from '../policies/rows';
import type { PreparedStage } from './lab';
import { completionsOf, type Models, scoreRows } from './samples';

/** Draws in all, at most, to replace groups without variance. */
const DRAWS = 4;

/** Samples with their judgements, in groups. */
export interface Drawn {
  readonly examples: readonly Example[];
  readonly completions: readonly Completion[];
  readonly scores: readonly Score[];
  readonly sampled: Sampled;
}

/** What the policies of a stage are at the moment of drawing. */
export interface DrawInput {
  readonly policy: Policy;
  readonly stage: PreparedStage;
  /** θ that is trained, and θ that samples are drawn from. */
  readonly theta: tf.Tensor1D;
  readonly sampler: tf.Tensor1D;
  readonly models: Models;
  /** Rewards of the stage so far. */
  readonly seen: { readonly count: number; readonly mean: number };
  /** Keys prompts and draws. */
  readonly rng: Rng;
  readonly seed: number;
  readonly stageStep: number;
}

/** A policy that draws for itself and has learnt from no stage before: the models of a first stage's first draw. */
export const drawnAlone = (theta: tf.Tensor1D, reference: tf.Tensor1D): Pick<DrawInput, 'theta' | 'sampler' | 'models' | 'seen'> => ({
  theta,
  sampler: theta,
  models: { reference, ends: new Map() },
  seen: NOTHING_SEEN,
});

/** Before the first draw of a stage. */
export const NOTHING_SEEN = { count: 0, mean: 0 };

/** A draw with the groups that are to be learnt from. */
export interface DrawnGroups {
  readonly drawn: Drawn;
  /** Rows of a group. */
  readonly group: number;
  /** Groups without variance that others were drawn for. */
  readonly dropped: number;
  /** Completions that were scored, those of dropped groups included. */
  readonly queries: number;
}

/** Draws the groups of a stage; where it says so, those of equal reward are replaced, for a few draws (DAPO, arXiv 2503.14476). */
export async function drawGroups(input: DrawInput): Promise<DrawnGroups> {
  const { stage } = input;
  let drawn = await draw(input, 0);
  const group = groupSize(stage, drawn);
  let queries = drawn.examples.length;
  if (!stage.spec.training.dropZeroVariance) return { drawn, group, dropped: 0, queries };
  const wanted = queries / group;
  const kept: Drawn[] = [];
  const equal: Drawn[] = [];
  for (let attempt = 0; kept.length < wanted; attempt++) {
    for (const one of groupsOf(drawn, group)) (isEqual(one) ? equal : kept).push(one);
    if (kept.length >= wanted || attempt + 1 === DRAWS) break;
    drawn = await draw(input, attempt + 1);
    queries += drawn.examples.length;
  }
  return { drawn: joined([...kept, ...equal].slice(0, wanted)), group, dropped: equal.length, queries };
}

/** Rows of one item: samples of one prompt, or one sample of each principle. */
const groupSize = (stage: PreparedStage, { examples }: Drawn): number =>
  stage.objective.data === 'contrasts' ? examples.length / stage.spec.training.prompts : stage.spec.training.group;

async function draw(input: DrawInput, attempt: number): Promise<Drawn> {
  const { policy, stage, sampler, models, rng, stageStep } = input;
  const { objective } = stage;
  const { prompts: count, group, temperature, topK, topP } = stage.spec.training;
  const keyed = rng.fork('prompts').fork(stageStep);
  const stream = attempt === 0 ? keyed : keyed.fork(attempt);
  const each = <T>(one: () => T): T[] => Array.from({ length: count }, one);
  const examples =
    objective.data === 'contrasts'
      ? each(() => stage.world.contrast?.(stream, 'train') ?? []).flat()
      : each(() => stage.world.sample(stream, 'train')).flatMap((example) => Array.from({ length: group }, () => example));
  const request = {
    seed: (input.seed ^ hashText('rollout') ^ Math.imul(attempt, 0x85ebca6b)) >>> 0,
    step: stageStep,
    temperature,
    topK,
    topP,
  };
  const prompts = examples.map(({ prompt }) => prompt);
  const opponent = objective.opponent?.(stage.spec.objective.params as never);
  let sampled: Sampled;
  if (opponent === undefined) sampled = await policy.sample(sampler, { prompts, ...request });
  else {
    const isOwn = prompts.map((_, row) => row % group < group / 2);
    const own = await policy.sample(sampler, { prompts: prompts.filter((_, row) => isOwn[row]), ...request });
    const others = { prompts: prompts.filter((_, row) => !isOwn[row]), ...request, seed: (request.seed ^ hashText('opponent')) >>> 0 };
    const theirs =
      opponent === 1
        ? await policy.sample(models.reference, others)
        : await policy.sample(sampler, { ...others, mix: { theta: models.reference, weight: opponent } });
    let [ours, other] = [0, 0];
    sampled = pick(
      stack([own, theirs]),
      isOwn.map((is) => (is ? ours++ : own.rows + other++)),
    );
  }
  const completions = completionsOf(stage.world, examples, sampled);
  return { examples, completions, scores: await scoreRows(stage, policy, examples, completions, sampled, models), sampled };
}

/**
 * What the sampling policy earns, by the same reward, when it takes the most probable token at every place. One completion for each prompt;
 * whoever asks learns nothing else of it.
 * @param examples those of the samples, `group` neighbouring ones of one prompt
 * @returns [prompts]
 */
export async function greedyRewards(input: DrawInput, examples: readonly Example[], group: number): Promise<Float32Array> {
  const { policy, stage, sampler, models, stageStep: step } = input;
  const asked = examples.filter((_, row) => row % group === 0);
  // Without a draw the seed plays no part.
  const sampled = await policy.sample(sampler, { prompts: asked.map(({ prompt }) => prompt), seed: 0, step, temperature: 0 });
  const scores = await scoreRows(stage, policy, asked, completionsOf(stage.world, asked, sampled), sampled, models);
  return Float32Array.from(scores, ({ total }) => total);
}

/** Samples one after another. */
function stack(all: readonly Sampled[]): Sampled {
  const join = (read: (one: Sampled) => Float32Array): Float32Array => Float32Array.from(all.flatMap((one) => Array.from(read(one))));
  return {
    rows: all.reduce((sum, { rows }) => sum + rows, 0),
    length: all[0]?.length ?? 0,
    tokens: Int32Array.from(all.flatMap(({ tokens }) => Array.from(tokens))),
    mask: join(({ mask }) => mask),
    logp: join(({ logp }) => logp),
    entropy: join(({ entropy }) => entropy),
  };
}

/** Some of the rows, in the order asked for. */
function pick(all: Sampled, rows: readonly number[]): Sampled {
  const { length } = all;
  return { ...takeRows(all, rows), logp: takeMatrix(all.logp, length, rows), entropy: takeMatrix(all.entropy, length, rows) };
}

function part({ examples, completions, scores, sampled }: Drawn, from: number, to: number): Drawn {
  const rows = Array.from({ length: to - from }, (_, i) => from + i);
  return {
    examples: examples.slice(from, to),
    completions: completions.slice(from, to),
    scores: scores.slice(from, to),
    sampled: pick(sampled, rows),
  };
}

/** The first half of every group. */
export const firstHalves = (drawn: Drawn, size: number): Drawn => joined(groupsOf(drawn, size).map((one) => part(one, 0, size / 2)));

const groupsOf = (drawn: Drawn, size: number): Drawn[] =>
  Array.from({ length: drawn.examples.length / size }, (_, i) => part(drawn, i * size, (i + 1) * size));

const joined = (groups: readonly Drawn[]): Drawn => ({
  examples: groups.flatMap(({ examples }) => examples),
  completions: groups.flatMap(({ completions }) => completions),
  scores: groups.flatMap(({ scores }) => scores),
  sampled: stack(groups.map(({ sampled }) => sampled)),
});

const isEqual = ({ scores }: Drawn): boolean => scores.every(({ total }) => total === scores[0]?.total);
