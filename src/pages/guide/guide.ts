/**
 * Which objective fits a signal: questions that lead to answers. Data and prose; the ids are those of the catalogue and the experiments.
 * Grounded in the formulas of the objectives and in what the experiments of this lab ask.
 */
import type { Family } from '../../core/catalogue';
import type { RunSpecInput } from '../../core/spec';

export interface GuideOption {
  readonly text: string;
  /** Id of a question or of an answer. */
  readonly leads: string;
}

export interface GuideQuestion {
  readonly id: string;
  readonly text: string;
  readonly help: string;
  readonly options: readonly GuideOption[];
}

export interface GuideAnswer {
  readonly id: string;
  readonly title: string;
  readonly family: Family;
  /** The objective to begin with, and others worth a look. */
  readonly objectives: readonly [string, ...string[]];
  readonly why: string;
  /** What goes wrong with it, and where that is seen first. */
  readonly watch: readonly string[];
  readonly opens:
    | { readonly experiment: string; readonly arm?: string }
    /** A setup of its own, where no experiment asks this. */
    | { readonly title: string; readonly spec: RunSpecInput };
}

export const FIRST_QUESTION = 'signal';

export const QUESTIONS: readonly GuideQuestion[] = [
  {
    id: 'signal',
    text: 'What can you say about an answer?',
    help: 'The objective follows from the signal that you can afford to collect, not the other way round.',
    options: [
      { text: 'I can show the right answer: demonstrations', leads: 'demonstrations' },
      { text: 'I can say which of two answers is better: pairs, a ranking', leads: 'pairs' },
      { text: 'I can say of a single answer whether it is good: thumb up or down', leads: 'kto' },
      { text: 'A program can grade any answer: a verifier, a metric', leads: 'graded' },
      { text: 'I have a better model, which can act as a teacher', leads: 'distillation' },
      { text: 'What is good depends on the person who asks, and shifts', leads: 'people' },
      { text: 'I have texts that it should know, or principles that it should keep', leads: 'texts' },
    ],
  },
  {
    id: 'demonstrations',
    text: 'What are these answers like?',
    help: 'Imitation takes every demonstration for equally good unless it is told otherwise.',
    options: [
      { text: 'One right answer for each prompt, and all of them can be trusted', leads: 'sft' },
      { text: 'Samples of mixed quality, each with a score', leads: 'weighted' },
      { text: 'Answers of which I would keep only the best', leads: 'best-of-n' },
    ],
  },
  {
    id: 'pairs',
    text: 'Where do the two answers come from?',
    help: 'A pair teaches most where both answers are ones that the policy might have written.',
    options: [
      { text: 'A fixed set of pairs, collected before', leads: 'offline-pairs' },
      { text: 'A judge can compare fresh answers while it trains', leads: 'online-pairs' },
      { text: 'Pairs are scarce, and I want to score many other answers by them', leads: 'reward-model' },
    ],
  },
  {
    id: 'offline-pairs',
    text: 'What worries you most about the pairs?',
    help: 'All of these learn a difference between two answers. They differ in what they do once the difference is large.',
    options: [
      { text: 'Nothing yet: a first try', leads: 'dpo' },
      { text: 'Some labels are wrong', leads: 'noisy-pairs' },
      { text: 'Good answers become less likely along with the bad ones', leads: 'anchored-pairs' },
      { text: 'Longer answers win because they are longer, or there is no room for a reference', leads: 'length-pairs' },
    ],
  },
  {
    id: 'graded',
    text: 'How does the grade come out?',
    help: 'A grade that can be asked for again and again lets the policy learn from its own samples.',
    options: [
      { text: 'Right or wrong, by a rule', leads: 'grpo' },
      { text: 'A number of a ranking or another metric', leads: 'ranking' },
      { text: 'Right or wrong, and one right answer among several tries is enough', leads: 'pass-at-k' },
      { text: 'Several answers are equally good, and all should stay', leads: 'many-modes' },
      { text: 'Token by token it matters who gets the credit', leads: 'ppo' },
    ],
  },
  {
    id: 'texts',
    text: 'Which is it?',
    help: 'Neither needs labels on answers.',
    options: [
      { text: 'Facts in texts, to be answered later without the text', leads: 'rlag' },
      { text: 'Principles in words, that answers should be told apart by', leads: 'principles' },
    ],
  },
];

const PRINCIPLES = { world: 'principles', stages: [{ objective: 'sami' }] } as const;

export const ANSWERS: readonly GuideAnswer[] = [
  {
    id: 'sft',
    title: 'Imitate: SFT',
    family: 'supervised',
    objectives: ['sft', 'dft'],
    why: 'Where there is one right answer and you can write it, showing it is the shortest way. Every token of a demonstration is a label, which no reward can match for information.',
    watch: [
      'It learns the form of an answer before its content. Measure what you want on held-out prompts, not the loss.',
      'It imitates mistakes with the same zeal.',
    ],
    opens: { experiment: 'sums-sft' },
  },
  {
    id: 'weighted',
    title: 'Weigh by the score: RWR or AWR',
    family: 'supervised',
    objectives: ['rwr', 'awr'],
    why: 'Scores tell how much of each sample to imitate. An exponential weight is a smooth passage from imitating everything to imitating only the best.',
    watch: [
      'A small temperature lets very few samples carry all the weight: look at how many still count.',
      'It can become no better than what the samples hold.',
    ],
    opens: {
      title: 'Scored samples of the reference, weighed',
      spec: {
        world: 'bins',
        stages: [{ objective: 'rwr', training: { source: 'samples', prompts: 100, group: 10, refreshEvery: 0, steps: 300, lr: 0.05 } }],
      },
    },
  },
  {
    id: 'best-of-n',
    title: 'Keep the best and imitate it: best-of-n',
    family: 'supervised',
    objectives: ['best-of-n', 'pref-ft'],
    why: 'The simplest way to turn a score into demonstrations, and a baseline that everything else has to beat. Drawn afresh from the policy as it learns it is stronger by far than from a fixed set.',
    watch: [
      'Drawn once from the starting policy it is bounded by that policy’s luck.',
      'What it throws away, the bad answers, is never pushed down.',
    ],
    opens: { experiment: 'mode-seeking', arm: 'on-policy-bon' },
  },
  {
    id: 'dpo',
    title: 'Begin with DPO',
    family: 'preference',
    objectives: ['dpo', 'ipo'],
    why: 'Pairs rank answers that are both plausible, which is what taste and judgement look like. DPO learns that ranking without a reward model and without sampling.',
    watch: [
      'Chosen answers can become less likely while the margin grows. Keep both log-ratios on the screen.',
      'It ranks what the policy can write already: a policy that cannot do the task only becomes more certain.',
    ],
    opens: { experiment: 'sums-dpo' },
  },
  {
    id: 'noisy-pairs',
    title: 'Expect wrong labels: conservative or robust DPO',
    family: 'preference',
    objectives: ['cdpo', 'robust'],
    why: 'Both are told how often a label is wrong. Conservative DPO stops at the margin that this share implies; robust DPO corrects the loss so that its mean is that of clean labels.',
    watch: [
      'The share of wrong labels is a setting: too large a value unlearns good pairs.',
      'Labels that are wrong for a reason, and not by chance, are not helped by either.',
    ],
    opens: {
      title: 'Pairs of sums, conservative DPO after SFT',
      spec: {
        world: 'sums',
        policy: { id: 'gpt', params: { layers: 2, width: 48, heads: 8 } },
        stages: [
          { objective: 'sft', training: { steps: 300, batchSize: 64, lr: 0.01, schedule: 'cosine', warmup: 20 } },
          { objective: 'cdpo', training: { steps: 300, batchSize: 64, lr: 0.002, schedule: 'cosine', warmup: 20 } },
        ],
      },
    },
  },
  {
    id: 'anchored-pairs',
    title: 'Hold the chosen answers up: RPO, APO or a gate',
    family: 'preference',
    objectives: ['rpo', 'apo_zero', 'gate', 'nca_pair'],
    why: 'These add what the difference alone lacks: a term that asks for the chosen answer itself, or a brake on pushing down what is improbable already.',
    watch: [
      'A strong anchor turns it back into imitation of the chosen answers.',
      'Compare with DPO on the same seeds before you believe in the cure.',
    ],
    opens: {
      title: 'Pairs of sums, RPO after SFT',
      spec: {
        world: 'sums',
        policy: { id: 'gpt', params: { layers: 2, width: 48, heads: 8 } },
        stages: [
          { objective: 'sft', training: { steps: 300, batchSize: 64, lr: 0.01, schedule: 'cosine', warmup: 20 } },
          { objective: 'rpo', training: { steps: 300, batchSize: 64, lr: 0.002, schedule: 'cosine', warmup: 20 } },
        ],
      },
    },
  },
  {
    id: 'length-pairs',
    title: 'Count by the token: SimPO or ORPO',
    family: 'preference',
    objectives: ['simpo', 'orpo', 'sigmoid_norm'],
    why: 'Log-probabilities of a whole answer grow with its length. Averages over tokens do not, and both of the first two do without a reference in memory.',
    watch: [
      'Without a reference nothing says how far is too far: watch the KL to where you began.',
      'Check the length of sampled answers anyway.',
    ],
    opens: {
      title: 'Pairs of sums, SimPO after SFT',
      spec: {
        world: 'sums',
        policy: { id: 'gpt', params: { layers: 2, width: 48, heads: 8 } },
        stages: [
          { objective: 'sft', training: { steps: 300, batchSize: 64, lr: 0.01, schedule: 'cosine', warmup: 20 } },
          { objective: 'simpo', training: { steps: 300, batchSize: 64, lr: 0.002, schedule: 'cosine', warmup: 20 } },
        ],
      },
    },
  },
  {
    id: 'online-pairs',
    title: 'Compare fresh answers: online DPO and its kin',
    family: 'online',
    objectives: ['online-dpo', 'nash-md', 'xpo'],
    why: 'Pairs of the policy’s own answers stay about what it writes now, and a judge is asked where it matters. Where the good answers are rare under the reference this decides the outcome.',
    watch: ['The judge is asked at every step: count the queries when you compare.', 'Whatever the judge overlooks will be found.'],
    opens: { experiment: 'mode-seeking', arm: 'on-policy-dpo' },
  },
  {
    id: 'reward-model',
    title: 'Fit a reward model first',
    family: 'reward-model',
    objectives: ['reward-model', 'reward-model-eurus'],
    why: 'A reward model turns a limited number of comparisons into a score for any answer, so that one set of labels can serve many rounds of training.',
    watch: [
      'The policy that is trained on it leaves the answers that it was fitted on. Look at the true reward beside it.',
      'Comparisons that were made up on the spot teach it noise: ask some of them twice.',
    ],
    opens: { title: 'A reward model on pairs of sums', spec: { world: 'sums', stages: [{ objective: 'reward-model' }] } },
  },
  {
    id: 'kto',
    title: 'Single judgements: KTO or BCO',
    family: 'unpaired',
    objectives: ['kto', 'bco'],
    why: 'A thumb up or down on one answer is what products collect anyway. These learn from each by itself, without a partner to compare it with.',
    watch: [
      'The two kinds are rarely equally many: their weights make up for it.',
      'The point from which an answer counts as good is estimated as it trains; watch it settle.',
    ],
    opens: {
      title: 'Single judgements on sums, KTO after SFT',
      spec: {
        world: 'sums',
        policy: { id: 'gpt', params: { layers: 2, width: 48, heads: 8 } },
        stages: [
          { objective: 'sft', training: { steps: 300, batchSize: 64, lr: 0.01, schedule: 'cosine', warmup: 20 } },
          { objective: 'kto', training: { steps: 300, batchSize: 64, lr: 0.002, schedule: 'cosine', warmup: 20 } },
        ],
      },
    },
  },
  {
    id: 'grpo',
    title: 'A verifier: GRPO or RLOO',
    family: 'online',
    objectives: ['grpo', 'rloo', 'dapo', 'dr-grpo'],
    why: 'A rule that checks answers cannot be talked into anything and costs next to nothing. Groups of samples for one prompt are each other’s baseline, so no critic is needed.',
    watch: [
      'Groups that are all right or all wrong teach nothing; watch their share.',
      'A policy that is never right is never rewarded: imitate first.',
      'The loss says little. Watch reward, entropy and gradient norm.',
    ],
    opens: { experiment: 'sums-grpo' },
  },
  {
    id: 'ranking',
    title: 'The metric itself as the reward',
    family: 'online',
    objectives: ['grpo', 'reinforce', 'rloo'],
    why: 'NDCG or recall of what a query finds has no gradient, and needs none: a policy that samples queries learns from how good their results are, with the search engine as a black box.',
    watch: [
      'It learns this retriever with its quirks. Try another one before you call it understanding.',
      'Rewards of nought for every sample teach nothing: begin from a teacher.',
    ],
    opens: { experiment: 'shop-ndcg' },
  },
  {
    id: 'pass-at-k',
    title: 'Reward the best of several tries: pass@k',
    family: 'online',
    objectives: ['pass-at-k'],
    why: 'Where you will sample several answers anyway, a reward for the group keeps rare ways to be right alive that a reward for each sample would give up.',
    watch: ['A single sample may get worse while the group gets better: draw both curves.'],
    opens: {
      title: 'Sums, rewarded for the best of a group',
      spec: {
        world: 'sums',
        policy: { id: 'gpt', params: { layers: 2, width: 48, heads: 8 } },
        stages: [
          { objective: 'sft', training: { steps: 200, batchSize: 64, lr: 0.01, schedule: 'cosine', warmup: 20 } },
          {
            objective: 'pass-at-k',
            reward: 'exact-match',
            training: { source: 'samples', steps: 200, prompts: 64, group: 8, batchSize: 32, refreshEvery: 2, lr: 0.002 },
          },
        ],
      },
    },
  },
  {
    id: 'many-modes',
    title: 'Keep all good answers: MARA',
    family: 'online',
    objectives: ['mara', 'grpo'],
    why: 'A policy that is held by reverse KL keeps the proportions that its reference had among answers of equal reward. MARA evens out the reward of the good ones so that rare good answers gain.',
    watch: ['It needs a line above which an answer counts as good.', 'Look at how many modes are covered, not only at the reward.'],
    opens: { title: 'Bins with MARA', spec: { world: 'bins', stages: [{ objective: 'mara' }] } },
  },
  {
    id: 'ppo',
    title: 'Credit by the token: PPO',
    family: 'online',
    objectives: ['ppo'],
    why: 'A critic says what to expect at every token, so that a reward at the end is told apart from what led to it.',
    watch: [
      'Two networks have to be right. Where the critic is not, its advantages are noise: watch its explained variance.',
      'It has the most settings of all; change one at a time.',
    ],
    opens: {
      title: 'Sums, SFT and then PPO',
      spec: {
        world: 'sums',
        policy: { id: 'gpt', params: { layers: 2, width: 48, heads: 8 } },
        stages: [
          { objective: 'sft', training: { steps: 200, batchSize: 64, lr: 0.01, schedule: 'cosine', warmup: 20 } },
          {
            objective: 'ppo',
            reward: 'exact-match',
            training: { source: 'samples', steps: 200, prompts: 64, group: 8, batchSize: 64, refreshEvery: 4, lr: 0.001 },
          },
        ],
      },
    },
  },
  {
    id: 'distillation',
    title: 'A teacher: distil on your own samples',
    family: 'online',
    objectives: ['distillation', 'sft'],
    why: 'The teacher grades every token of what the student writes, so the student learns where it goes wrong itself. Imitating the teacher’s texts is simpler, and leaves the student alone with its own mistakes.',
    watch: ['The student becomes the teacher with all its faults.', 'Reverse KL goes for one of the teacher’s ways and drops the others.'],
    opens: { title: 'Bins with a teacher', spec: { world: 'bins', stages: [{ objective: 'distillation' }] } },
  },
  {
    id: 'people',
    title: 'A taste that shifts: leave the weights alone at first',
    family: 'reward-model',
    objectives: ['reward-model', 'best-of-n'],
    why: 'One set of weights holds one taste, and averages over people please nobody in particular. A reward with a few numbers for each person can be fitted from a handful of questions; picking the best of some samples by it changes no weight, and changes with the person.',
    watch: [
      'Pooled comparisons of people who disagree look like noise to a single reward model.',
      'Tastes drift: old answers should count for less.',
      'The lab has no world of people yet; this setup fits one reward to all pairs, which is the baseline to beat.',
    ],
    opens: { title: 'One reward for everybody, as a baseline', spec: { world: 'sums', stages: [{ objective: 'reward-model' }] } },
  },
  {
    id: 'rlag',
    title: 'Learn by heart what it can read: RLAG',
    family: 'knowledge',
    objectives: ['rlag'],
    why: 'With the text before it the policy answers better than without. RLAG takes the first for chosen and the second for rejected, so it teaches itself and needs no labels.',
    watch: ['Its labels are only as good as its reading.', 'Questions that join two facts may gain nothing: test them apart.'],
    opens: { experiment: 'facts-rlag' },
  },
  {
    id: 'principles',
    title: 'Tell principles apart: SAMI',
    family: 'knowledge',
    objectives: ['sami'],
    why: 'Answers that were written under one principle should be likelier under it than under the others. That asks for no preference labels, only for the principles.',
    watch: ['It is content with anything that tells principles apart, gibberish included: watch the log-probability under the base.'],
    opens: { title: 'Answers under principles', spec: PRINCIPLES },
  },
];
