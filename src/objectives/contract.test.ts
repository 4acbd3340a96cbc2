import katex from 'katex';
import { describe, expect, it } from 'vitest';
import { FAMILIES } from '../core/catalogue';
import { CHARTS, type MetricSpec } from '../core/charts';
import { defaultsOf, type Params } from '../core/params';
import { createRng } from '../core/rng';
import { tf } from '../test/tf';
import { OBJECTIVES } from './index';
import type { Objective } from './objective';
import { advantagesOf, evaluate, type PlainBatch, padColumns, randomBatch, rowsOf, takeRows, totalsOf, unitsOf } from './testing';

const REGISTRY: Readonly<Record<string, Objective>> = OBJECTIVES;

/** The defaults, then every other value of every choice, each also with the reference where beta would leave it out. */
function settingsOf(objective: Objective): Params[] {
  const defaults: Params = defaultsOf(objective.params);
  const choices = Object.entries(objective.params).flatMap(([key, spec]) =>
    spec.kind === 'choice' ? spec.options.map(({ value }) => ({ ...defaults, [key]: value })) : [],
  );
  const settings = [defaults, ...choices.filter((params) => JSON.stringify(params) !== JSON.stringify(defaults))];
  return defaults.beta === 0 ? settings.flatMap((params) => [params, { ...params, beta: 0.3 }]) : settings;
}

/** Objectives that hold a part of their loss constant: their gradient is compared with their sources' and with hand-derived ones. */
const HELD_CONSTANT: readonly string[] = ['dft', 'gate', 'gate-q10', 'kto', 'bco', 'nash-md', 'cispo', 'vespo', 'gspo-token'];

const cases = Object.entries(REGISTRY).flatMap(([id, objective]) =>
  settingsOf(objective).map((params) => ({ id, objective, params, name: `${id} ${JSON.stringify(params)}` })),
);

// The parameters of an objective that is only known to be one have no narrower type than this.
const needsReference = (objective: Objective, params: Params): boolean => objective.needsReference(params as never);

const batchFor = ({ objective, params }: { objective: Objective; params: Params }) => {
  const batch = randomBatch(objective.data, createRng(9).fork(objective.data));
  const head = objective.needsHead?.(params as never) === true ? {} : { values: null, scores: null, returns: null, oldValues: null };
  const reference = needsReference(objective, params) ? {} : { refLogp: null };
  return { ...batch, ...head, ...reference, carried: objective.carries ?? null };
};

type Matrix = readonly (readonly number[])[];

/** The same numbers but for one. */
const moved = (x: Matrix, row: number, column: number, change: number): Matrix =>
  x.map((values, i) => values.map((value, j) => (i === row && j === column ? value + change : value)));

/** Largest difference over all elements. */
const distance = (a: Matrix, b: Matrix) => Math.max(...a.flatMap((row, i) => row.map((x, j) => Math.abs(x - (b[i]?.[j] ?? Number.NaN)))));

const mapValues = <A, B>(values: Readonly<Record<string, A>>, to: (value: A, id: string) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(values).map(([id, value]) => [id, to(value, id)]));

/** Equal to about five digits, or decimals of small numbers; what one leaves unmeasured, the other does too. */
const expectClose = (actual: Readonly<Record<string, number>>, expected: Readonly<Record<string, number>>) =>
  expect(actual).toEqual(mapValues(expected, (value) => (Number.isNaN(value) ? Number.NaN : near(value))));
const near = (value: number) => expect.closeTo(value, Math.abs(value) > 10 ? 3 : 5);

describe.each(cases)('$name', (entry) => {
  const { objective, params } = entry;
  const batch = batchFor(entry);
  const whole = evaluate(objective, batch, params);

  const differentiable = HELD_CONSTANT.includes(objective.id) ? [] : [objective];
  it.each(differentiable)('has the gradient that finite differences give', () => {
    // float32: a central difference at 1/64 is off by about 4e-6 of the loss in rounding and as much in curvature. The seed keeps
    // ratios further than a step from the bounds of the clipping, where there is no gradient to compare with.
    const step = 1 / 64;
    const lossWith = (change: Partial<PlainBatch>) => evaluate(objective, { ...batch, ...change }, params).loss;
    const slope = (at: (change: number) => number) => (at(step) - at(-step)) / (2 * step);
    const slopes = (x: Matrix, to: (x: Matrix) => Partial<PlainBatch>) =>
      x.map((row, i) => row.map((_, j) => slope((change) => lossWith(to(moved(x, i, j, change))))));
    const { values, scores } = batch;
    const pairs: [Matrix, Matrix][] = [[whole.gradient, slopes(batch.logp, (logp) => ({ logp }))]];
    if (values !== null) pairs.push([whole.gradients.values as Matrix, slopes(values, (x) => ({ values: x }))]);
    if (scores !== null) pairs.push([[whole.gradients.scores as number[]], slopes([scores], ([x]) => ({ scores: x as number[] }))]);
    expect(Math.max(...pairs.flatMap(([gradient]) => gradient.flat().map(Math.abs)))).toBeGreaterThan(4e-3);
    for (const [gradient, numeric] of pairs) expect(distance(gradient, numeric)).toBeLessThan(5e-5 * Math.max(1, Math.abs(whole.loss)));
  });

  it('gives masked tokens a gradient of exactly 0', () => {
    const masked = whole.gradient.flatMap((row, i) => row.filter((_, j) => batch.mask[i]?.[j] === 0));
    expect(masked.length).toBeGreaterThan(0);
    expect(masked.every((g) => g === 0)).toBe(true);
  });

  it('reports finite numbers for the diagnostics that it declares', () => {
    expect(Object.keys(whole.diagnostics).sort()).toEqual(Object.keys(objective.diagnostics).sort());
    expect(Number.isFinite(whole.loss)).toBe(true);
    const unmeasured = Object.keys(whole.diagnostics).filter((id) => !Number.isFinite(whole.diagnostics[id]));
    const terms = Object.values(whole.terms);
    if (terms.length > 0) expect(terms.reduce((sum, term) => sum + term, 0)).toEqual(near(whole.loss));
    expect(whole.carry).toHaveLength(objective.carries?.length ?? 0);
    expect(unmeasured).toEqual('kl' in objective.diagnostics && batch.refLogp === null ? ['kl'] : []);
  });

  const divisible = objective.wholeBatch === true ? [] : [objective];
  it.each(divisible)('adds up over micro-batches', () => {
    const units = unitsOf(batch);
    const parts = [units.slice(0, 1), units.slice(1)].map((some) => rowsOf(batch.kind, some));
    const outcomes = parts.map((rows) => evaluate(objective, takeRows(batch, rows), params, totalsOf(batch)));
    const sum = (read: (outcome: (typeof outcomes)[number]) => number) => outcomes.reduce((total, outcome) => total + read(outcome), 0);
    expect(sum((o) => o.loss)).toEqual(near(whole.loss));
    expectClose(
      mapValues(whole.terms, (_, id) => sum((o) => o.terms[id] as number)),
      whole.terms,
    );
    expectClose(
      mapValues(whole.diagnostics, (_, id) => sum((o) => o.diagnostics[id] as number)),
      whole.diagnostics,
    );
    const rows = parts.flat();
    expect(
      distance(
        outcomes.flatMap((o) => o.gradient),
        rows.map((row) => whole.gradient[row] as number[]),
      ),
    ).toBeLessThan(1e-6);
  });

  it('does not depend on the order of rows, pairs or groups', () => {
    const rows = rowsOf(batch.kind, createRng(3).shuffle(unitsOf(batch)).reverse());
    const shuffled = evaluate(objective, takeRows(batch, rows), params);
    expect(shuffled.loss).toEqual(near(whole.loss));
    expectClose(shuffled.diagnostics, whole.diagnostics);
    expect(
      distance(
        shuffled.gradient,
        rows.map((row) => whole.gradient[row] as number[]),
      ),
    ).toBeLessThan(1e-6);
  });

  it('does not count padding', () => {
    const length = batch.mask[0]?.length ?? 0;
    const padded = evaluate(objective, padColumns(batch, 3), params);
    // Dr. GRPO divides by the row length, and notices padding by exactly that.
    const scale = params.loss_type === 'dr_grpo' || objective.id === 'dr-grpo' ? (length + 3) / length : 1;
    expect(padded.loss * scale).toEqual(near(whole.loss));
    expectClose(padded.diagnostics, whole.diagnostics);
    const gradient = padded.gradient.map((row) => row.map((g) => g * scale));
    expect(distance(whole.gradient, gradient)).toBeLessThan(1e-6);
    expect(padded.gradient.every((row) => row.slice(length).every((g) => g === 0))).toBe(true);
  });

  it('gives the same bits twice and keeps no tensor', () => {
    const before = tf.memory().numTensors;
    expect(evaluate(objective, batch, params)).toEqual(whole);
    if (objective.advantages !== undefined) advantagesOf(objective, batch, params);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('says so when a reference that it needs is missing', () => {
    const without = () => evaluate(objective, { ...batch, refLogp: null }, params);
    const advantages = () => objective.advantages !== undefined && advantagesOf(objective, { ...batch, refLogp: null }, params);
    const both = () => [without(), advantages()];
    if (needsReference(objective, params)) expect(both).toThrow('needs the log-probabilities of the reference policy');
    else expect(both).not.toThrow();
  });
});

describe.each(Object.entries(REGISTRY))('%s', (id, objective) => {
  it('is documented', () => {
    expect(objective.id).toBe(id);
    expect(objective.title).not.toBe('');
    expect(objective.summary).toMatch(/^[A-Z].*\.$/);
    expect(Object.keys(FAMILIES)).toContain(objective.family);
    expect(objective.differs ?? 'Nothing.').toMatch(/^[A-Z].*\.$/);
    expect(objective.paper?.url).toMatch(/^https:\/\/arxiv\.org\/abs\/\d{4}\.\d{5}$/);
    for (const spec of Object.values(objective.params)) expect([spec.title, spec.help]).not.toContain('');
    for (const spec of Object.values(objective.diagnostics)) {
      expect([spec.title, spec.help]).not.toContain('');
      expect(Object.keys(CHARTS)).toContain(spec.chart);
    }
  });

  it('has a formula that renders', () => {
    const html = katex.renderToString(objective.formula, { displayMode: true, throwOnError: true, strict: 'error' });
    expect(html).toContain('katex-display');
  });

  it('has advantages exactly where it learns from rollouts', () => {
    expect(objective.advantages !== undefined).toBe(objective.data === 'rollouts');
  });
});

it('gives one meaning to a metric that several objectives log', () => {
  const seen = new Map<string, MetricSpec>();
  for (const objective of Object.values(REGISTRY)) {
    for (const [id, spec] of Object.entries(objective.diagnostics)) {
      expect(seen.get(id) ?? spec).toBe(spec);
      seen.set(id, spec);
    }
  }
});
