import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Diagnosis, Histogram } from '../core/diagnosis';
import type { Checkpoint, RunEvent } from '../core/events';
import type { Params } from '../core/params';
import { resolveSpec } from '../core/resolve';
import { createRng } from '../core/rng';
import type { RunSpecInput } from '../core/spec';
import { LOGGED } from '../metrics/logged';
import { OBJECTIVES } from '../objectives';
import type { Objective } from '../objectives/objective';
import { evaluate } from '../objectives/plain';
import { randomBatch } from '../objectives/random-batch';
import type { Policy } from '../policies/policy';
import { type HostBatch, poolBatch, worldBatch } from './batch';
import { catalogue } from './catalogue';
import { diagnose } from './diagnosis';
import { drawnAlone } from './draw';
import { type PreparedStage, prepare } from './lab';
import { drawPool, orderStream } from './pool';
import { createRun } from './run';
import { lossAndGradient, termGradients } from './step';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const REGISTRY: Readonly<Record<string, Objective>> = OBJECTIVES;
const context = { dataset: () => undefined };

function prepared(objective: string, params: Params = {}, training: object = {}) {
  const input: RunSpecInput = {
    world: { id: 'sums', params: { digits: 1 } },
    policy: { id: 'gpt', params: { layers: 1, width: 8, heads: 2 } },
    stages: [{ objective: { id: objective, params }, training: { steps: 4, prompts: 3, group: 4, batchSize: 3, ...training } }],
  };
  const { policy, stages } = prepare(resolveSpec(input, catalogue()), context);
  return { policy, stage: stages[0] as PreparedStage };
}

/** A policy whose θ is the log-probabilities of a batch themselves, [R T]. */
const openPolicy = (policy: Policy): Policy => ({
  ...policy,
  score(theta, { tokens, mask }) {
    // A micro-batch tells its rows by their first token.
    const [rows, length] = tokens.shape;
    const all = tf.reshape(theta, [-1, length]) as tf.Tensor2D; // [R, T]
    const which = tf.reshape(tf.slice2d(tokens, [0, 0], [rows, 1]), [-1]) as tf.Tensor1D; // [r]
    const logp = tf.mul<tf.Tensor2D>(tf.gather(all, which), mask); // [r, T]
    return { logp, entropy: tf.zerosLike(logp) };
  },
});

/** A batch of rows of two completion tokens after a first one that says which row it is. */
function handBatch(kind: HostBatch['kind'], rows: number, told: Partial<HostBatch> = {}): HostBatch {
  const tokens = Int32Array.from({ length: 3 * rows }, (_, i) => (i % 3 === 0 ? i / 3 : 5));
  const mask = Float32Array.from({ length: 3 * rows }, (_, i) => (i % 3 === 0 ? 0 : 1));
  return {
    ...{ kind, rows: { rows, length: 3, tokens, mask }, items: rows / 2, group: 1, perToken: {}, perRow: {}, perItem: {} },
    totals: { rows, tokens: 2 * rows, chosenTokens: rows },
    ...told,
  };
}

/** Rows of two token log-probabilities as the policy's and the reference's θ; what stands at the first token plays no part. */
async function seenOf(
  batch: HostBatch,
  logp: readonly (readonly [number, number])[],
  reference: readonly (readonly [number, number])[],
  { objective, params = {}, training = {} }: { objective: string; params?: Params; training?: object },
): Promise<Diagnosis> {
  const { policy, stage } = prepared('sft', {}, training);
  const real = REGISTRY[objective] as Objective;
  const other: PreparedStage = { ...stage, objective: real, spec: { ...stage.spec, objective: { id: objective, params } } };
  const theta = (rows: typeof logp) => tf.tensor1d(rows.flatMap((row) => [9, ...row])); // [3 R]
  const [ours, theirs] = [theta(logp), theta(reference)];
  const kept = { batch, samples: null, policy: openPolicy(policy), stage: other, at: 0, step: 1, carried: null };
  const { event } = await diagnose({ ...kept, theta: ours, reference: theirs });
  tf.dispose([ours, theirs]);
  return (event as Extract<RunEvent, { type: 'diagnosis' }>).diagnosis;
}

/** Lower edges of the bins that hold anything, with how much. */
const filled = ({ edges, counts }: Histogram): [number, number][] =>
  counts.flatMap((count, i): [number, number][] => (count === 0 ? [] : [[edges[i] as number, count]]));

const DPO = { objective: 'dpo', params: { beta: 0.1, label_smoothing: 0 } };

describe('pairs', () => {
  const logp = [
    [-1, -1],
    [-2, -2],
    [-1, -3],
    [-4, -4],
  ] as const;
  const reference = [
    [-1, -2],
    [-1, -1],
    [-1, -1],
    [-3, -4],
  ] as const;

  it('are log-ratios of chosen and rejected apart, on the same edges, and their margins', async () => {
    const { pairs, rollouts } = await seenOf(handBatch('preferences', 4), logp, reference, DPO);
    // Sums: -2, -4 | -4, -8 under the policy, -3, -2 | -2, -7 under the reference: ratios 1, -2 | -2, -1, margins 3 and -1.
    expect(pairs?.chosen.mean).toBeCloseTo(-0.5, 6);
    expect(pairs?.rejected.mean).toBeCloseTo(-1.5, 6);
    expect(pairs?.chosen.edges).toEqual(pairs?.rejected.edges);
    expect(filled(pairs?.chosen as Histogram)).toEqual([
      [-2, 1],
      [1, 1],
    ]);
    expect(filled(pairs?.margins as Histogram)).toEqual([
      [-1, 1],
      [3, 1],
    ]);
    expect(pairs?.ahead).toBe(0.5);
    expect([pairs?.measure, pairs?.ties, rollouts]).toEqual(['log-ratio', 0, null]);
  });

  it('are the same however the batch is cut', async () => {
    const whole = await seenOf(handBatch('preferences', 4), logp, reference, DPO);
    expect(await seenOf(handBatch('preferences', 4), logp, reference, { ...DPO, training: { microBatches: 2 } })).toEqual(whole);
  });

  it('are log-probabilities where the objective has no reference', async () => {
    const { params } = prepared('simpo').stage.spec.objective;
    const { pairs } = await seenOf(handBatch('preferences', 4), logp, reference, { objective: 'simpo', params });
    expect(pairs?.measure).toBe('log-probability');
    expect(pairs?.chosen.mean).toBeCloseTo(-3, 6);
  });

  it('of a duel are the winner and the loser, without ties', async () => {
    const batch = handBatch('duels', 4, { perItem: { wins: Float32Array.of(0, 0.5) } });
    const { pairs } = await seenOf(batch, logp, reference, { objective: 'online-dpo', params: DPO.params });
    // The first duel is lost: its opponent's row, of ratio -2, is chosen.
    expect([pairs?.chosen.mean, pairs?.rejected.mean, pairs?.ties, pairs?.chosen.count]).toEqual([-2, 1, 1, 1]);
  });

  it('of single judgements have no margins', async () => {
    const batch = handBatch('unpaired', 4, { perItem: { labels: Float32Array.of(1, 0) } });
    const { pairs } = await seenOf(batch, logp, reference, { objective: 'kto', params: prepared('kto').stage.spec.objective.params });
    expect([pairs?.chosen.mean, pairs?.rejected.mean, pairs?.margins, pairs?.ahead]).toEqual([1, -2, null, null]);
  });
});

describe('rollouts', () => {
  const old = Float32Array.of(0, -1, -1, 0, -1, -1);
  // Ratios of the tokens: e^.5, 1 | e^-1, e^.1.
  const logp = [
    [-0.5, -1],
    [-2, -0.9],
  ] as const;
  const reference = [
    [-1, -1],
    [-1, -1],
  ] as const;
  const told = {
    items: 1,
    group: 2,
    perToken: { oldLogp: old, advantages: Float32Array.of(0, 1, 1, 0, -2, -2) },
    perRow: { rewards: Float32Array.of(1, 0) },
  };
  const of = (objective: string, changes: Params = {}) => {
    const { params } = prepared(objective, changes).stage.spec.objective;
    return seenOf(handBatch('rollouts', 2, told), logp, reference, { objective, params });
  };

  it('tell the clipped shares of tokens, advantages, and reward against KL', async () => {
    const { rollouts, pairs } = await of('grpo', { epsilon: 0.2, epsilon_high: 0.3 });
    // Of four tokens e^.5 = 1.65 is above 1.3 with a positive advantage, e^-1 = .37 below .8 with a negative one.
    expect(rollouts?.ratios.clip).toEqual({ low: 0.8, high: 1.3, lowShare: 0.25, highShare: 0.25 });
    expect([rollouts?.ratios.level, rollouts?.ratios.histogram.count, pairs]).toEqual(['token', 4, null]);
    expect(rollouts?.advantages.mean).toBeCloseTo(-0.5, 6);
    // -1.5 + 2 and -2.9 + 2.
    expect(rollouts?.points.map(({ kl }) => Number(kl.toFixed(6)))).toEqual([0.5, -0.9]);
    expect(rollouts?.points.map(({ reward }) => reward)).toEqual([1, 0]);
  });

  it('have the ratio that the objective clips', async () => {
    const sequence = await of('grpo', { importance_sampling_level: 'sequence' });
    expect([sequence.rollouts?.ratios.level, sequence.rollouts?.ratios.histogram.count]).toEqual(['mean', 2]);
    // Geometric means e^.25 and e^-.45.
    expect(sequence.rollouts?.ratios.histogram.mean).toBeCloseTo((Math.exp(0.25) + Math.exp(-0.45)) / 2, 6);
    const whole = await of('rloo');
    expect(whole.rollouts?.ratios.histogram.mean).toBeCloseTo((Math.exp(0.5) + Math.exp(-0.9)) / 2, 6);
  });

  it('have the bounds that the objective gives its ratio', async () => {
    // GMPO bounds the logarithm: e^-.5 and e^.25.
    const { rollouts } = await of('gmpo', { epsilon: 0.5, epsilon_high: 0.25 });
    expect(rollouts?.ratios.clip).toMatchObject({ low: expect.closeTo(Math.exp(-0.5), 6), high: expect.closeTo(Math.exp(0.25), 6) });
  });

  it('of an objective that clips nothing have no bounds', async () => {
    expect((await of('reinforce')).rollouts?.ratios.clip).toBeNull();
  });
});

describe('the parts of a loss', () => {
  const CASES: [string, Params][] = [
    ['grpo', { beta: 0.3, entropy_coef: 0.1 }],
    ['ppo', {}],
    ['cpo', {}],
    ['bco', {}],
  ];

  it.each(CASES)('of %s have gradients that add up to its own', async (objective, params) => {
    const { policy, stage } = prepared(objective, params);
    const theta = tf.tensor1d(policy.init(createRng(1))); // [n]
    const reference = tf.tensor1d(policy.init(createRng(2))); // [n]
    const batch = await batchFor(stage, policy, theta, reference);
    const carried = stage.objective.carries === undefined ? null : tf.tensor1d([...stage.objective.carries]); // [S]
    const before = tf.memory().numTensors;
    const [sum, whole] = tf.tidy(() => {
      const terms = Object.values(termGradients(stage, policy, theta, reference, batch, carried));
      expect(terms.length).toBeGreaterThan(1);
      const { grad } = lossAndGradient(stage, policy, theta, reference, batch, carried);
      return [tf.addN(terms).arraySync() as number[], grad.arraySync()];
    });
    const largest = Math.max(...whole.map(Math.abs));
    expect(largest).toBeGreaterThan(0);
    expect(Math.max(...sum.map((value, i) => Math.abs(value - (whole[i] as number))))).toBeLessThan(1e-5 * largest);
    const { metrics, event } = await diagnose({ batch, samples: null, policy, stage, at: 0, step: 1, theta, reference, carried });
    expect(Object.keys(metrics).sort()).toEqual(
      Object.keys(event.type === 'diagnosis' ? (event.diagnosis.terms ?? {}) : {})
        .map((name) => `grad_norm/${name}`)
        .sort(),
    );
    // An untrained policy earns nothing, which leaves the term of the advantages without a gradient.
    expect(Math.max(...Object.values(metrics))).toBeGreaterThan(0);
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([theta, reference, ...(carried === null ? [] : [carried])]);
  });

  it('are all declared as metrics', () => {
    for (const objective of Object.values(REGISTRY)) {
      for (const params of [{}, { beta: 0.2 }, { entropy_coef: 0.1 }]) {
        const { params: specs } = objective;
        const known = Object.fromEntries(Object.entries(params).filter(([key]) => key in specs));
        const settings = { ...Object.fromEntries(Object.entries(specs).map(([key, spec]) => [key, spec.default])), ...known };
        const { terms } = evaluate(
          objective,
          { ...randomBatch(objective.data, createRng(3)), carried: objective.carries ?? null },
          settings,
        );
        for (const name of Object.keys(terms)) expect(LOGGED, `${objective.id}: ${name}`).toHaveProperty([`grad_norm/${name}`]);
      }
    }
  });
});

async function batchFor(stage: PreparedStage, policy: Policy, theta: tf.Tensor1D, reference: tf.Tensor1D): Promise<HostBatch> {
  if (stage.spec.training.source === 'world') return worldBatch(stage, policy, theta, createRng(3));
  const { pool } = await drawPool({ policy, stage, ...drawnAlone(theta, reference), rng: createRng(3), seed: 1, stageStep: 0 });
  return poolBatch(stage, pool, 0, orderStream(1, 0, 0));
}

describe('a run', () => {
  const SPEC: RunSpecInput = {
    seed: 4,
    world: { id: 'sums', params: { digits: 1 } },
    policy: { id: 'gpt', params: { layers: 1, width: 4, heads: 1 } },
    stages: [
      { objective: 'sft', training: { steps: 2, batchSize: 4 } },
      {
        objective: { id: 'grpo', params: { beta: 0.1 } },
        reward: 'exact-match',
        training: { prompts: 3, group: 2, steps: 5, refreshEvery: 3, microBatches: 2 },
      },
    ],
    evaluation: { every: 2, prompts: 2, samples: 2 },
  };

  async function train(every: number, from: Checkpoint | null = null, until = Number.POSITIVE_INFINITY) {
    const spec = resolveSpec({ ...SPEC, evaluation: { every, prompts: 2, samples: 2 } }, catalogue());
    const run = createRun(spec, { context, from, now: () => 0 });
    const seen: [number, Diagnosis][] = [];
    const logged = new Set<string>();
    for await (const event of run.events()) {
      if (event.type === 'diagnosis') seen.push([event.step, event.diagnosis]);
      if (event.type === 'metrics') for (const id of Object.keys(event.columns)) logged.add(id);
      if (event.type === 'step' && event.step === until) break;
    }
    await run.flush();
    const checkpoint = await run.checkpoint();
    run.dispose();
    return { seen, logged, checkpoint };
  }

  let often: Awaited<ReturnType<typeof train>>;
  let left = 0;
  beforeAll(async () => {
    const before = tf.memory().numTensors;
    often = await train(2);
    left = tf.memory().numTensors - before;
  });

  it('is diagnosed at every look that a step comes before, changes no bit by it, and leaves no tensor', async () => {
    expect(left).toBe(0);
    expect(often.seen.map(([step, { stage, data }]) => [step, stage, data])).toEqual([
      [2, 0, 'demonstrations'],
      [4, 1, 'rollouts'],
      [6, 1, 'rollouts'],
      [7, 1, 'rollouts'],
    ]);
    const rarely = await train(1000);
    expect({ ...often.checkpoint, spec: null }).toEqual({ ...rarely.checkpoint, spec: null });
    expect([...often.logged]).toEqual(expect.arrayContaining(['grad_norm/policy', 'grad_norm/kl']));
  });

  it('shows what it learnt from as plain data', () => {
    const { seen } = often;
    expect(structuredClone(seen)).toEqual(JSON.parse(JSON.stringify(seen)));
    const [first, second] = seen.map(([, diagnosis]) => diagnosis);
    // Four demonstrations; of their tokens each has one probability.
    expect(first?.likelihood?.count).toBeGreaterThan(4);
    expect([first?.pool, first?.terms]).toEqual([null, null]);
    const pool = second?.pool;
    expect(pool?.samples).toHaveLength(6);
    expect((pool?.groups.right ?? 0) + (pool?.groups.wrong ?? 0) + (pool?.groups.mixed ?? 0)).toBe(3);
    const lengths = [pool?.lengths.right, pool?.lengths.wrong, pool?.lengths.truncated];
    expect(lengths.reduce((sum, seenOf) => sum + (seenOf?.count ?? 0), 0)).toBe(6);
    for (const { prompt, advantage, length } of pool?.samples ?? []) {
      expect(prompt).toMatch(/\d/);
      expect(Number.isFinite(advantage)).toBe(true);
      expect(length).toBeGreaterThan(0);
    }
  });

  it('taken up from a checkpoint shows no samples until it has drawn again', async () => {
    // Drawn before the third and the sixth step; taken up after the fourth.
    const { checkpoint } = await train(1000, null, 4);
    const { seen } = await train(1, checkpoint);
    expect(seen.map(([step, { pool }]) => [step, pool === null])).toEqual([
      [5, true],
      [6, false],
      [7, false],
    ]);
  });
});
