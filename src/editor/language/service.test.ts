import { describe, expect, it } from 'vitest';
import { FILES } from './files';
import { createLanguage } from './service';

const language = createLanguage(FILES);
/** A small objective of the kind that a reader would write. */
const SOFTER = `import * as tf from '@tensorflow/tfjs-core';
import { number } from '../core/params';
import { ENTROPY } from './diagnostics';
import { defineObjective } from './objective';
import { halves, logSigmoid, meanOver, required, sequenceSum, tokenMean } from './terms';

export const softer = defineObjective({
  id: 'softer',
  title: 'Softer',
  summary: 'A pairwise loss.',
  formula: 'L',
  data: 'preferences',
  family: 'preference',
  params: { beta: number({ title: 'Beta', help: 'How strong.', default: 0.1, min: 0, max: 10 }) },
  diagnostics: { entropy: ENTROPY, margin: { title: 'Margin', help: 'Mean.', chart: 'loss' } },
  needsReference: () => true,
  loss({ logp, refLogp, entropy, mask, totals, params: { beta } }) {
    const pairs = totals.rows / 2;
    const [chosen, rejected] = halves(sequenceSum(logp, mask)); // [P], [P]
    const [refChosen, refRejected] = halves(sequenceSum(required(refLogp, 'softer'), mask)); // [P], [P]
    const margin = tf.mul<tf.Tensor1D>(beta, tf.sub(tf.sub(chosen, rejected), tf.sub(refChosen, refRejected))); // [P]
    return {
      loss: tf.neg(meanOver(logSigmoid(margin), pairs)), // []
      diagnostics: {
        entropy: tokenMean(entropy, mask, totals), // []
        margin: meanOver(margin, pairs), // []
      },
    };
  },
});
`;
const exactMatch = FILES['/src/rewards/exact-match.ts'] as string;

/** A text with a bar where the cursor stands. */
function at(marked: string): [string, number] {
  const offset = marked.indexOf('|>');
  return [marked.replace('|>', ''), offset];
}

describe('TypeScript on objectives and rewards', () => {
  const entries = Object.entries(FILES).filter(
    ([path, text]) => /^\/src\/(objectives|rewards)\//.test(path) && /\b(defineObjective|defineReward)\(|satisfies Objective/.test(text),
  );

  it.each(entries)('finds nothing wrong with %s', (path, text) => {
    expect(language.diagnose(path.startsWith('/src/rewards') ? 'reward' : 'objective', text)).toEqual([]);
  });

  it('finds nothing wrong with a reader’s own', () => {
    expect(language.diagnose('objective', SOFTER)).toEqual([]);
  });

  it('tells a syntax error and where it is, and no echo of it', () => {
    const broken = SOFTER.replace('totals.rows / 2;', '(totals.rows / 2;');
    const found = language.diagnose('objective', broken);
    expect(found[0]).toMatchObject({ kind: 'syntax', message: "')' expected.", from: broken.indexOf('rows / 2;') + 8 });
    expect(found.every(({ kind }) => kind === 'syntax')).toBe(true);
  });

  it.each([
    ['of an operation', 'tf.neg(meanOver', 'tf.negative(meanOver', /'negative' does not exist/],
    ['of an argument', 'halves(sequenceSum(logp, mask))', 'halves(sequenceSum(logp, 1))', /number/],
    ['of a field', 'totals.rows / 2', 'totals.pears / 2', /'pears' does not exist/],
    ['of a diagnostic that is declared and not returned', '        margin: meanOver(margin, pairs), // []\n', '', /margin/],
    ['of a setting that is not declared', 'params: { beta } }) {', 'params: { gamma } }) {', /'gamma' does not exist/],
  ])('tells a type error %s', (_, right, wrong, words) => {
    expect(SOFTER).toContain(right);
    const [found] = language.diagnose('objective', SOFTER.replace(right, wrong));
    expect(found).toMatchObject({ kind: 'type', message: expect.stringMatching(words) });
  });

  it('offers the fields of what a loss is given', () => {
    const [text, offset] = at(SOFTER.replace(/loss\(\{.*\}\) \{/, 'loss(input) { input.|>'));
    const names = language.complete('objective', text, offset).suggestions.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['logp', 'refLogp', 'entropy', 'mask', 'batch', 'totals', 'params']));
  });

  it('offers what is not imported yet, with its import', () => {
    const [text, offset] = at(SOFTER.replace('    return {', '    rowMe|>\n    return {'));
    const { from, suggestions } = language.complete('objective', text, offset);
    expect(text.slice(from, offset)).toBe('rowMe');
    const found = suggestions.find(({ name }) => name === 'rowMean');
    expect(found?.module).toBe('./terms');
    const described = found === undefined ? null : language.describe('objective', text, offset, found);
    expect(described?.words).toMatch(/Mean over the rows/);
    // Nothing but the list of imports from that module changes.
    const [edit, ...rest] = described?.edits ?? [];
    expect(rest).toEqual([]);
    expect(edit?.insert).toContain('rowMean');
    expect(text.slice(0, edit?.from)).toMatch(/import \{[^}]*$/);
  });

  it('offers nothing from modules that a reader has no use for', () => {
    const [text, offset] = at(SOFTER.replace('    return {', '    tensor|>\n    return {'));
    const modules = new Set(language.complete('objective', text, offset).suggestions.map(({ module }) => module));
    expect([...modules].filter((module) => module !== null && !module.startsWith('./') && !module.startsWith('../core/'))).toEqual([]);
  });

  it('says what a name means', () => {
    const found = language.hover('objective', SOFTER, SOFTER.lastIndexOf('logSigmoid(margin)') + 2);
    expect(found?.code).toMatch(/logSigmoid\(x: .*\)/);
    expect(found?.words).toMatch(/softplus/);
    expect(SOFTER.slice(found?.from, found?.to)).toBe('logSigmoid');
  });

  it('knows rewards too, and goes back and forth', () => {
    const wrong = exactMatch.replace('completion }) {', 'completed }) {');
    expect(language.diagnose('reward', wrong)).not.toEqual([]);
    expect(language.diagnose('objective', SOFTER)).toEqual([]);
    const [text, offset] = at(exactMatch.replace('const { format', 'completion.|>;\n    const { format'));
    const names = language.complete('reward', text, offset).suggestions.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['tokens', 'text', 'ended']));
  });
});
