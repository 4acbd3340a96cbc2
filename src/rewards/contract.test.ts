/** What every reward must keep to, in every world that takes it. */
import { describe, expect, it } from 'vitest';
import { defaultsOf } from '../core/params';
import type { Facts, Reward } from '../core/reward';
import { createRng } from '../core/rng';
import { type Completion, type Dataset, EOS, type World } from '../core/world';
import { WORLDS } from '../worlds';
import { completionOf } from '../worlds/text';
import { REWARDS, rewardsIn } from './index';

const dataset: Dataset = {
  id: 'x',
  name: 'x.jsonl',
  kind: 'prompt-only',
  rows: Array.from({ length: 20 }, (_, i) => ({ prompt: `${i}+1=`, answer: String(i + 1) })),
};
const open = (world: World) =>
  world.create({ ...defaultsOf(world.params), ...('dataset' in world.params ? { dataset: 'x' } : {}) }, { dataset: () => dataset });

/** Tokens that are less and less probable, and eight reward models that do not agree. */
const factsOf = ({ tokens, ended }: Completion): Facts => {
  const logp = [...tokens, ...(ended ? [EOS] : [])].map((_, t) => -0.1 * t);
  return { logp, refLogp: logp.map((value) => 2 * value), models: Array.from({ length: 8 }, (_, i) => (i % 3) - tokens.length / 10) };
};

describe.each(Object.entries<Reward>(REWARDS))('%s', (key, reward) => {
  const worlds = Object.values<World>(WORLDS).filter((world) => rewardsIn(world).includes(key));

  it('is documented and filed under its own id', () => {
    expect(reward.id).toBe(key);
    expect(reward.summary).toMatch(/^(\d|[A-Z]).*\.$/);
    expect(reward.source.length).toBeGreaterThan(0);
    for (const help of Object.values(reward.parts)) expect(help.length).toBeGreaterThan(0);
  });

  it('makes sense in some world', () => {
    expect(worlds.length).toBeGreaterThan(0);
  });

  it.each(worlds.map((world) => [world.id, world] as const))('scores whatever is written in %s, the same each time', (_id, entry) => {
    const world = open(entry);
    const parts = Object.keys({ ...reward.parts, ...(reward.itemised ? entry.checklist : {}) });
    const params = defaultsOf(reward.params);
    const rng = createRng(3);
    for (let i = 0; i < 100; i++) {
      const example = world.sample(rng, 'train');
      const tokens = Array.from({ length: rng.below(world.completionLength + 1) }, () => rng.below(world.vocab.tokens.length));
      for (const written of [tokens, [], [EOS]]) {
        const completion = completionOf(world.vocab, written, world.sampleable?.includes(EOS) ?? true);
        const judged = { world, example, completion, facts: factsOf(completion), params };
        const score = reward.score(judged);
        expect(Number.isFinite(score.total)).toBe(true);
        for (const [part, value] of Object.entries(score.parts)) {
          expect(parts).toContain(part);
          expect(Number.isFinite(value)).toBe(true);
        }
        expect(reward.score(judged)).toEqual(score);
      }
    }
  });
});

describe('the worlds', () => {
  it('name only rewards that exist', () => {
    for (const world of Object.values<World>(WORLDS)) for (const id of world.rewards) expect(Object.keys(REWARDS)).toContain(id);
  });
});
