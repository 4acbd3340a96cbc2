import { describe, expect, it } from 'vitest';
import type { Params } from '../core/params';
import { createRng } from '../core/rng';
import { BOS, type Demonstration, EOS, type Example, type Split } from '../core/world';
import { ELEMENTS } from './content/elements';
import { facts, type Question, SLOTS, type Slot, type Snippet } from './facts';
import { completionOf, decode, encode } from './text';

const make = (params: Params = {}) => facts.create(params, { dataset: () => undefined });
const world = make();
const text = (tokens: readonly number[]) => decode(world.vocab, tokens);

/** Spelled out here, so that the table is checked too. */
const sodium: Snippet = {
  name: 'sodium',
  symbol: 'Na',
  number: '11',
  period: 'period-3',
  group: 'group-1',
  block: 's-block',
  category: 'alkali-metal',
  state: 'solid',
};
const ask = (key: Slot, target: Slot): Example => ({ prompt: [BOS], data: { kind: 'question', snippet: sodium, key, target } });
const judge = (example: Example, written: string, end = true) =>
  world.verify(example, completionOf(world.vocab, [...encode(world.vocab, written), ...(end ? [EOS] : [])], true));
const verdict = (format: number, accuracy: number, rationality: number) => ({
  correct: format * accuracy === 1,
  score: format * accuracy,
  parts: { format, accuracy, rationality },
});

const draws = (params: Params, split: Split, count: number): Demonstration[] => {
  const from = make(params);
  return Array.from({ length: count }, (_, seed) => from.demonstrate?.(createRng(seed), split)).filter((d) => d !== undefined);
};

describe('the table', () => {
  const symbols = (keep: (row: (typeof ELEMENTS)[number]) => boolean) => ELEMENTS.filter(keep).map(([, symbol]) => symbol);

  it('has 118 elements in order, each with its own name and symbol', () => {
    expect(ELEMENTS.map(([, , number]) => number)).toEqual(Array.from({ length: 118 }, (_, i) => i + 1));
    expect(new Set(ELEMENTS.map(([name]) => name)).size).toBe(118);
    expect(new Set(ELEMENTS.map(([, symbol]) => symbol)).size).toBe(118);
  });

  it('has periods that end with the noble gases and groups that count from the left and right edges', () => {
    const ends = [2, 10, 18, 36, 54, 86, 118];
    for (const [name, , number, period, group, block] of ELEMENTS) {
      const right = ends.findIndex((end) => number <= end);
      expect(period, name).toBe(right + 1);
      const fromLeft = number - (ends[right - 1] ?? 0);
      const fromRight = (ends[right] as number) - number;
      // Long periods have 32 places: 2, then 14 of the f-block, then 16 up to the noble gas.
      if (group === null) expect(fromLeft > 2 && fromRight > 15, name).toBe(true);
      else expect([fromLeft, 18 - fromRight], name).toContain(group);
      expect(block, name).toBe(group === null ? 'f' : name === 'helium' || group <= 2 ? 's' : group <= 12 ? 'd' : 'p');
    }
    expect(symbols(([, , , , group]) => group === null)).toHaveLength(28);
  });

  it('has the categories that the groups imply', () => {
    expect(symbols(([, , , , , , category]) => category === 'alkali-metal')).toEqual(['Li', 'Na', 'K', 'Rb', 'Cs', 'Fr']);
    expect(symbols(([, , , , group, , category]) => group === 2 && category !== 'alkaline-earth-metal')).toEqual([]);
    expect(symbols(([, , , , , , category]) => category === 'halogen')).toEqual(['F', 'Cl', 'Br', 'I', 'At']);
    expect(symbols(([, , , , , , category]) => category === 'noble-gas')).toEqual(['He', 'Ne', 'Ar', 'Kr', 'Xe', 'Rn']);
    expect(symbols(([, , , , , , category]) => category === 'lanthanide')).toHaveLength(15);
    expect(symbols(([, , , , , , category]) => category === 'actinide')).toHaveLength(15);
    // Groups 3 to 12 of four periods, less La-Lu's and Ac-Lr's places and the unsettled 109 to 112: 40 - 2 - 4.
    expect(symbols(([, , , , , , category]) => category === 'transition-metal')).toHaveLength(34);
  });

  it('has the states at room temperature', () => {
    expect(symbols(([, , , , , , , state]) => state === 'liquid')).toEqual(['Br', 'Hg']);
    expect(symbols(([, , , , , , , state]) => state === 'gas')).toEqual(['H', 'He', 'N', 'O', 'F', 'Ne', 'Cl', 'Ar', 'Kr', 'Xe', 'Rn']);
  });

  it('knows iron, uranium and oganesson', () => {
    expect(ELEMENTS[25]).toEqual(['iron', 'Fe', 26, 4, 8, 'd', 'transition-metal', 'solid']);
    expect(ELEMENTS[91]).toEqual(['uranium', 'U', 92, 7, null, 'f', 'actinide', 'solid']);
    expect(ELEMENTS[117]).toEqual(['oganesson', 'Og', 118, 7, 18, 'p', 'unknown', 'unknown']);
  });
});

describe('questions', () => {
  it('ask for one fact in training and for two in testing', () => {
    const seen = (split: Split) => new Set(Array.from({ length: 20_000 }, (_, seed) => text(world.sample(createRng(seed), split).prompt)));
    const train = seen('train');
    // 118 elements x (7 values of a name + 2 names of a value): every one-hop fact can be learned.
    expect(train.size).toBe(118 * 9);
    expect(train).toContain('symbol of sodium ?');
    expect(train).toContain('name of element with number 11 ?');
    const test = seen('test');
    // 118 x 2 keys x 6 values that are neither the name nor the key.
    expect(test.size).toBe(118 * 12);
    expect(test).toContain('category of element with symbol Na ?');
    for (const prompt of test) expect(prompt).toMatch(/^(?!name)[a-z]+ of element with (symbol|number) \w+ \?$/);
  });

  it('come with the text, the answer and three other values of the same slot', () => {
    for (const split of ['train', 'test'] as const) {
      for (let seed = 0; seed < 200; seed++) {
        const item = world.augment?.(createRng(seed), split);
        if (item === undefined) throw new Error('facts has no augmented questions');
        const { snippet, target } = item.example.data as Question;
        const row = ELEMENTS.find(([name]) => name === snippet.name);
        expect([snippet.symbol, snippet.number]).toEqual([row?.[1], String(row?.[2])]);
        const words = SLOTS.map((slot) => snippet[slot]).join(' ');
        expect(text(item.augmentedPrompt)).toBe(`${words} ${text(item.example.prompt)}`);
        expect(text([...item.snippet.prompt, ...item.snippet.completion])).toBe(words);
        expect(item.options).toHaveLength(4);
        expect(text(item.options[item.correct] ?? [])).toBe(snippet[target]);
        expect(item.example.answer).toBe(snippet[target]);
      }
    }
  });

  it('put the right option anywhere', () => {
    const places = new Set(Array.from({ length: 60 }, (_, seed) => world.augment?.(createRng(seed), 'train').correct));
    expect([...places].sort()).toEqual([0, 1, 2, 3]);
  });

  it('show answers with their reasons where explanations are on', () => {
    const item = make({ explain: true }).augment?.(createRng(3), 'test');
    if (item === undefined) throw new Error('facts has no augmented questions');
    const { snippet, target } = item.example.data as Question;
    for (const option of item.options) {
      const value = text(option).split(' ').at(-1);
      expect(text(option)).toBe(`because ${snippet.name} ${target} ${value} so ${value}`);
    }
  });
});

describe('demonstrations', () => {
  it('of reading are about made-up elements', () => {
    const made = draws({}, 'train', 2000);
    const truths = new Map(ELEMENTS.map(([name, symbol]) => [name, symbol]));
    const symbolIsTrue = made.filter(({ example }) => {
      const { snippet } = example.data as Question;
      return truths.get(snippet.name) === snippet.symbol;
    });
    // By chance 2000 / 118 = 17; four standard deviations are 16.4.
    expect(symbolIsTrue.length).toBeLessThan(34);
    for (const { example, completion } of made.slice(0, 200)) {
      const { snippet, target } = example.data as Question;
      expect(text(example.prompt).startsWith(SLOTS.map((slot) => snippet[slot]).join(' '))).toBe(true);
      expect(text(completion)).toBe(snippet[target]);
    }
  });

  it('of questions and snippets are true', () => {
    const questions = draws({ demonstrations: 'questions' }, 'train', 500).map((d) => `${text(d.example.prompt)} ${text(d.completion)}`);
    for (const line of questions) expect(line).toMatch(/^([a-z]+ of [a-z]+|name of element with [a-z]+ \w+) \? \S+$/);
    const lines = new Set(draws({ demonstrations: 'snippets' }, 'train', 3000).map((d) => text([...d.example.prompt, ...d.completion])));
    expect(lines.size).toBe(118);
    expect(lines).toContain('sodium Na 11 period-3 group-1 s-block alkali-metal solid');
    expect(lines).toContain('uranium U 92 period-7 no-group f-block actinide solid');
  });

  it('can be half and half', () => {
    const kinds = draws({ demonstrations: 'reading+snippets' }, 'train', 400).map((d) => (d.example.prompt.length === 2 ? 1 : 0));
    const share = kinds.reduce<number>((sum, kind) => sum + kind, 0) / kinds.length;
    expect(share).toBeGreaterThan(0.4);
    expect(share).toBeLessThan(0.6);
  });

  it('fit the stated lengths exactly, the same for all settings', () => {
    const all = ['reading', 'questions', 'snippets'].flatMap((demonstrations) =>
      [true, false].flatMap((explain) => draws({ demonstrations, explain }, 'train', 300)),
    );
    expect(Math.max(...all.map((d) => d.example.prompt.length))).toBe(world.promptLength);
    expect(Math.max(...all.map((d) => d.completion.length))).toBe(world.completionLength);
    for (const explain of [true, false]) {
      const { promptLength, completionLength, vocab } = make({ demonstrations: 'snippets', explain });
      expect({ promptLength, completionLength, vocab }).toEqual({
        promptLength: world.promptLength,
        completionLength: world.completionLength,
        vocab: world.vocab,
      });
    }
    expect(world.vocab.tokens.length).toBeLessThanOrEqual(500);
  });
});

describe('judging', () => {
  it('takes a bare answer for right or wrong, never for rational', () => {
    expect(judge(ask('name', 'symbol'), 'Na')).toEqual(verdict(1, 1, 0));
    expect(judge(ask('name', 'symbol'), 'K')).toEqual(verdict(1, 0, 0));
    expect(judge(ask('symbol', 'category'), 'alkali-metal')).toEqual(verdict(1, 1, 0));
    expect(judge(ask('number', 'name'), 'sodium')).toEqual(verdict(1, 1, 0));
  });

  it('needs the end', () => {
    expect(judge(ask('name', 'symbol'), 'Na', false)).toEqual(verdict(0, 1, 0));
  });

  it('calls an explanation rational when it quotes the right fact and the answer follows', () => {
    expect(judge(ask('name', 'symbol'), 'because sodium symbol Na so Na')).toEqual(verdict(1, 1, 1));
    expect(judge(ask('symbol', 'category'), 'because sodium category alkali-metal so alkali-metal')).toEqual(verdict(1, 1, 1));
    // Where the name is asked for, the reason is the value that singles it out.
    expect(judge(ask('number', 'name'), 'because sodium number 11 so sodium')).toEqual(verdict(1, 1, 1));
  });

  it('does not, when anything about it is wrong', () => {
    const symbol = ask('name', 'symbol');
    // A false fact, another element, another relation, an answer that does not follow.
    expect(judge(symbol, 'because sodium symbol K so Na')).toEqual(verdict(1, 1, 0));
    expect(judge(symbol, 'because potassium symbol Na so Na')).toEqual(verdict(1, 1, 0));
    expect(judge(symbol, 'because sodium number 11 so Na')).toEqual(verdict(1, 1, 0));
    expect(judge(symbol, 'because sodium symbol Na so K')).toEqual(verdict(1, 0, 0));
    expect(judge(ask('number', 'name'), 'because sodium symbol Na so sodium')).toEqual(verdict(1, 1, 0));
  });

  it('knows no other form', () => {
    for (const written of [
      '',
      'Na Na',
      'because sodium symbol Na',
      'because sodium symbol Na so Na Na',
      'so sodium symbol Na because Na',
    ]) {
      expect(judge(ask('name', 'symbol'), written), written).toEqual(verdict(0, 0, 0));
    }
  });

  it('checks a snippet word for word', () => {
    const example: Example = { prompt: [BOS], data: { kind: 'recital', snippet: sodium } };
    expect(judge(example, 'Na 11 period-3 group-1 s-block alkali-metal solid')).toEqual(verdict(1, 1, 1));
    expect(judge(example, 'Na 12 period-3 group-1 s-block alkali-metal solid')).toEqual(verdict(1, 0, 0));
    expect(judge(example, 'Na 11')).toEqual(verdict(0, 0, 0));
  });
});
