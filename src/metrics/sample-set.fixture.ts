/** Sample sets for the tests of the metrics. */
import type { SampleSet } from '../core/metric';
import { createRng } from '../core/rng';
import type { Completion, WorldInstance } from '../core/world';

export const completion = (tokens: readonly number[]): Completion => ({ tokens, text: tokens.join(''), ended: true });

export const world: WorldInstance = {
  vocab: { tokens: ['<pad>', '<bos>', '<eos>', 'a', 'b', 'c', 'd'], joiner: '' },
  promptLength: 1,
  completionLength: 4,
  sample: () => ({ prompt: [1] }),
  verify: () => ({ correct: false, score: 0, parts: {} }),
};

/** A sample set from token lists by prompt; all are right unless said otherwise. */
export const setOf = (prompts: readonly (readonly (readonly number[])[])[], more: Partial<SampleSet> = {}): SampleSet => ({
  world,
  examples: prompts.map(() => ({ prompt: [1] })),
  completions: prompts.map((samples) => samples.map(completion)),
  correct: prompts.map((samples) => samples.map(() => true)),
  ...more,
});

/** Random completions of one prompt, 0 to `longest` tokens of a vocabulary of `tokens`. */
export function randomSamples(seed: number, count: number, longest = 6, tokens = 4): Completion[] {
  const rng = createRng(seed);
  return Array.from({ length: count }, () => completion(Array.from({ length: rng.below(longest + 1) }, () => 3 + rng.below(tokens))));
}
