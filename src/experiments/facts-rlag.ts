import { defineExperiment } from '../core/experiment';

const base = {
  world: 'facts',
  policy: { id: 'gpt', params: { layers: 2, width: 48, heads: 4, initStd: 0.15 } },
  evaluation: { every: 150, prompts: 32, samples: 2 },
} as const;

/** Learns to read: questions below snippets with made-up values, which no memory can answer. */
const READING = {
  objective: 'sft',
  world: { demonstrations: 'reading' },
  training: { steps: 400, batchSize: 32, lr: 0.005, schedule: 'cosine', warmup: 100 },
} as const;

/** Meets the true snippets, as texts and without a question, while it goes on reading. */
const TEXTS = {
  objective: 'sft',
  world: { demonstrations: 'reading+snippets' },
  training: { steps: 200, batchSize: 32, lr: 0.004, schedule: 'cosine', warmup: 10 },
} as const;

/** The same for both arms: 250 steps of 48 questions. */
const QUESTIONS = { steps: 250, batchSize: 48, lr: 0.003, schedule: 'cosine', warmup: 10 } as const;

export default defineExperiment({
  id: 'facts-rlag',
  title: 'From the open book into memory',
  order: 30,
  question: 'A policy answers with a text before it and guesses without. Can it teach itself what it reads?',
  paper: {
    title: 'Embedding Domain Knowledge for Large Language Models via Reinforcement Learning from Augmented Generation (Nie et al., 2025)',
    url: 'https://arxiv.org/abs/2509.20162',
  },
  theirs:
    'RLAG trains a model on the answer that it gives with a text against the one that it gives without, and on the text itself. On medical, legal, astronomical and news questions it did better than continued pre-training and SFT.',
  ours: 'The augmented gap: accuracy over four options with the text minus accuracy without it, on one-hop questions about the chemical elements. All arms first learn to read made-up snippets and then meet the true ones as texts; one stops there, one goes on with RLAG and one with SFT on the right answers, for the same number of steps. Questions that join two facts are held out.',
  differs:
    'The chosen option is scored after the bare question; the released code scores it after the text. RLAG is never told an answer: its labels are what it reads, while SFT gets the right ones. A step of RLAG also scores every option, so steps are matched and compute is not. Accuracy is by the likeliest of four options, so guessing gets a quarter. Settings and thresholds were chosen after trials in another framework, where the gap narrowed by .44 to .53.',
  arms: {
    reading: { title: 'Reading and texts only', spec: { ...base, stages: [READING, TEXTS] } },
    rlag: {
      title: 'Then RLAG',
      spec: {
        ...base,
        stages: [READING, TEXTS, { objective: { id: 'rlag', params: { chosen_prompt: 'bare' } }, training: QUESTIONS }],
      },
    },
    sft: {
      title: 'Then SFT on right answers',
      spec: { ...base, stages: [READING, TEXTS, { objective: 'sft', world: { demonstrations: 'questions' }, training: QUESTIONS }] },
    },
  },
  opens: 'rlag',
  seeds: 3,
  claims: [
    {
      text: 'RLAG narrows the augmented gap by at least .35: half of the gap of about .7 that reading leaves.',
      metric: 'eval/augmented_gap',
      arm: 'reading',
      against: { arm: 'rlag' },
      threshold: 0.35,
    },
    {
      text: 'The gap closes from below: RLAG ends at least .3 above reading in closed-book accuracy.',
      metric: 'eval/closed_book_accuracy',
      arm: 'rlag',
      against: { arm: 'reading' },
      threshold: 0.3,
    },
    {
      text: 'RLAG ends at least .03 above SFT on held-out questions that join two facts.',
      metric: 'eval/two_hop_accuracy',
      arm: 'rlag',
      against: { arm: 'sft' },
      threshold: 0.03,
    },
  ],
});
