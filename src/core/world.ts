/** What a world offers: prompts, answers, a verifier, and, where it can be enumerated, the exact answer. */
import type { ParamSpecs, Params } from './params';
import type { Rng } from './rng';
import type { StageInput } from './spec';

/** Training prompts and held-out prompts never overlap. */
export type Split = 'train' | 'test';

/** One prompt with what is needed to judge a completion of it. Plain data. */
export interface Example {
  /** Token ids, beginning with the vocabulary's `bos`. */
  readonly prompt: readonly number[];
  /** The right answer in words, where there is one. */
  readonly answer?: string;
  /** Whatever the world needs to judge a completion. */
  readonly data?: unknown;
}

/** What a policy wrote after a prompt. */
export interface Completion {
  /** Token ids without the end token and padding. */
  readonly tokens: readonly number[];
  /** The same, in words. */
  readonly text: string;
  /** False where the length limit cut it off. */
  readonly ended: boolean;
}

/** A judgement by the world's own rule: the true reward. */
export interface Verdict {
  /** Right or wrong. */
  readonly correct: boolean;
  /** The true reward: 0 or 1 where there is only right and wrong. */
  readonly score: number;
  /** Named parts in [0, 1], such as `format`, `accuracy`, `rationality`. */
  readonly parts: Readonly<Record<string, number>>;
}

/** Every completion of one prompt, with the reference's probabilities. */
export interface Exact {
  readonly completions: readonly (readonly number[])[];
  readonly labels: readonly string[];
  /** Probability of each completion under the world's reference distribution; sums to 1. */
  readonly reference: readonly number[];
}

/** Tokens in words. Ids of the special tokens are fixed: pad 0, bos 1, eos 2. */
export interface Vocabulary {
  readonly tokens: readonly string[];
  /** What stands between tokens in a text: '' for characters, ' ' for words. */
  readonly joiner: '' | ' ';
}

export const PAD = 0;
export const BOS = 1;
export const EOS = 2;
export const SPECIAL_TOKENS = ['<pad>', '<bos>', '<eos>'] as const;

/** One thing that can be checked about a completion. */
export interface ChecklistItem {
  /** A key of the world's `checklist`. */
  readonly name: string;
  /** How much it counts beside the others; above 0. */
  readonly weight: number;
  readonly met: boolean;
}

/** A ranked list as a ranking metric wants it. */
export interface Ranking {
  /** Relevance grade of each result in rank order. */
  readonly relevance: readonly number[];
  /** Every non-zero grade for this prompt, in any order. */
  readonly relevant: readonly number[];
}

/** One question with a text that answers it, for RLAG: options are complete answers to the same prompt. */
export interface Augmented {
  readonly example: Example;
  /** A prompt that holds the text and then the question. */
  readonly augmentedPrompt: readonly number[];
  /** The text itself as a row to learn: its prompt (at least `bos`) and its tokens. */
  readonly snippet: { readonly prompt: readonly number[]; readonly completion: readonly number[] };
  readonly options: readonly (readonly number[])[];
  /** Index of the right option. */
  readonly correct: number;
}

/** A chosen and a rejected completion of one prompt. */
export interface Pair {
  readonly example: Example;
  readonly chosen: readonly number[];
  readonly rejected: readonly number[];
  /** By how much the labeller preferred, where that is known. */
  readonly margin?: number;
}

/** A completion that somebody found desirable or not. */
export interface Judgement {
  readonly example: Example;
  readonly completion: readonly number[];
  readonly desirable: boolean;
}

/** A prompt and a completion to imitate. */
export interface Demonstration {
  readonly example: Example;
  readonly completion: readonly number[];
}

/**
 * A world with its parameters filled in. Every draw is a pure function of the stream that it is given.
 * Completions that a world hands out end with `EOS` where the policy is to learn to stop.
 */
export interface WorldInstance {
  readonly vocab: Vocabulary;
  /** Longest prompt, `bos` included. */
  readonly promptLength: number;
  /** Longest completion, `eos` included. */
  readonly completionLength: number;
  /** Tokens that may be sampled; absent: all but `pad` and `bos`. */
  readonly sampleable?: readonly number[];
  /** How many distinct right ways of answering there are, for mode coverage; absent where that has no meaning. */
  readonly modes?: readonly { readonly name: string; contains(completion: Completion): boolean }[];
  sample(rng: Rng, split: Split): Example;
  verify(example: Example, completion: Completion): Verdict;
  /** What is asked of a completion, item by item; the same items for every completion of one prompt. */
  checklist?(example: Example, completion: Completion): readonly ChecklistItem[];
  /** Where in its tokens a completion gives its answer, `end` not included; null where it gives none. */
  answerSpan?(completion: Completion): { readonly start: number; readonly end: number } | null;
  demonstrate?(rng: Rng, split: Split): Demonstration;
  prefer?(rng: Rng, split: Split): Pair;
  /** Single judgements; where they are absent, the sides of a pair are taken apart. */
  judge?(rng: Rng, split: Split): Judgement;
  /** One question under each of the world's principles, in their order: prompts that differ in the principle alone. */
  contrast?(rng: Rng, split: Split): readonly Example[];
  /** Every reply to those prompts, with its end token, where they can all be written down: for the exact mutual information. */
  readonly replies?: readonly (readonly number[])[];
  augment?(rng: Rng, split: Split): Augmented;
  enumerate?(): Exact;
  /** Results for the query that the completion is; null where it is not a query. */
  rank?(example: Example, completion: Completion): Ranking | null;
}

/** Outside data that a world may need, such as a file that the reader loaded. */
export interface WorldContext {
  dataset(id: string): Dataset | undefined;
}

/** A loaded file, already split into tokens-to-be. */
export interface Dataset {
  readonly id: string;
  readonly name: string;
  readonly kind: DatasetKind;
  readonly rows: readonly DatasetRow[];
}

export type DatasetKind = 'language-modeling' | 'prompt-completion' | 'preference' | 'unpaired' | 'prompt-only';

/** One usable line of a file. Which fields are present follows from the kind. */
export interface DatasetRow {
  readonly prompt: string;
  readonly completion?: string;
  readonly chosen?: string;
  readonly rejected?: string;
  readonly label?: boolean;
  readonly answer?: string;
}

/** A registry entry. */
export interface World {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  /** Ids of the policies that can act here, the best first. */
  readonly policies: readonly string[];
  /** Ids of the rewards that make sense here, the best first. Those that fit every world need not be named. */
  readonly rewards: readonly string[];
  /** What each item of an instance's `checklist` asks, by name. */
  readonly checklist?: Readonly<Record<string, string>>;
  readonly params: ParamSpecs;
  /** A first run that shows something: settings of the policy, and the stages. */
  readonly suggested: { readonly policy?: Params; readonly stages: readonly StageInput[] };
  /** @throws SpecError where the parameters cannot make a world. */
  create(params: Params, context: WorldContext): WorldInstance;
}
