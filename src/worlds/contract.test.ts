/** What every world must keep to, for every setting that it declares. A new world is tested by being in the registry. */
import { describe, expect, it } from 'vitest';
import { defaultsOf, type ParamSpec, type Params, type ParamValue } from '../core/params';
import { createRng } from '../core/rng';
import { BOS, type Dataset, type DatasetRow, EOS, type Example, PAD, type Split, type World, type WorldInstance } from '../core/world';
import { WORLDS } from './index';
import { completionOf } from './text';

const DRAWS = 60;
const SPLITS = ['train', 'test'] as const satisfies readonly Split[];

/** Worlds whose held-out prompts are those of training, and why. */
const SHARED_PROMPTS: Readonly<Record<string, string>> = {
  bins: 'a context has no bearing on the reward, so there is nothing to hold out',
};

/** Worlds whose demonstrations are not all right, and why. */
const FALLIBLE_TEACHERS: Readonly<Record<string, string>> = {
  principles: 'its demonstrations keep to a principle only now and then, so that there is something left for SAMI to find',
  shop: 'its teacher guesses one word of the query, so that there is something left for the reward to teach',
};

const rows = (of: (i: number) => DatasetRow) => Array.from({ length: 30 }, (_, i) => of(i));
const DATASETS: readonly Dataset[] = [
  { id: 'lm', name: 'lm.jsonl', kind: 'language-modeling', rows: rows((i) => ({ prompt: '', completion: `${i}+1=${i + 1}` })) },
  { id: 'pc', name: 'pc.jsonl', kind: 'prompt-completion', rows: rows((i) => ({ prompt: `${i}+1=`, completion: `${i + 1}` })) },
  { id: 'pref', name: 'pref.jsonl', kind: 'preference', rows: rows((i) => ({ prompt: `${i}+1=`, chosen: `${i + 1}`, rejected: `${i}` })) },
  { id: 'un', name: 'un.jsonl', kind: 'unpaired', rows: rows((i) => ({ prompt: `${i}+1=`, completion: `${i + 1}`, label: i % 3 > 0 })) },
  { id: 'po', name: 'po.jsonl', kind: 'prompt-only', rows: rows((i) => ({ prompt: `${i}+1=`, answer: `${i + 1}` })) },
];
const context = { dataset: (id: string) => DATASETS.find((dataset) => dataset.id === id) };

/** The values of one parameter worth a world of their own. */
function valuesOf(spec: ParamSpec): readonly ParamValue[] {
  switch (spec.kind) {
    case 'number':
      return [spec.min, spec.max];
    case 'choice':
      return spec.options.map((option) => option.value);
    case 'flag':
      return [!spec.default];
    case 'text':
      return DATASETS.map((dataset) => dataset.id);
    default:
      return spec satisfies never;
  }
}

/** Every default, then every parameter changed by itself. A world that reads a file gets one. */
function settingsOf(world: World): { readonly params: Params; readonly changed: string }[] {
  const texts = Object.entries(world.params).filter(([, spec]) => spec.kind === 'text');
  const base: Params = { ...defaultsOf(world.params), ...Object.fromEntries(texts.map(([key]) => [key, 'pref'])) };
  const others = Object.entries(world.params).flatMap(([key, spec]) =>
    valuesOf(spec).map((value) => ({ params: { ...base, [key]: value }, changed: `${key} ${value}`, same: value === base[key] })),
  );
  return [{ params: base, changed: 'as it comes' }, ...others.filter(({ same }) => !same)];
}

const cases = Object.entries<World>(WORLDS).flatMap(([key, entry]) =>
  settingsOf(entry).map(({ params, changed }) => ({ key, entry, params, name: `${key}, ${changed}` })),
);

const draw = <T>(of: (seed: number) => T): T[] => Array.from({ length: DRAWS }, (_, seed) => of(seed));

/** A text of the world's examples by which draws are compared. */
const streamOf = (world: WorldInstance) =>
  JSON.stringify(
    SPLITS.map((split) =>
      draw((seed) => [
        world.sample(createRng(seed), split),
        world.demonstrate?.(createRng(seed), split),
        world.prefer?.(createRng(seed), split),
        world.augment?.(createRng(seed), split),
      ]),
    ),
  );

function checkPrompt(world: WorldInstance, prompt: readonly number[]): void {
  expect(prompt[0]).toBe(BOS);
  expect(prompt.length).toBeLessThanOrEqual(world.promptLength);
  for (const token of prompt.slice(1)) expect(token > EOS && token < world.vocab.tokens.length).toBe(true);
}

function checkCompletion(world: WorldInstance, completion: readonly number[]): void {
  const allowed = world.sampleable ?? world.vocab.tokens.map((_, id) => id).filter((id) => id !== PAD && id !== BOS);
  expect(completion.length).toBeGreaterThan(0);
  expect(completion.length).toBeLessThanOrEqual(world.completionLength);
  expect(completion.slice(0, -1)).not.toContain(EOS);
  if (allowed.includes(EOS)) expect(completion.at(-1)).toBe(EOS);
  for (const token of completion) expect(allowed).toContain(token);
}

const couldEnd = (world: WorldInstance) => world.sampleable?.includes(EOS) ?? true;
const judge = (world: WorldInstance, example: Example, completion: readonly number[]) =>
  world.verify(example, completionOf(world.vocab, completion, couldEnd(world)));

describe('the registry', () => {
  it.each(Object.entries<World>(WORLDS))('documents %s and files it under its own id', (key, world) => {
    expect(world.id).toBe(key);
    expect(world.summary).toMatch(/^[A-Z].*\.$/);
    expect(world.policies.length).toBeGreaterThan(0);
    expect(world.rewards.length).toBeGreaterThan(0);
    for (const spec of Object.values(world.params)) expect(spec.help).toMatch(/^[A-Z].*\.$/);
  });
});

describe.each(cases)('$name', ({ key, entry, params }) => {
  const world = entry.create(params, context);

  it('is a function of the seed', () => {
    expect(streamOf(world)).toBe(streamOf(world));
    expect(streamOf(entry.create(params, context))).toBe(streamOf(world));
  });

  it('hands out more than one example', () => {
    const examples = new Set(draw((seed) => JSON.stringify(world.sample(createRng(seed), 'train'))));
    // The one setting of the one world that asks for a single prompt.
    expect(examples.size).toBeGreaterThan(key === 'bins' && params.contexts === 1 ? 0 : 1);
  });

  it('hands out prompts within the stated length', () => {
    for (const split of SPLITS)
      for (const example of draw((seed) => world.sample(createRng(seed), split))) checkPrompt(world, example.prompt);
  });

  it('keeps held-out prompts out of training', () => {
    const examplesOf = (split: Split): Example[] =>
      draw((seed) => [
        world.sample(createRng(seed), split),
        world.demonstrate?.(createRng(seed), split).example,
        world.prefer?.(createRng(seed), split).example,
      ])
        .flat()
        .filter((example) => example !== undefined);
    // Texts without a prompt are told apart by the text.
    const keyOf = ({ prompt, answer }: Example) => (prompt.length === 1 ? (answer ?? '') : prompt.join(' '));
    const train = new Set(examplesOf('train').map(keyOf));
    const shared = examplesOf('test')
      .map(keyOf)
      .filter((prompt) => train.has(prompt));
    if (SHARED_PROMPTS[key] === undefined) expect(shared).toEqual([]);
    else expect(shared.length).toBeGreaterThan(0);
  });

  it('demonstrates what is right', () => {
    for (const split of SPLITS) {
      const demonstrations = draw((seed) => world.demonstrate?.(createRng(seed), split)).filter((drawn) => drawn !== undefined);
      if (demonstrations.length === 0) continue;
      for (const { example, completion } of demonstrations) {
        checkPrompt(world, example.prompt);
        checkCompletion(world, completion);
      }
      const right = demonstrations.filter(({ example, completion }) => judge(world, example, completion).correct);
      if (FALLIBLE_TEACHERS[key] === undefined) expect(right).toHaveLength(demonstrations.length);
      else expect(right.length).toBeGreaterThan(0);
    }
  });

  it('prefers what is right to what is wrong', () => {
    for (const split of SPLITS) {
      for (const pair of draw((seed) => world.prefer?.(createRng(seed), split))) {
        if (pair === undefined) continue;
        checkPrompt(world, pair.example.prompt);
        checkCompletion(world, pair.chosen);
        checkCompletion(world, pair.rejected);
        // Where all labels of training are flipped, those and no others are the wrong way round.
        const kept = split === 'test' || params.flip !== 1;
        expect(judge(world, pair.example, pair.chosen).correct).toBe(kept);
        expect(judge(world, pair.example, pair.rejected).correct).toBe(!kept);
      }
    }
  });

  it('gives the right option among different ones, within the stated lengths', () => {
    for (const split of SPLITS) {
      for (const question of draw((seed) => world.augment?.(createRng(seed), split))) {
        if (question === undefined) continue;
        checkPrompt(world, question.example.prompt);
        checkPrompt(world, question.augmentedPrompt);
        checkPrompt(world, question.snippet.prompt);
        expect(question.snippet.prompt.length + question.snippet.completion.length).toBeLessThanOrEqual(
          world.promptLength + world.completionLength,
        );
        for (const option of question.options) checkCompletion(world, option);
        expect(new Set(question.options.map((option) => option.join(' '))).size).toBe(question.options.length);
        question.options.forEach((option, i) => {
          expect(judge(world, question.example, option).correct).toBe(i === question.correct);
        });
      }
    }
  });

  it('judges whatever was written', () => {
    const rng = createRng(7);
    for (let i = 0; i < 200; i++) {
      const example = world.sample(rng, 'train');
      const tokens = Array.from({ length: rng.below(world.completionLength + 1) }, () => rng.below(world.vocab.tokens.length));
      for (const written of [tokens, [], [EOS], [BOS, PAD, EOS]]) {
        // Once as a policy would hand it over, and once as it stands.
        const raw = { tokens: written, text: '', ended: i % 2 === 0 };
        for (const completion of [completionOf(world.vocab, written, couldEnd(world)), raw]) {
          const { correct, score, parts } = world.verify(example, completion);
          expect(typeof correct).toBe('boolean');
          expect(Number.isFinite(score)).toBe(true);
          for (const part of Object.values(parts)) expect(part >= 0 && part <= 1).toBe(true);
          world.rank?.(example, completion);
          for (const mode of world.modes ?? []) mode.contains(completion);
        }
      }
    }
  });

  it('checks the same items of whatever was written, and finds answers within it', () => {
    const rng = createRng(9);
    for (let i = 0; i < 100; i++) {
      const example = world.sample(rng, 'train');
      const written = Array.from({ length: rng.below(world.completionLength + 1) }, () => rng.below(world.vocab.tokens.length));
      const [some, none] = [written, []].map((tokens) => {
        const completion = completionOf(world.vocab, tokens, couldEnd(world));
        const span = world.answerSpan?.(completion) ?? null;
        if (span !== null) expect(0 <= span.start && span.start < span.end && span.end <= completion.tokens.length).toBe(true);
        return world.checklist?.(example, completion).map(({ name, weight }) => ({ name, weight }));
      });
      expect(some).toEqual(none);
      for (const { name, weight } of some ?? []) {
        expect(Object.keys(entry.checklist ?? {})).toContain(name);
        expect(weight).toBeGreaterThan(0);
      }
    }
  });

  it('enumerates distinct completions with probabilities that sum to one', () => {
    const exact = world.enumerate?.();
    if (exact === undefined) return;
    expect(new Set(exact.completions.map((completion) => completion.join(' '))).size).toBe(exact.completions.length);
    expect(exact.labels).toHaveLength(exact.completions.length);
    expect(exact.reference).toHaveLength(exact.completions.length);
    expect(exact.reference.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9);
    for (const completion of exact.completions) checkCompletion(world, completion);
  });
});
