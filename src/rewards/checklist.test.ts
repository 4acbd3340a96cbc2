import { describe, expect, it } from 'vitest';
import type { Params } from '../core/params';
import { createRng } from '../core/rng';
import { BOS, EOS, type Example, type World } from '../core/world';
import { facts } from '../worlds/facts';
import { shop } from '../worlds/shop';
import { sums } from '../worlds/sums';
import { completionOf, encode } from '../worlds/text';
import { checklist } from './checklist';
import { NO_FACTS } from './testing';

const context = { dataset: () => undefined };

function scoreIn(entry: World, example: Example, settings: Params = {}) {
  const world = entry.create(settings, context);
  return (text: string) => {
    const completion = completionOf(world.vocab, [...encode(world.vocab, text), EOS], true);
    return checklist.score({ world, example, completion, facts: NO_FACTS, params: {} });
  };
}

describe('the checklist of sums', () => {
  const example = { prompt: [BOS], data: { a: 47, b: 38, op: '+' } };

  it('gives credit for what is right in a wrong answer', () => {
    const score = scoreIn(sums, example);
    // Weights: answer 1, last digit .5, format .5, length .25; in all 2.25.
    expect(score('085')).toEqual({ total: 1, parts: { answer: 1, last_digit: 1, format: 1, length: 1 } });
    expect(score('075').total).toBeCloseTo(1.25 / 2.25, 12);
    expect(score('084').total).toBeCloseTo(0.75 / 2.25, 12);
    expect(score('0000085').total).toBeCloseTo(1.5 / 2.25, 12);
    expect(score('').total).toBeCloseTo(0.25 / 2.25, 12);
  });

  it('looks at every written-out column', () => {
    const score = scoreIn(sums, example, { steps: true, format: 'angle' });
    // 7 + 8 = 15, and 4 + 3 + 1 = 8. Weights: as above and .5 for each column; in all 3.25.
    expect(score('<7+8=15,4+3+1=08,085>').total).toBe(1);
    expect(score('<7+8=15,4+3+0=07,075>')).toEqual({
      total: 1.75 / 3.25,
      parts: { answer: 0, last_digit: 1, format: 1, units_column: 1, tens_column: 0, length: 1 },
    });
    // The answer alone is no column.
    expect(score('<085>').parts).toMatchObject({ answer: 1, units_column: 0, tens_column: 0, format: 0 });
  });
});

describe('the checklist of facts', () => {
  const iron = {
    ...{ name: 'iron', symbol: 'Fe', number: '26', period: 'period-4', group: 'group-8', block: 'd-block' },
    ...{ category: 'transition-metal', state: 'solid' },
  };
  const score = scoreIn(facts, { prompt: [BOS], data: { kind: 'question', key: 'name', target: 'symbol', snippet: iron } });

  it('asks for the answer, its reason and the form', () => {
    // Weights: answer 1, reason .5, explained .25, format .25; in all 2.
    expect(score('because iron symbol Fe so Fe').total).toBe(1);
    expect(score('Fe').total).toBe(1.25 / 2);
    expect(score('because iron symbol Au so Fe')).toEqual({ total: 1.5 / 2, parts: { answer: 1, reason: 0, explained: 1, format: 1 } });
    expect(score('Fe Fe').total).toBe(0);
  });
});

describe('the checklist of the shop', () => {
  const example = shop.create({}, context).sample(createRng(1), 'train');
  const score = scoreIn(shop, example);

  it('asks for a query, and for something relevant', () => {
    expect(score('')).toEqual({ total: 0, parts: { relevant: 0, first: 0, format: 0, no_repeats: 0 } });
    // A main subject of the need, and so a word of every book of grade 2.
    const word = example.answer?.split(' ')[0] as string;
    // Weights: relevant 1, first .5, format .5, no repeats .25; in all 2.25.
    expect(score(word)).toEqual({ total: 1, parts: { relevant: 1, first: 1, format: 1, no_repeats: 1 } });
    expect(score(`${word} ${word}`).total).toBeCloseTo(2 / 2.25, 12);
  });
});
