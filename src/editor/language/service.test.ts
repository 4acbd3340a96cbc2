import { describe, expect, it } from 'vitest';
import { FILES } from './files';
import { createLanguage } from './service';

const language = createLanguage(FILES);
const fileOf = (path: string): string => FILES[path] as string;
const dpo = fileOf('/src/objectives/dpo.ts');
const exactMatch = fileOf('/src/rewards/exact-match.ts');

const LOSS = 'loss({ logp, refLogp, entropy, mask, totals, params: { beta } }) {';

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

  it('tells a syntax error and where it is, and no echo of it', () => {
    const broken = dpo.replace('const pairs = totals.rows / 2;', 'const pairs = (totals.rows / 2;');
    const [first, ...rest] = language.diagnose('objective', broken);
    expect(first).toMatchObject({ kind: 'syntax', message: "')' expected." });
    expect(broken.slice(0, first?.from).split('\n').length).toBe(broken.split('\n').findIndex((line) => line.includes('(totals.rows')) + 1);
    expect(rest.every(({ kind }) => kind === 'syntax')).toBe(true);
  });

  it('tells a type error of tfjs and of the lab', () => {
    const wrongTensor = dpo.replace('tf.sub(chosen, refChosen)', 'tf.sub(chosen, { a: 1 })');
    expect(language.diagnose('objective', wrongTensor)[0]).toMatchObject({ kind: 'type' });
    const wrongField = dpo.replace('totals.rows / 2', 'totals.pairs / 2');
    expect(language.diagnose('objective', wrongField)[0]?.message).toMatch(/'pairs' does not exist/);
    const missing = dpo.replace("'rewards/margins': meanOver(margin, pairs), // []\n", '');
    expect(language.diagnose('objective', missing)[0]?.message).toMatch(/rewards\/margins/);
  });

  it('offers the fields of what a loss is given', () => {
    const [text, offset] = at(dpo.replace('totals, params: { beta } }) {', 'totals, |>params: { beta } }) {'));
    const names = language.complete('objective', text, offset).suggestions.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['batch']));
    const [whole, end] = at(dpo.replace(LOSS, 'loss(input) { input.|>'));
    const fields = language.complete('objective', whole, end).suggestions.map(({ name }) => name);
    expect(fields).toEqual(expect.arrayContaining(['logp', 'refLogp', 'entropy', 'mask', 'batch', 'totals', 'params']));
  });

  it('offers what is not imported yet, with its import', () => {
    const [text, offset] = at(dpo.replace('return {\n      loss: tf', 'rowMe|>\n    return {\n      loss: tf'));
    const { from, suggestions } = language.complete('objective', text, offset);
    expect(text.slice(from, offset)).toBe('rowMe');
    const found = suggestions.find(({ name }) => name === 'rowMean');
    expect(found?.module).not.toBeNull();
    const described = found === undefined ? null : language.describe('objective', text, offset, found);
    expect(described?.words).toMatch(/Mean over the rows/);
    expect(described?.edits.map(({ insert }) => insert).join('')).toContain('rowMean');
    // Nothing but the import changes, and it stands in the list that the file has.
    expect(described?.edits.every(({ to }) => to < text.indexOf('export const'))).toBe(true);
  });

  it('says what a name means', () => {
    const found = language.hover('objective', dpo, dpo.lastIndexOf('logSigmoid(margin)') + 2);
    expect(found?.code).toMatch(/logSigmoid\(x: .*\)/);
    expect(found?.words).toMatch(/softplus/);
    expect(dpo.slice(found?.from, found?.to)).toBe('logSigmoid');
  });

  it('knows rewards too, and goes back and forth', () => {
    const wrong = exactMatch.replace('completion }) {', 'completed }) {');
    expect(language.diagnose('reward', wrong)).not.toEqual([]);
    expect(language.diagnose('objective', dpo)).toEqual([]);
    const [text, offset] = at(exactMatch.replace('const { format', 'completion.|>;\n    const { format'));
    const names = language.complete('reward', text, offset).suggestions.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['tokens', 'text', 'ended']));
  });
});
