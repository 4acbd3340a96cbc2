import { describe, expect, it } from 'vitest';
import { createRng } from '../core/rng';
import type { Completion, Example } from '../core/world';
import { principles, REPLIES } from './principles';
import { completionOf, decode, encode } from './text';

const open = (adherence: number) => principles.create({ adherence }, { dataset: () => undefined });
const world = open(1);
const example = (principle: string): Example => ({ prompt: [1], data: { principle } });
const reply = (text: string, ended = true): Completion => ({ tokens: encode(world.vocab, text), text, ended });

describe('principles', () => {
  it('has two greetings, two answers, and no reason or one of three: sixteen replies', () => {
    expect(REPLIES).toHaveLength(2 * 2 * (1 + 3));
    expect(new Set(REPLIES).size).toBe(16);
    expect(world.replies?.map((tokens) => completionOf(world.vocab, tokens, true))).toEqual(
      REPLIES.map((text) => ({ ...reply(text), tokens: encode(world.vocab, text) })),
    );
  });

  it.each([
    ['friendly', 'hey no', true],
    ['friendly', 'dear no', false],
    ['formal', 'dear yes because cost', true],
    ['brief', 'hey yes', true],
    ['brief', 'hey yes because rain', false],
    ['thorough', 'dear no because work', true],
  ])('holds %s to its word: %s', (principle, text, kept) => {
    expect(world.verify(example(principle), reply(text))).toEqual({
      correct: kept,
      score: kept ? 1 : 0,
      parts: { format: 1, accuracy: kept ? 1 : 0 },
    });
  });

  it('accepts no reply that is not one, or that was cut off', () => {
    expect(world.verify(example('friendly'), reply('hey hey')).correct).toBe(false);
    expect(world.verify(example('friendly'), reply('hey yes', false)).correct).toBe(false);
  });

  it('asks one question under every principle, in order', () => {
    const asked = world.contrast?.(createRng(1), 'train') ?? [];
    const words = asked.map(({ prompt }) => decode(world.vocab, prompt).split(' '));
    expect(words.map(([principle]) => principle)).toEqual(['friendly', 'formal', 'brief', 'thorough']);
    expect(new Set(words.map(([, message]) => message)).size).toBe(1);
  });

  it('demonstrates what its adherence says', () => {
    // Half of all replies keep to any principle: without adherence half do, with it all.
    const share = (adherence: number): number => {
      const rng = createRng(2);
      const shown = Array.from({ length: 2000 }, () => open(adherence).demonstrate?.(rng, 'train'));
      return shown.filter((d) => d && world.verify(d.example, completionOf(world.vocab, d.completion, true)).correct).length / 2000;
    };
    expect(share(1)).toBe(1);
    expect(Math.abs(share(0) - 0.5)).toBeLessThan(0.05);
  });
});
