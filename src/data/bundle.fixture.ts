/** A run as bundles hold it, small and with everything in it. */
import type { Checkpoint } from '../core/events';
import type { RunSpec } from '../core/spec';
import type { BundleRun } from './bundle-format';

export const SPEC = {
  version: 1,
  seed: 7,
  world: { id: 'bins', params: { bins: 3 } },
  policy: { id: 'categorical', params: {} },
  stages: [
    {
      objective: { id: 'grpo', params: { beta: 0.1 } },
      rewards: [{ id: 'world', params: {}, weight: 1 }],
      training: { steps: 20, source: 'samples' },
      world: null,
    },
  ],
  evaluation: { every: 10, prompts: 1, samples: 2 },
} as unknown as RunSpec;

export function checkpointAt(step: number, scale = 1): Checkpoint {
  const vector = (...values: number[]): Float32Array => Float32Array.from(values, (value) => value * scale);
  return {
    spec: SPEC,
    layout: { size: 3, slices: [{ name: 'logits', offset: 0, shape: [1, 3] }] },
    step,
    stage: 0,
    stageStep: step,
    theta: vector(0.1, -0, 3e-40),
    m: vector(1, 2, 3),
    v: vector(4, 5, 6),
    reference: vector(0, 0, 0),
    start: vector(0, 0, 1),
    pool: {
      rows: 2,
      length: 2,
      group: 2,
      tokens: Int32Array.of(1, 3, 1, 16_777_217),
      mask: Float32Array.of(0, 1, 0, 1),
      logp: Float32Array.of(0, -1.5, 0, -0.25),
      rewards: Float32Array.of(0, 1),
      advantages: new Float32Array(0),
      drawnAt: 4,
    },
    sampler: { theta: vector(7, 8, 9), since: 2 },
    ends: { 0: vector(1, 1, 1) },
    carried: Float32Array.of(0.5),
    seen: { count: 8, mean: 0.25 },
    rewardQueries: 64,
    tokens: 128,
  };
}

const reference = Float32Array.of(0.2, 0.3, 0.5);
const reward = Float32Array.of(0, 1, -0.1);
const labels = ['a', 'b', '"c"'];
const histogram = { edges: [0, 1], counts: [2], count: 2, mean: 0.5 };

export const aRun = (fields: Partial<BundleRun['about']> = {}, rest: Partial<BundleRun> = {}): BundleRun => ({
  about: {
    id: 'abc-0',
    name: 'amber-heron',
    note: 'A note, with "quotes" and\na second line.',
    colour: { index: 2, name: 'green' },
    origin: { experiment: 'mode-seeking', arm: 'grpo', edited: true },
    state: 'interrupted',
    failure: null,
    spec: SPEC,
    totalSteps: 20,
    step: 11,
    stage: 0,
    parameters: 3,
    device: { name: 'test', backend: 'cpu' },
    created: '2026-01-02T03:04:05.000Z',
    lab: { version: '0.1.0', commit: 'abc1234' },
    dataset: { id: 'f00d', name: 'mine.jsonl', included: true },
    ...fields,
  },
  series: {
    steps: Float64Array.of(0, 1, 10, 11),
    columns: {
      loss: Float32Array.of(Number.NaN, 0.1, -0, Number.POSITIVE_INFINITY),
      'reward/odd, "name"': Float32Array.of(1, Number.NaN, 16_777_216, 1e-45),
    },
  },
  samples: [
    { step: 0, value: [{ prompt: 'é\n', completion: '', answer: null, reward: Number.NaN, correct: false, ended: true }] },
    { step: 10, value: [] },
  ],
  distributions: [
    { step: 0, value: { labels, policy: Float32Array.of(0.2, 0.3, 0.5), reference, reward, optimum: null } },
    { step: 10, value: { labels, policy: Float32Array.of(0.1, 0.8, 0.1), reference, reward, optimum: null } },
    { step: 11, value: { labels, policy: Float32Array.of(0, 1, 0), reference, reward, optimum: Float32Array.of(0, 1, 0) } },
  ],
  diagnoses: [
    {
      step: 10,
      value: {
        stage: 0,
        data: 'rollouts',
        pairs: null,
        rollouts: {
          ratios: { level: 'token', histogram, clip: null },
          advantages: histogram,
          withoutAdvantage: 0,
          points: [{ reward: 1, kl: Number.POSITIVE_INFINITY }],
        },
        likelihood: null,
        pool: null,
        terms: { policy: 0.5 },
      },
    },
  ],
  slices: { step: 10, names: ['logits'], f32: [1], bf16: [0.5] },
  checkpoint: checkpointAt(10),
  dataset: new TextEncoder().encode('{"text": "one"}\n'),
  ...rest,
});
