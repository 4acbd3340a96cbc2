/** What the lab can do, as plain data: the page builds its controls from this and knows no entry by name. */
import type { MetricSpec } from './charts';
import type { ParamSpecs, Params } from './params';
import type { World } from './world';

/** The kinds of examples that an objective can learn from. */
export type DataKind =
  /** Completions to imitate. */
  | 'demonstrations'
  /** A chosen and a rejected completion of one prompt. */
  | 'preferences'
  /** Single completions, each desirable or not. */
  | 'unpaired'
  /** Groups of scored samples. */
  | 'rollouts'
  /** A sample of the policy against one of an opponent. */
  | 'duels'
  /** Samples under several principles, each scored under all of them. */
  | 'contrasts'
  /** Questions with a text that answers them. */
  | 'augmented';

/** Where an objective stands in a list. */
export const FAMILIES = {
  supervised: 'Imitation',
  preference: 'Pairs',
  unpaired: 'Single judgements',
  online: 'Samples and rewards',
  'reward-model': 'Reward models',
  knowledge: 'Texts and principles',
} as const;

export type Family = keyof typeof FAMILIES;

export interface CatalogueEntry {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly params: ParamSpecs;
  /** Of a reader's own entry: the id of what it was copied from. */
  readonly base?: string;
}

export interface WorldEntry extends CatalogueEntry {
  readonly policies: readonly string[];
  readonly rewards: readonly string[];
  readonly suggested: World['suggested'];
  /** Kinds of examples that the world itself holds. */
  readonly provides: readonly DataKind[];
  /** The policy begins with weights drawn at random, and not with a distribution that the world gives. */
  readonly untrained?: boolean;
}

export interface ObjectiveEntry extends CatalogueEntry {
  readonly data: DataKind;
  readonly family: Family;
  /** Where frameworks differ from each other and from this, in sentences. */
  readonly differs?: string;
  /** It learns from scored samples even where the world has examples of its own. */
  readonly samplesOnly: boolean;
  /** Settings of a stage that are part of it: what they are unless told otherwise. */
  readonly training?: Params;
  /** TeX. */
  readonly formula: string;
  readonly paper?: { readonly title: string; readonly url: string };
  readonly diagnostics: Readonly<Record<string, MetricSpec>>;
  /** The TypeScript of its file. */
  readonly source: string;
}

export interface RewardEntry extends CatalogueEntry {
  /** Where the rule comes from: paper or framework. */
  readonly source: string;
  /** The TypeScript of its file. */
  readonly code: string;
  readonly parts: Readonly<Record<string, string>>;
}

export interface Catalogue {
  readonly worlds: readonly WorldEntry[];
  readonly policies: readonly CatalogueEntry[];
  readonly objectives: readonly ObjectiveEntry[];
  readonly rewards: readonly RewardEntry[];
  /** Every metric that can be logged, by its id. Reward parts appear as `reward/<part>`. */
  readonly metrics: Readonly<Record<string, MetricSpec>>;
}
