import { defineExperiment } from '../core/experiment';

const base = {
  world: 'facts',
  policy: { id: 'gpt', params: { layers: 2, width: 48, heads: 8, initStd: 0.15 } },
  evaluation: { every: 50, prompts: 8, samples: 1 },
} as const;

/** Learns to read an answer off a text, on made-up facts: nothing true is taught. */
const READING = {
  objective: 'sft',
  world: { demonstrations: 'reading' },
  training: { steps: 400, batchSize: 32, lr: 0.005, schedule: 'cosine', warmup: 20 },
} as const;

const RLAG = {
  objective: { id: 'rlag', params: { chosen_prompt: 'bare' } },
  training: { steps: 150, batchSize: 32, lr: 0.002, schedule: 'cosine', warmup: 10 },
} as const;

export default defineExperiment({
  id: 'facts-rlag',
  title: 'From the text into the weights',
  order: 30,
  question: 'A policy can answer with a text in front of it and not without. Does RLAG move the text into its weights?',
  paper: {
    title: 'Embedding Domain Knowledge for Large Language Models via Reinforcement Learning from Augmented Generation (Nie et al., 2025)',
    url: 'https://arxiv.org/abs/2509.20162',
  },
  theirs:
    'RLAG raised the accuracy of language models on questions from medicine, law, astronomy and current events above SFT and continued pre-training.',
  ours: 'Accuracy among four options on one-hop questions about the 118 elements, with and without the text, before and after 150 steps of RLAG; the gap between the two is what the policy can read but does not know.',
  differs:
    'A two-layer policy of width 48. The chosen option is scored after the bare question, where the released code scores it after the text. A gap can also close because reading is forgotten, so closed-book accuracy has a claim of its own. Settings were chosen on seed 100, where the gap fell from .57 to .11, most of it by worse reading.',
  arms: {
    reading: { title: 'Reading only', spec: { ...base, stages: [READING] } },
    rlag: { title: 'Reading, then RLAG', spec: { ...base, stages: [READING, RLAG] } },
  },
  opens: 'rlag',
  seeds: 3,
  claims: [
    {
      text: 'RLAG narrows the gap between augmented and closed-book accuracy by at least .28, half of what it was on the seed that the settings were chosen on.',
      metric: 'eval/augmented_gap',
      arm: 'reading',
      against: { arm: 'rlag' },
      threshold: 0.28,
    },
    {
      text: 'RLAG raises closed-book accuracy by at least .1.',
      metric: 'eval/closed_book_accuracy',
      arm: 'rlag',
      against: { arm: 'reading' },
      threshold: 0.1,
    },
  ],
});
