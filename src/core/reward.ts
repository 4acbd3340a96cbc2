/** Rewards: plain functions from a completion to a number with named parts. */
import type { ParamSpecs, Params, ValuesOf } from './params';
import type { Completion, Example, WorldInstance } from './world';

/** A reward with its parts. Parts are charted beside the total; they need not add up to it. */
export interface Score {
  readonly total: number;
  readonly parts: Readonly<Record<string, number>>;
}

/** What the models say of a completion, where a reward asks for it. */
export interface Facts {
  /** Log-probability of each token of the completion, its end token included, under the policy that wrote it. */
  readonly logp: readonly number[];
  /** The same under the reference; empty unless asked for. */
  readonly refLogp: readonly number[];
  /** What each reward model says, the earliest stage first; empty unless asked for. */
  readonly models: readonly number[];
}

/** What a reward may look at. */
export interface Judged<P = Params> {
  readonly world: WorldInstance;
  readonly example: Example;
  readonly completion: Completion;
  readonly facts: Facts;
  readonly params: P;
}

/** A registry entry. `P` is the type of its parameters. */
export interface Reward<S extends ParamSpecs = ParamSpecs> {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  /** Where the rule comes from: paper or framework. */
  readonly source: string;
  readonly params: S;
  /** What `facts` have to hold beside `logp`; `models` counts the stages before this one that trained a reward model, the last ones. */
  needs?(params: ValuesOf<S>): { readonly reference?: boolean; readonly models?: number };
  /** Names of the parts that `score` reports. */
  readonly parts: Readonly<Record<string, string>>;
  score(judged: Judged<ValuesOf<S>>): Score;
}

/** Gives a reward's parameters their literal types. */
export const defineReward = <const S extends ParamSpecs>(reward: Reward<S>): Reward<S> => reward;
