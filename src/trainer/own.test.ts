import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OwnError } from '../core/own';
import { defaultsOf } from '../core/params';
import type { Reward } from '../core/reward';
import { createRng } from '../core/rng';
import type { World } from '../core/world';
import { OBJECTIVES } from '../objectives';
import type { Objective } from '../objectives/objective';
import { advantagesOf, evaluate, randomBatch } from '../objectives/testing';
import { REWARDS } from '../rewards';
import { WORLDS } from '../worlds';
import { catalogue } from './catalogue';
import { compileOwn } from './own';
import { checkOwn } from './own-check';
import { guarded, installGuard } from './own-guard';

const plainly = <T>(call: () => T): T => call();
beforeAll(() => installGuard(plainly));
afterAll(() => installGuard(null));

const available = catalogue();

/** An objective on demonstrations; `loss` begins on line 15. */
const objective = (
  loss: string,
  { imports = '', diagnostics = '{}', more = '' } = {},
): string => `import * as tf from '@tensorflow/tfjs-core';
import { defineObjective } from './objective';
import { tokenMean } from './terms';
${imports}
export const mine = defineObjective({
  id: 'mine',
  title: 'Mine',
  summary: 'A test.',
  formula: 'x',
  data: 'demonstrations',
  family: 'supervised',
  params: {}, ${more}
  diagnostics: ${diagnostics},
  needsReference: () => false,
${loss}
});
`;

const reward = (score: string): string => `import { defineReward } from '../core/reward';

export const mine = defineReward({
  id: 'mine',
  title: 'Mine',
  summary: 'A test.',
  source: 'None.',
  params: {},
  parts: { length: 'How long it is.' },
${score}
});
`;

const errorsOf = (source: string, kind: 'objective' | 'reward' = 'objective'): readonly OwnError[] => {
  const { errors, entry } = checkOwn(kind, source);
  expect(entry === null).toBe(errors.length > 0);
  return errors;
};

describe('every built-in opens as one’s own', () => {
  it.each(Object.values<Objective>(OBJECTIVES).map((built) => [built.id, built] as const))('%s: the same bits', (id, built) => {
    const source = available.objectives.find((entry) => entry.id === id)?.source ?? '';
    const checked = checkOwn('objective', source);
    expect(checked.errors).toEqual([]);
    expect(checked.entry).toEqual(available.objectives.find((entry) => entry.id === id));
    const own = compileOwn('objective', source);
    const params = defaultsOf(built.params) as never;
    const drawn = randomBatch(built.data, createRng(7));
    const headless = built.needsHead?.(params) === true ? {} : { values: null, scores: null, returns: null, oldValues: null };
    const batch = { ...drawn, ...headless, carried: built.carries === undefined ? null : [...built.carries] };
    expect(evaluate(own, batch, params)).toEqual(evaluate(built, batch, params));
    if (built.advantages !== undefined) expect(advantagesOf(own, batch, params)).toEqual(advantagesOf(built, batch, params));
  });

  it.each(Object.values(REWARDS).map((built) => [built.id, built as Reward] as const))('%s: the same scores', (id, built) => {
    const code = available.rewards.find((entry) => entry.id === id)?.code ?? '';
    const checked = checkOwn('reward', code);
    expect(checked.errors).toEqual([]);
    const own = compileOwn('reward', code);
    const params = defaultsOf(built.params);
    // Those that no world names make sense in all.
    const entry = Object.values<World>(WORLDS).find((world) => world.rewards.includes(id) && !('dataset' in world.params)) ?? WORLDS.sums;
    const world = entry.create(defaultsOf(entry.params), { dataset: () => undefined });
    const example = world.sample(createRng(1), 'train');
    const facts = { logp: [-0.5, -1], refLogp: [-0.4, -1.1], models: [0.3, 0.2] };
    const judged = { world, example, completion: { tokens: [3, 4], text: world.vocab.tokens[3] ?? '', ended: true }, facts, params };
    expect(own.score(judged)).toEqual(built.score(judged));
  });
});

describe('what is wrong with a source is said with its place', () => {
  const sft = '  loss({ logp, mask, totals }) {\n    return { loss: tf.neg(tokenMean(logp, mask, totals)), diagnostics: {} };\n  },';

  it('accepts what is right', () => expect(errorsOf(objective(sft))).toEqual([]));

  it.each([
    ['a syntax error', objective('  loss({ logp }) {\n    return { loss: tf.neg(logp };\n  },'), 16, /^Unexpected token/],
    ['an import at any time', objective("  loss: () => import('./sft'),"), 15, /import\(\.\.\.\) is not possible here/],
    ['import.meta', objective('  loss: () => import.meta.url,'), 15, /import\.meta is not possible here/],
    ['a module that is not there', objective(sft, { imports: "import { x } from 'node:fs'; x();" }), 4, /^There is no module node:fs here/],
    [
      'a function that is not there',
      objective('  loss({ logp }) {\n    const a = 1;\n    return tf.nothing(logp);\n  },'),
      17,
      /tf\.nothing is not a function/,
    ],
    ['a missing title', objective(sft).replace("title: 'Mine'", 'title: 3'), 7, /^title: expected a text/],
    [
      'an unknown kind of data',
      objective(sft).replace("'demonstrations'", "'stories'"),
      10,
      /^data: expected one of demonstrations, preferences/,
    ],
    [
      'a setting outside of its bounds',
      objective(sft).replace('params: {}', "params: { beta: { kind: 'number', title: 'b', help: 'h', default: 2, min: 0, max: 1 } }"),
      1,
      /^beta: this setting has a default that it does not admit/,
    ],
    ['a link that is none', objective(sft, { more: "paper: { title: 'x', url: 'javascript:alert(1)' }," }), 1, /^paper: expected/],
    ['a setting of a stage that is none', objective(sft, { more: '\n  training: { speed: 2 },' }), 13, /^training\.speed: no such setting/],
    ['nothing exported', 'const x = 1;\n', 1, /exports no objective\. It has to export exactly one/],
    ['two objectives', `${objective(sft)}export const other = { ...mine };\n`, 1, /exports 2 objectives/],
  ])('%s', (_what, source, line, sentence) => {
    const [error] = errorsOf(source);
    expect(error?.message).toMatch(sentence);
    expect(error?.line).toBe(line);
  });

  it.each([
    [
      'a wrong shape',
      '  loss({ logp }) {\n    return { loss: tf.sum(logp, 1), diagnostics: {} };\n  },',
      15,
      /of shape \[\]; its shape is \[6\]/,
    ],
    [
      'shapes that do not fit',
      '  loss({ logp }) {\n    return { loss: tf.sum(tf.matMul(logp, logp)), diagnostics: {} };\n  },',
      16,
      /^Error in matMul/,
    ],
    [
      'not finite',
      '  loss({ logp }) {\n    return { loss: tf.sum(tf.log(logp)), diagnostics: {} };\n  },',
      15,
      /^The loss is not finite: it is NaN/,
    ],
    [
      'an infinite gradient',
      '  loss({ logp, mask }) {\n    return { loss: tf.sum(tf.sqrt(tf.mul(0, tf.mul(logp, mask)))), diagnostics: {} };\n  },',
      15,
      /^The gradient is not finite/,
    ],
    [
      'a constant',
      '  loss() {\n    return { loss: tf.scalar(1), diagnostics: {} };\n  },',
      15,
      /^Not differentiable: the gradient is 0 everywhere/,
    ],
    [
      'an op without a gradient',
      '  loss({ logp, mask }) {\n    return { loss: tf.sum(tf.mul(tf.topk(logp, 2).values, 1)), diagnostics: {} };\n  },',
      15,
      /^Not differentiable: tfjs knows no gradient of TopK/,
    ],
    [
      'a disposed tensor',
      '  loss({ logp }) {\n    const a = tf.sum(logp);\n    a.dispose();\n    return { loss: tf.neg(a), diagnostics: {} };\n  },',
      18,
      /^A tensor is used that has been disposed of/,
    ],
    [
      'a disposed loss',
      '  loss({ logp }) {\n    const loss = tf.sum(logp);\n    loss.dispose();\n    return { loss, diagnostics: {} };\n  },',
      15,
      /has not been disposed of/,
    ],
    [
      'a disposed input',
      '  loss({ logp, mask, totals }) {\n    const loss = tf.neg(tokenMean(logp, mask, totals));\n    mask.dispose();\n    return { loss, diagnostics: {} };\n  },',
      15,
      /^loss disposes of mask, which the lab still needs/,
    ],
    [
      'gradient on masked tokens',
      '  loss({ logp }) {\n    return { loss: tf.mean(tf.square(tf.sub(logp, 1))), diagnostics: {} };\n  },',
      15,
      /^Masked tokens carry gradient/,
    ],
    [
      'a diagnostic that is not declared',
      '  loss({ logp, mask, totals }) {\n    const loss = tokenMean(logp, mask, totals);\n    return { loss, diagnostics: { extra: loss } };\n  },',
      15,
      /^loss returns the diagnostic extra, which is not declared/,
    ],
    ['nothing returned', '  loss() {},', 15, /with a loss that is a tensor of tfjs; it is missing/],
    ['code that throws', "  loss() {\n\n    throw new Error('so there');\n  },", 17, /^so there\.$/],
  ])('%s', (_what, loss, line, sentence) => {
    const [error] = errorsOf(objective(loss));
    expect(error?.message).toMatch(sentence);
    expect(error?.line).toBe(line);
  });

  it('says a declared diagnostic that is not returned, where it is declared', () => {
    const [error] = errorsOf(objective(sft, { diagnostics: "{\n    entropy: { title: 'E', help: 'h', chart: 'entropy' },\n  }" }));
    expect(error).toMatchObject({ line: 14, message: 'The diagnostic entropy is declared and loss does not return it.' });
  });

  it('finds the line of a gradient that throws, long after the loss has returned', () => {
    const loss = `  loss({ logp, mask, totals }) {
    const odd = tf.customGrad((x) => ({
      value: tf.clone(x as tf.Tensor),
      gradFunc: () => { throw new Error('no gradient today'); },
    }));
    return { loss: tokenMean(odd(logp) as tf.Tensor2D, mask, totals), diagnostics: {} };
  },`;
    expect(errorsOf(objective(loss))).toEqual([{ line: 18, column: expect.any(Number), message: 'no gradient today.' }]);
  });

  it('points at the column of the source, types and all', () => {
    const [error] = errorsOf(
      objective('  loss({ logp }) {\n    const a: number = 1; (logp as unknown as { go(): void }).go();\n    return a;\n  },'),
    );
    expect(error).toMatchObject({ line: 16, column: 62 });
  });

  it.each([
    ['a part that is not declared', '  score: () => ({ total: 1, parts: { charm: 1 } }),', /returns the part charm/],
    ['no number', "  score: () => ({ total: Number('x'), parts: {} }),", /finite total; it is NaN/],
    ['what throws in every world', "  score() { throw new Error('never'); },", /^never\.$/],
  ])('a reward with %s', (_what, score, sentence) => {
    const [error] = errorsOf(reward(score), 'reward');
    expect(error?.message).toMatch(sentence);
    expect(error?.line).toBe(10);
  });

  it('takes a reward that makes sense in some worlds only', () => {
    const source = reward(
      "  score({ world, completion }) { if (world.rank === undefined) throw new Error('no list'); return { total: completion.text.length, parts: {} }; },",
    );
    expect(errorsOf(source, 'reward')).toEqual([]);
  });
});

describe('the guard', () => {
  const source = objective(
    '  loss({ logp, mask, totals }) {\n    return { loss: tf.neg(tokenMean(logp, mask, totals)), diagnostics: {} };\n  },',
  );

  it('lets nothing run where nobody has installed one', () => {
    installGuard(null);
    try {
      expect(() => compileOwn('objective', source)).toThrow(/does not run here/);
      expect(() => guarded(() => 1)).toThrow();
    } finally {
      installGuard(plainly);
    }
  });

  it('sees every call, the evaluation of the file included, and calls within calls once', () => {
    let calls = 0;
    installGuard((call) => {
      calls += 1;
      return call();
    });
    try {
      const own = compileOwn('objective', source);
      expect(calls).toBe(1);
      own.needsReference({});
      expect(calls).toBe(2);
      guarded(() => own.needsReference({}));
      expect(calls).toBe(3);
    } finally {
      installGuard(plainly);
    }
  });
});
