import { defineExperiment } from '../core/experiment';

const base = {
  world: 'shop',
  policy: { id: 'gpt', params: { layers: 2, width: 48, heads: 4 } },
  evaluation: { every: 60, prompts: 64, samples: 4 },
} as const;

/** Imitates the teacher's rewrites, which are mediocre. */
const TEACHER = { objective: 'sft', training: { steps: 600, batchSize: 32, lr: 0.005, schedule: 'cosine', warmup: 20 } } as const;

const GRPO = {
  objective: 'grpo',
  reward: 'ndcg',
  training: { source: 'samples', steps: 60, prompts: 32, group: 8, batchSize: 32, lr: 0.002, schedule: 'cosine', warmup: 10 },
} as const;

export default defineExperiment({
  id: 'shop-ndcg',
  title: 'The ranking as the reward',
  order: 20,
  question: 'Can a policy learn to rewrite vague wishes into queries from nothing but the quality of the results?',
  paper: {
    title:
      'Rec-R1: Bridging Generative Large Language Models and User-Centric Recommendation Systems via Reinforcement Learning (Lin et al., 2025)',
    url: 'https://arxiv.org/abs/2503.24289',
  },
  theirs:
    'A language model that writes the query, trained on the ranking of a retriever that it cannot look into, did better in product search than prompting or SFT, with BM25 among the retrievers.',
  ours: 'NDCG@10 of sampled queries for held-out wordings: SFT on the rewrites of a mediocre teacher, against the same SFT followed by 60 steps of GRPO on the NDCG reward.',
  differs:
    'A shelf of a few hundred public-domain books instead of a web shop, BM25 only, and a small GPT that begins by imitating a teacher where the paper begins with a pre-trained language model. Held-out wordings are new, but the needs behind them were met in training. The reward counts the first 10 results; the paper trains on 1,000.',
  arms: {
    sft: { title: "SFT on the teacher's rewrites", spec: { ...base, stages: [TEACHER] } },
    grpo: { title: 'SFT, then GRPO on NDCG', spec: { ...base, stages: [TEACHER, GRPO] } },
  },
  opens: 'grpo',
  seeds: 3,
  claims: [
    {
      text: 'GRPO ends at least .1 above its start, the imitated teacher, in held-out NDCG@10.',
      metric: 'eval/ndcg@10',
      arm: 'grpo',
      against: { arm: 'sft' },
      threshold: 0.1,
    },
  ],
});
