/** What a run shows of itself: held-out samples, the exact distribution, and how far θ has moved. Reads, never trains. */
import * as tf from '@tensorflow/tfjs-core';
import type { EvaluationResult, Sample } from '../core/events';
import type { DistributionMetric, SampleMetric } from '../core/metric';
import { createRng, hashText, type Rng } from '../core/rng';
import type { Stage } from '../core/spec';
import type { Augmented, Completion, Example, WorldInstance } from '../core/world';
import { METRICS } from '../metrics';
import { entropy, expectedValue, kl } from '../metrics/exact';
import { k1, k3 } from '../metrics/kl-estimators';
import { mutualInformation } from '../metrics/mutual-information';
import { ndcgAtK, recallAtK } from '../metrics/ranking';
import type { Policy } from '../policies/policy';
import { packRows, toRows } from '../policies/rows';
import { preferredOptions } from './batch';
import type { PreparedStage } from './lab';
import { evaluateMovement } from './movement';
import { mean } from './pool';
import { completionsOf, logpOf, scoreRows, wordsOf } from './samples';
import { exactProbabilities } from './start';

/** Most samples that travel to the page at once. */
const SHOWN_SAMPLES = 48;
/** Held-out pairs and questions in one evaluation. */
const PAIRS = 64;
const QUESTIONS = 96;
/** Held-out questions whose mutual information with the principles is computed. */
const CONTRASTS = 3;
const CUTOFF = 10;

export interface EvaluationInput {
  readonly world: WorldInstance;
  readonly policy: Policy;
  readonly stage: PreparedStage;
  readonly seed: number;
  readonly step: number;
  readonly prompts: number;
  readonly samples: number;
  readonly theta: tf.Tensor1D;
  readonly reference: tf.Tensor1D;
  /** θ at the end of earlier stages that this one learns from, [n] each, by stage. */
  readonly ends: ReadonlyMap<number, tf.Tensor1D>;
  /** θ at the start of the run, [n]. */
  readonly start: tf.Tensor1D;
  /** Whether this is the last look of a stage. */
  readonly stageEnds: boolean;
  /** The world's distribution, or the policy's at the start of the stage; null where nothing can be enumerated. */
  readonly referenceProbabilities: readonly number[] | null;
}

/** One evaluation. The held-out prompts are the same at every step of a run; the draws are keyed by the step. */
export async function evaluate(input: EvaluationInput): Promise<EvaluationResult> {
  const [samples, distribution, movement, ranking, questions, principles] = [
    await evaluateSamples(input),
    await evaluateDistribution(input),
    await evaluateMovement({ ...input, layout: input.policy.layout, ranks: input.stageEnds }),
    await evaluatePairs(input),
    await evaluateQuestions(input),
    await evaluatePrinciples(input),
  ];
  return {
    metrics: { ...samples.metrics, ...distribution.metrics, ...movement.metrics, ...ranking, ...questions, ...principles },
    events: [...samples.events, ...distribution.events, ...movement.events],
  };
}

/** The stream of held-out examples: the same for every step, so curves show the policy and not the draw of prompts. */
const heldOut = (seed: number): Rng => createRng(seed).fork('held-out');

async function evaluateSamples(input: EvaluationInput): Promise<EvaluationResult> {
  const { world, policy, stage, theta, reference, seed, step, prompts, samples } = input;
  const stream = heldOut(seed).fork('prompts');
  const examples = Array.from({ length: prompts }, () => world.sample(stream, 'test'));
  const rows = examples.flatMap((example) => Array.from({ length: samples }, () => example));
  const sampled = await policy.sample(theta, {
    prompts: rows.map(({ prompt }) => prompt),
    seed: (seed ^ hashText('evaluation')) >>> 0,
    step,
    temperature: 1,
  });
  const completions = completionsOf(world, rows, sampled);
  const verdicts = completions.map((completion, i) => world.verify(rows[i] as Example, completion));
  const rewards = (await scoreRows(stage, policy, rows, completions, sampled, input)).map(({ total }) => total);
  const refLogp = await logpOf(policy, reference, sampled); // [R, T]
  const bySequence = (logp: ArrayLike<number>): number[] =>
    Array.from({ length: rows.length }, (_, row) => sequenceSum(logp, row, sampled.length));
  const [ours, theirs] = [bySequence(sampled.logp), bySequence(refLogp)];
  const metrics: Record<string, number> = {
    'eval/accuracy': mean(verdicts.map(({ correct }) => (correct ? 1 : 0))),
    'eval/true_reward': mean(verdicts.map(({ score }) => score)),
    'eval/kl_k1': k1(ours, theirs),
    'eval/kl_k3': k3(ours, theirs),
  };
  if (stage.spec.rewards.length > 0) metrics['eval/reward'] = mean(rewards);
  const grouped = <T>(values: readonly T[]): T[][] => examples.map((_, i) => values.slice(i * samples, (i + 1) * samples));
  const likelihood = grouped(ours.map((policy, i) => ({ policy, reference: theirs[i] as number })));
  const set = { world, examples, completions: grouped(completions), correct: grouped(verdicts.map(({ correct }) => correct)), likelihood };
  for (const metric of ofKind('samples')) metrics[metric.id] = metric.compute(set);
  Object.assign(metrics, rankingMetrics(world, rows, completions));
  const shown = completions.slice(0, SHOWN_SAMPLES).map(
    (completion, i): Sample => ({
      prompt: wordsOf(world, (rows[i] as Example).prompt),
      completion: completion.text,
      answer: rows[i]?.answer ?? null,
      reward: rewards[i] as number,
      correct: verdicts[i]?.correct ?? false,
      ended: completion.ended,
    }),
  );
  return { metrics, events: [{ type: 'samples', step, samples: shown }] };
}

function rankingMetrics(world: WorldInstance, examples: readonly Example[], completions: readonly Completion[]): Record<string, number> {
  if (world.rank === undefined) return {};
  const rankings = completions.map((completion, i) => world.rank?.(examples[i] as Example, completion) ?? null);
  return {
    [`eval/ndcg@${CUTOFF}`]: mean(rankings.map((ranking) => (ranking === null ? 0 : ndcgAtK(ranking, CUTOFF)))),
    [`eval/recall@${CUTOFF}`]: mean(rankings.map((ranking) => (ranking === null ? 0 : recallAtK(ranking, CUTOFF)))),
  };
}

async function evaluateDistribution(input: EvaluationInput): Promise<EvaluationResult> {
  const { world, policy, stage, theta, seed, step, referenceProbabilities: reference } = input;
  const exact = world.enumerate?.();
  if (exact === undefined || reference === null) return { metrics: {}, events: [] };
  const example = world.sample(heldOut(seed).fork('prompts'), 'test');
  const probabilities = await exactProbabilities(policy, theta, example.prompt, exact);
  const completions = exact.completions.map((tokens, i) => ({ tokens, text: exact.labels[i] ?? '', ended: true }));
  const packed = packRows(
    exact.completions.map((completion) => ({ prompt: example.prompt, completion })),
    policy.shape.maxLen,
  );
  const scored = await scoreRows(
    stage,
    policy,
    completions.map(() => example),
    completions,
    { ...packed, logp: await logpOf(policy, theta, packed) },
    input,
  );
  const reward = scored.map(({ total }) => total);
  const teachers: number[][] = [];
  for (const { stage: at } of stage.teachers) {
    teachers.push(await exactProbabilities(policy, input.ends.get(at) as tf.Tensor1D, example.prompt, exact));
  }
  const { objective, spec } = stage;
  // Training sees rewards in 32 bits: what ties there, ties for the closed form too.
  const problem = { reference, reward: reward.map(Math.fround), params: spec.objective.params, group: spec.training.group, teachers };
  // A reward that follows the policy has another closed form at every step, and so none.
  const optimum = stage.needs.policy ? null : (objective.optimum?.(problem) ?? null);
  const truth = completions.map((completion) => world.verify(example, completion).score);
  const metrics: Record<string, number> = {
    expected_reward: expectedValue(probabilities, reward),
    ...(isProxy(stage.spec) ? { expected_true_reward: expectedValue(probabilities, truth) } : {}),
    'eval/kl_exact': kl(probabilities, reference),
    'eval/kl_exact_forward': kl(reference, probabilities),
    'eval/entropy_exact': entropy(probabilities),
  };
  for (const metric of ofKind('distribution')) metrics[metric.id] = metric.compute({ policy: probabilities, reference });
  return {
    metrics,
    events: [{ type: 'distribution', step, labels: exact.labels, policy: probabilities, reference, reward, optimum }],
  };
}

/** Whether completions are scored by anything but the world's own score. */
function isProxy({ rewards }: Stage): boolean {
  const [only] = rewards;
  return rewards.length > 0 && !(rewards.length === 1 && only?.id === 'world' && only.weight === 1);
}

/** How often the chosen completion of a held-out pair has gained more over the reference than the rejected one. */
async function evaluatePairs({ world, policy, theta, reference, seed }: EvaluationInput): Promise<Record<string, number>> {
  if (world.prefer === undefined) return {};
  const stream = heldOut(seed).fork('pairs');
  const pairs = Array.from({ length: PAIRS }, () => world.prefer?.(stream, 'test')).filter((pair) => pair !== undefined);
  const side = (which: 'chosen' | 'rejected') => pairs.map((pair) => ({ prompt: pair.example.prompt, completion: pair[which] }));
  const packed = packRows([...side('chosen'), ...side('rejected')], policy.shape.maxLen);
  const ratios = tf.tidy(() => {
    const rows = toRows(packed);
    return tf.sum(tf.sub(policy.score(theta, rows).logp, policy.score(reference, rows).logp), 1); // [2P]
  });
  const values = await ratios.data();
  ratios.dispose();
  // A tie is no preference: it counts half, so that an untouched policy stands at one half.
  const wins = pairs.map((_, i) => (Math.sign((values[i] as number) - (values[pairs.length + i] as number)) + 1) / 2);
  return { 'eval/ranking_accuracy': mean(wins) };
}

/** Accuracy by the most probable option, with the text in the prompt and without it. */
async function evaluateQuestions({ world, policy, theta, seed }: EvaluationInput): Promise<Record<string, number>> {
  if (world.augment === undefined) return {};
  const accuracy = async (split: 'train' | 'test'): Promise<[number, number]> => {
    const stream = heldOut(seed).fork(`questions-${split}`);
    const items = Array.from({ length: QUESTIONS }, () => world.augment?.(stream, split)).filter(
      (item): item is Augmented => item !== undefined,
    );
    const [withText, without] = await preferredOptions(items, policy, theta);
    const right = (picked: readonly number[]): number => mean(items.map((item, i) => (picked[i] === item.correct ? 1 : 0)));
    return [right(withText), right(without)];
  };
  const [augmented, closedBook] = await accuracy('train');
  const [, twoHop] = await accuracy('test');
  return {
    'eval/augmented_accuracy': augmented,
    'eval/closed_book_accuracy': closedBook,
    'eval/augmented_gap': augmented - closedBook,
    'eval/two_hop_accuracy': twoHop,
  };
}

/** The mutual information of principles and replies, exactly, mean over held-out questions. */
async function evaluatePrinciples({ world, policy, theta, seed }: EvaluationInput): Promise<Record<string, number>> {
  const { replies } = world;
  if (world.contrast === undefined || replies === undefined) return {};
  const stream = heldOut(seed).fork('principles');
  const questions = Array.from({ length: CONTRASTS }, () => world.contrast?.(stream, 'test') ?? []);
  const pairs = questions.flat().flatMap(({ prompt }) => replies.map((completion) => ({ prompt, completion })));
  const packed = packRows(pairs, policy.shape.maxLen);
  const logp = await logpOf(policy, theta, packed);
  const sums = pairs.map((_, row) => sequenceSum(logp, row, packed.length));
  let first = 0;
  const information = questions.map((question) => {
    const table = question.map(() => {
      first += replies.length;
      return sums.slice(first - replies.length, first).map(Math.exp);
    });
    return mutualInformation(table);
  });
  return { 'eval/mutual_information': mean(information) };
}

/** Sum of one row of a [rows, length] matrix. */
function sequenceSum(matrix: ArrayLike<number>, row: number, length: number): number {
  let sum = 0;
  for (let t = row * length; t < (row + 1) * length; t++) sum += matrix[t] as number;
  return sum;
}

type ByKind = { samples: SampleMetric; distribution: DistributionMetric };

function ofKind<K extends keyof ByKind>(kind: K): ByKind[K][] {
  return Object.values(METRICS).filter((metric) => metric.of === kind) as unknown as ByKind[K][];
}
