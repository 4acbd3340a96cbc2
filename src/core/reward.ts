/** Rewards: plain functions from a completion to a number with named parts. */
import type { MetricSpec } from './charts';
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
  /** What each reward model says, the earliest stage first; empty unless asked for, and more than that where another reward does. */
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

/** What a reward has to be told about a completion. */
export interface RewardNeeds {
  /** `facts.refLogp`. */
  readonly reference?: boolean;
  /** At least so many `facts.models`: the last stages before this one that trained a reward model. */
  readonly models?: number;
  /** The reward follows `facts.logp`, and so changes with the policy: no closed form is drawn for it. */
  readonly policy?: boolean;
}

/** A registry entry. */
export interface Reward<S extends ParamSpecs = ParamSpecs> {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  /** Where the rule comes from: paper or framework. */
  readonly source: string;
  readonly params: S;
  /** Whether it makes sense in every world; else worlds name the rewards that fit them. */
  readonly anywhere?: true;
  needs?(params: ValuesOf<S>): RewardNeeds;
  /** Whether its parts are those of the worlds' checklists, beside `parts`. */
  readonly itemised?: true;
  /** Names of the parts that `score` reports, each with what it says. */
  readonly parts: Readonly<Record<string, string>>;
  score(judged: Judged<ValuesOf<S>>): Score;
}

/** Gives a reward's parameters their literal types. */
export const defineReward = <const S extends ParamSpecs>(reward: Reward<S>): Reward<S> => reward;

/**
 * What the rewards of a run log. A part is `reward/<part>`, in the words of the first reward that has it. Where a stage has several
 * rewards, each is `reward/<id>` as it is before its weight, and a part whose name is taken there is `reward/<id>/<part>`: see
 * `weightedSum`.
 */
export function rewardMetrics(rewards: readonly Pick<Reward, 'id' | 'title' | 'parts'>[]): Record<string, MetricSpec> {
  const specs: Record<string, MetricSpec> = {};
  for (const { parts } of rewards) {
    for (const [part, help] of Object.entries(parts)) specs[`reward/${part}`] ??= { title: `Reward: ${part}`, help, chart: 'reward' };
  }
  for (const { id, title, parts } of rewards) {
    const alone = `${title} by itself, before its weight.`;
    const part = specs[`reward/${id}`];
    specs[`reward/${id}`] = {
      title: `Reward: ${title}`,
      help: part === undefined ? alone : `${part.help}; of several rewards, ${alone}`,
      chart: 'reward',
    };
    for (const [name, help] of Object.entries(parts)) {
      specs[`reward/${id}/${name}`] = { title: `Reward: ${title}, ${name}`, help, chart: 'reward' };
    }
  }
  return specs;
}
