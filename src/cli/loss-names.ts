/** What objectives and their settings are called elsewhere. */
import { defaultsOf, SpecError } from '../core/params';
import { OBJECTIVES, type ObjectiveId } from '../objectives';
import type { Objective } from '../objectives/objective';
import { UsageError } from './usage';

const REGISTRY: Readonly<Record<string, Objective>> = OBJECTIVES;

/** Other names of objectives, without regard to case, `-` and `_`. */
const SYNONYMS: Readonly<Record<string, ObjectiveId>> = {
  nll: 'sft',
  bon: 'best-of-n',
  rft: 'best-of-n',
  rejectionsampling: 'best-of-n',
  sigmoid: 'dpo',
  conservativedpo: 'cdpo',
  robustdpo: 'robust',
  rdpo: 'robust',
  slic: 'hinge',
  iposummed: 'ipo_sum',
  exo: 'exo_pair',
  nca: 'nca_pair',
  sppo: 'sppo_hard',
  forwardkl: 'dpo_forward_kl',
  jsdivergence: 'dpo_js_divergence',
  alphadivergence: 'dpo_alpha_divergence',
  aotpair: 'aot',
  slichf: 'cpo_hinge',
  gatedpo: 'gate',
  gatedpoq10: 'gate-q10',
  reward: 'reward-model',
  rm: 'reward-model',
  bradleyterry: 'reward-model',
  eurus: 'reward-model-eurus',
  'reinforce++': 'reinforce-pp',
  reinforceplusplus: 'reinforce-pp',
  'reinforce++baseline': 'reinforce-pp-baseline',
  reinforceplusplusbaseline: 'reinforce-pp-baseline',
  reinforcebaseline: 'reinforce-pp-baseline',
  greedybaseline: 'remax',
  geomean: 'gmpo',
  dualclip: 'ppo-dual-clip',
  dualclipppo: 'ppo-dual-clip',
  onpolicydistillation: 'distillation',
};

/** Settings that TRL names otherwise in one of its trainers. */
const SETTINGS: Readonly<Record<string, string>> = {
  cpo_alpha: 'alpha',
  rpo_alpha: 'alpha',
  simpo_gamma: 'gamma',
  kl_coef: 'beta',
  cliprange: 'epsilon',
};

function find(name: string): Objective | undefined {
  const plain = (id: string): string =>
    id
      .toLowerCase()
      .replace('@', 'at')
      .replace(/[-_\s]/g, '');
  const id = Object.keys(REGISTRY).find((known) => plain(known) === plain(name)) ?? SYNONYMS[plain(name)];
  return id === undefined ? undefined : REGISTRY[id];
}

/** @throws UsageError where there is none */
export function findObjective(name: string): Objective {
  const found = find(name);
  if (found === undefined) throw new UsageError(`There is no objective ${name}. \`lab loss\` without arguments lists them.`);
  return found;
}

/**
 * Settings as TRL's configurations write them, in the lab's own terms: None is what was left out, `scale_rewards` may be true or false,
 * `loss_type` may name the objective itself, and the upper bound of a ratio is the lower one unless it is given.
 * @throws SpecError where `loss_type` asks for another objective, or another has the setting
 */
export function settingsFrom(objective: Objective, given: unknown): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given ?? {};
  const settings: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(given)) {
    const known = Object.hasOwn(objective.params, key) ? key : (SETTINGS[key] ?? key);
    if (value !== null && !Object.hasOwn(settings, known)) settings[known] = value;
  }
  if (typeof settings.scale_rewards === 'boolean') settings.scale_rewards = settings.scale_rewards ? 'group' : 'none';
  if (settings.loss_type !== undefined && objective.params.loss_type === undefined) {
    const asked = find(String(settings.loss_type));
    if (asked !== objective) {
      const instead = asked === undefined ? 'there is no such objective' : `that is an objective of its own: \`lab loss ${asked.id}\``;
      throw new SpecError('params.loss_type', `${JSON.stringify(settings.loss_type)} is not ${objective.id}; ${instead}`);
    }
    delete settings.loss_type;
  }
  assertOwn(objective, settings);
  const { epsilon, epsilon_high } = defaultsOf(objective.params) as { epsilon?: number; epsilon_high?: number };
  const isOneBound = epsilon !== undefined && epsilon === epsilon_high;
  return isOneBound && settings.epsilon !== undefined ? { epsilon_high: settings.epsilon, ...settings } : settings;
}

/** @throws SpecError for a setting that others of its family have */
function assertOwn({ id, family, params }: Objective, settings: Readonly<Record<string, unknown>>): void {
  for (const key of Object.keys(settings)) {
    if (Object.hasOwn(params, key)) continue;
    const others = Object.values(REGISTRY).filter((other) => other.family === family && Object.hasOwn(other.params, key));
    if (others.length === 0) continue;
    const named = others.map((other) => other.id).join(', ');
    throw new SpecError(`params.${key}`, `${id} has no such setting, but ${named} ${others.length === 1 ? 'has' : 'have'}`);
  }
}
