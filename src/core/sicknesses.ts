/**
 * What can go wrong with a run: of each, a level that is read off the curves, the threshold at which it is said, and what to try.
 */
import type { DataKind } from './catalogue';
import { type Curve, isEmpty, lastValue, mapped, NO_CURVE, smooth, together, valueAt } from './curves';
import type { Patient, Sickness } from './sickness';

/** A run that answers this well has converged: then equal groups and a narrow policy are what one expects. */
const SOLVED = 0.9;
/** Share that a new value counts for in a smoothed curve: of steps, and of looks, which are fewer. */
const STEPS = 0.1;
const LOOKS = 0.4;
/** A gradient of this norm moves nothing. */
const NO_GRADIENT = 1e-5;
/** Gradient norms below this do no harm, whatever they were before. */
const HARMLESS = 1;
/** Nats; a policy that began with less was never undecided. */
const UNDECIDED = 0.2;
/** Tokens that completions have to have gained at least. */
const LONGER = 3;
/** What a truth between 0 and 1 has to gain to count. */
const GAIN = 0.02;

const ONE_SIDED: readonly DataKind[] = ['demonstrations', 'augmented'];

const first = (patient: Patient, ...metrics: string[]): Curve =>
  metrics.map((metric) => patient.curve(metric)).find((curve) => !isEmpty(curve)) ?? NO_CURVE;

const truthOf = (patient: Patient): Curve => first(patient, 'expected_true_reward', 'eval/true_reward', 'true_reward');
const accuracyOf = (patient: Patient): Curve => first(patient, 'eval/accuracy');

/** A level that counts only while the run is not solved. */
const unlessSolved = (patient: Patient, level: Curve): Curve => {
  const accuracy = smooth(accuracyOf(patient), LOOKS);
  return isEmpty(accuracy) ? level : together(level, [accuracy], (value, [solved]) => ((solved as number) >= SOLVED ? 0 : value));
};

/** What the first few values of a curve have in common: their mean. */
const startOf = ({ values }: Curve): number => {
  const few = values.slice(0, 3);
  return few.reduce((sum, value) => sum + value, 0) / few.length;
};

const chosenOf = (patient: Patient): Curve => first(patient, 'logratios/chosen', 'logps/chosen');
const entropyOf = (patient: Patient): Curve => first(patient, 'eval/entropy', 'sampling/entropy', 'entropy');
const klOf = (patient: Patient): Curve => first(patient, 'eval/kl_exact', 'eval/kl_k1');

/** What is optimised beside what is wanted, measured in the same way where it can be. */
interface Goal {
  readonly words: string;
  readonly proxy: Curve;
  readonly truth: Curve;
}

/** The rewards of scored samples, the best measured first; of pairs, the margin of the implicit rewards. */
const GOALS: readonly (readonly [proxy: string, truth: readonly string[], words: string])[] = [
  ['expected_reward', ['expected_true_reward'], 'reward'],
  ['eval/reward', ['eval/true_reward'], 'reward'],
  ['reward', ['true_reward'], 'reward'],
  // A margin is 0 when a stage begins.
  ['rewards/margins', ['expected_reward', 'eval/true_reward'], 'implicit reward margin'],
];

function goalOf(patient: Patient): Goal | null {
  const [first] = GOALS.flatMap(([proxy, truths, words]): Goal[] => {
    const truth = truths.find((metric) => !isEmpty(patient.curve(metric)));
    if (truth === undefined || isEmpty(patient.curve(proxy))) return [];
    const begun = proxy === 'rewards/margins' ? 0 : patient.before(proxy);
    return [{ words, proxy: smooth(fromStart(patient, proxy, begun), LOOKS), truth: smooth(fromStart(patient, truth), LOOKS) }];
  });
  return first ?? null;
}

/** A curve that begins with what was measured when the stage did. */
function fromStart(patient: Patient, metric: string, begun = patient.before(metric)): Curve {
  const { steps, values } = patient.curve(metric);
  return Number.isNaN(begun) ? { steps, values } : { steps: [patient.from, ...steps], values: [begun, ...values] };
}

export const SICKNESSES: readonly Sickness[] = [
  {
    id: 'chosen-falls',
    title: 'Chosen completions become less likely',
    // From the start of the stage: a log-ratio begins at 0, a log-probability wherever it is.
    level: (patient) => {
      const chosen = smooth(chosenOf(patient), STEPS);
      const begin = isEmpty(patient.curve('logratios/chosen')) ? startOf(chosen) : 0;
      return mapped(chosen, (value) => begin - value);
    },
    sentence: (patient, level) => {
      const isApart = !(lastValue(smooth(patient.curve('rewards/margins'), STEPS)) <= 0);
      return (
        `The chosen completions have lost ${say(level)} nats since the stage began: each is now ${times(level)} less likely. ` +
        `${isApart ? 'The margin grows because the rejected ones fall faster' : 'The rejected ones fall no faster, so the policy does not tell them apart'}; ` +
        `what both lose goes to answers that nobody asked for.`
      );
    },
    remedies: [
      ['objective.params.rpo_alpha', 'Add the likelihood of the chosen completions'],
      ['objective.params.alpha', 'Add the likelihood of the chosen completions'],
      ['objective.params.beta', 'Raise beta'],
      ['training.lr', 'Lower the learning rate'],
      ['training.source', 'Learn from pairs of its own samples'],
    ],
    link: { title: 'Razin et al., likelihood displacement in DPO', url: 'https://arxiv.org/abs/2410.08847' },
  },
  {
    id: 'margins-saturated',
    title: 'The pairs teach nothing any more',
    level: (patient) =>
      together(
        smooth(patient.curve('rewards/margins'), STEPS),
        [smooth(patient.curve('rewards/accuracies'), STEPS)],
        (margin, [accuracy]) => ((accuracy as number) >= 0.98 ? margin : 0),
      ),
    sentence: (_, level) =>
      `Every training pair is ranked right, by a margin of ${say(level)} on average. A loss through the sigmoid gives such a pair ` +
      `${percent(1 / (1 + Math.exp(level)))} of the weight of an undecided one.`,
    remedies: [
      ['objective.params.label_smoothing', 'Allow for wrong labels'],
      ['objective.params.beta', 'Lower beta, or choose an objective whose margin has a target'],
      ['training.steps', 'Stop earlier'],
      ['training.refreshEvery', 'Draw fresh pairs'],
    ],
    link: { title: 'Azar et al., why DPO overfits certain preferences', url: 'https://arxiv.org/abs/2310.12036' },
  },
  {
    id: 'entropy-collapsed',
    title: 'The policy writes almost always the same',
    level: (patient) => {
      const entropy = smooth(entropyOf(patient), LOOKS);
      const begin = startOf(entropyOf(patient));
      if (ONE_SIDED.includes(patient.data) || isEmpty(accuracyOf(patient)) || !(begin >= UNDECIDED)) return NO_CURVE;
      return unlessSolved(
        patient,
        mapped(entropy, (value) => 1 - value / begin),
      );
    },
    sentence: (patient) =>
      `Its entropy fell from ${say(startOf(entropyOf(patient)))} to ${say(lastValue(entropyOf(patient)))} nats, while ` +
      `${percent(lastValue(accuracyOf(patient)))} of its answers are right. It explores nothing that could earn more.`,
    remedies: [
      ['objective.params.entropy_coef', 'Add an entropy bonus'],
      ['objective.params.clip_cov_ratio', 'Leave out more of the tokens that narrow it'],
      ['objective.params.kl_cov_ratio', 'Hold more of the tokens that narrow it'],
      ['objective.params.epsilon_high', 'Raise the upper clip bound'],
      ['objective.params.beta', 'Raise beta'],
      ['training.temperature', 'Sample at a higher temperature'],
      ['training.lr', 'Lower the learning rate'],
    ],
    link: { title: 'Cui et al., the entropy mechanism', url: 'https://arxiv.org/abs/2505.22617' },
  },
  {
    id: 'no-spread',
    title: 'Almost no group has anything to compare',
    // Samples that are compared with a greedy completion teach where they are equal, too.
    level: (patient) =>
      isEmpty(patient.curve('reward_baseline')) ? unlessSolved(patient, smooth(patient.curve('frac_reward_zero_std'), STEPS)) : NO_CURVE,
    sentence: (patient, level) =>
      `In ${percent(level)} of the groups all samples earn the same (mean reward ${say(lastValue(patient.curve('reward')))}), so their ` +
      'advantages are 0 and the step learns from the rest alone.',
    remedies: [
      ['training.group', 'Draw more samples per prompt'],
      ['training.temperature', 'Sample at a higher temperature'],
      ['training.dropZeroVariance', 'Drop such groups and draw others'],
      ['training.prompts', 'Draw more prompts'],
    ],
    link: { title: 'DAPO, dynamic sampling', url: 'https://arxiv.org/abs/2503.14476' },
  },
  {
    id: 'truncated',
    title: 'Most completions are cut off',
    level: (patient) => smooth(patient.curve('completions/clipped_ratio'), STEPS),
    sentence: (patient, level) =>
      `The length limit cuts off ${percent(level)} of the samples before their end token; they are ${say(lastValue(patient.curve('completions/mean_length')))} ` +
      'tokens long on average. What they would have earned is unknown, and the policy is not taught to stop.',
    remedies: [
      ['training.temperature', 'Sample at a lower temperature'],
      ['training.lr', 'Lower the learning rate'],
    ],
    link: { title: 'DAPO, overlong completions', url: 'https://arxiv.org/abs/2503.14476' },
  },
  {
    id: 'reward-hacked',
    title: 'The reward rises while the truth falls',
    // Against the best that the truth has been.
    level: (patient) => {
      const goal = goalOf(patient);
      if (goal === null) return NO_CURVE;
      let best = { truth: Number.NEGATIVE_INFINITY, proxy: Number.NaN };
      return together(goal.truth, [goal.proxy], (truth, [earned]) => {
        const proxy = earned as number;
        if (truth >= best.truth) best = { truth, proxy };
        const hasRisen = proxy - best.proxy > GAIN * Math.max(Math.abs(best.proxy), 0.1);
        return hasRisen && best.truth > GAIN ? (best.truth - truth) / best.truth : 0;
      });
    },
    sentence: (patient, level) => {
      const { words, proxy, truth } = goalOf(patient) as Goal;
      const peak = truth.values.indexOf(Math.max(...truth.values));
      const step = truth.steps[peak] as number;
      return (
        `Since step ${step} the true reward fell from ${say(truth.values[peak] as number)} to ${say(lastValue(truth))}, by ${percent(level)}, ` +
        `while the ${words} that is optimised rose from ${say(valueAt(proxy, step))} to ${say(lastValue(proxy))}.`
      );
    },
    remedies: [
      ['objective.params.beta', 'Raise beta, to stay near the reference'],
      ['training.steps', 'Stop where the truth was best'],
      ['rewards', 'Mend the reward: weigh its parts otherwise, or add one'],
      ['training.lr', 'Lower the learning rate'],
    ],
    link: { title: 'Gao et al., overoptimisation of a reward', url: 'https://arxiv.org/abs/2210.10760' },
  },
  {
    id: 'kl-blown-up',
    title: 'The policy is far from its reference',
    level: (patient) => (ONE_SIDED.includes(patient.data) ? NO_CURVE : smooth(klOf(patient), LOOKS)),
    sentence: (_, level) =>
      `The KL to the reference has reached ${say(level)} nats per completion: what the policy writes is ${times(level)} more likely under ` +
      'it than under the reference, so little of what the reference knew still holds.',
    remedies: [
      ['objective.params.beta', 'Raise beta'],
      ['training.lr', 'Lower the learning rate'],
      ['training.steps', 'Stop earlier'],
    ],
    link: { title: 'Schulman, approximating KL divergence', url: 'http://joschu.net/blog/kl-approx.html' },
  },
  {
    id: 'length-grows',
    title: 'Completions grow longer and no better',
    level: (patient) => {
      const length = smooth(patient.curve('completions/mean_length'), STEPS);
      const truth = smooth(truthOf(patient), LOOKS);
      const [begin, true0] = [startOf(length), startOf(truth)];
      return together(length, [truth], (value, [now]) => (value - begin >= LONGER && (now as number) - true0 < GAIN ? value / begin : 0));
    },
    sentence: (patient, level) => {
      const [length, truth] = [patient.curve('completions/mean_length'), truthOf(patient)];
      return (
        `From ${say(startOf(length))} to ${say(lastValue(length))} tokens, ${say(level)} times as long, while the true reward went from ` +
        `${say(startOf(truth))} to ${say(lastValue(truth))}.`
      );
    },
    remedies: [
      ['rewards', 'Look for a part of the reward that pays for length'],
      ['objective.params.loss_type', 'Average over completions, not tokens, or the other way round'],
      ['objective.params.beta', 'Raise beta'],
    ],
    link: { title: 'Singhal et al., length in RLHF', url: 'https://arxiv.org/abs/2310.03716' },
  },
  {
    id: 'ratios-clipped',
    title: 'Much of each batch is clipped away',
    level: (patient) => smooth(patient.curve('clip_ratio/region_mean'), 0.3),
    sentence: (patient, level) => {
      const { refreshEvery, syncEvery } = patient.stage.training;
      const every = (steps: number): string => (steps === 1 ? 'every step' : `every ${steps} steps`);
      const drawn = refreshEvery === 0 ? 'They were drawn once' : `They are drawn afresh ${every(refreshEvery)}`;
      const from = syncEvery === 0 ? 'the policy that the stage began with' : `a policy that follows ${every(syncEvery)}`;
      return (
        `${percent(level)} of the ratios lie beyond the clip bounds and carry no gradient: the policy has moved away from the one that drew ` +
        `the samples. ${drawn}${syncEvery === 1 ? '' : `, from ${from}`}.`
      );
    },
    remedies: [
      ['training.refreshEvery', 'Draw fresh samples more often'],
      ['training.syncEvery', 'Let the sampler follow more often'],
      ['training.lr', 'Lower the learning rate'],
      ['objective.params.epsilon', 'Widen the clip bounds'],
    ],
    link: { title: 'Schulman et al., PPO', url: 'https://arxiv.org/abs/1707.06347' },
  },
  {
    id: 'diverging',
    title: 'The gradient explodes',
    level: (patient) => {
      const norm = patient.curve('grad_norm');
      const [now, before] = [smooth(mapped(norm, logOf), 0.5), smooth(mapped(norm, logOf), 0.02)];
      return mapped(now, (value, i) => (Math.exp(value) < HARMLESS ? 0 : Math.exp(value - (before.values[Math.max(0, i - 5)] as number))));
    },
    sentence: (patient, level) =>
      `Its norm is ${say(lastValue(patient.curve('grad_norm')))}, ${say(level)} times what was usual, at a loss of ` +
      `${say(lastValue(patient.curve('loss')))}. The run may soon end at a number that is none.`,
    remedies: [
      ['training.lr', 'Lower the learning rate'],
      ['training.clipNorm', 'Clip the gradient'],
      ['training.warmup', 'Warm up'],
    ],
    link: { title: 'Pascanu et al., exploding gradients', url: 'https://arxiv.org/abs/1211.5063' },
  },
  {
    id: 'value-dominates',
    title: 'The value loss drowns the policy',
    level: (patient) =>
      together(patient.curve('grad_norm/value'), [patient.curve('grad_norm/policy')], (value, [policy]) =>
        policy === 0 ? 0 : value / (policy as number),
      ),
    sentence: (patient, level) =>
      `The gradient of the value loss is ${say(level)} times that of the policy term (${say(lastValue(patient.curve('grad_norm/value')))} against ` +
      `${say(lastValue(patient.curve('grad_norm/policy')))}). Clipped together, the policy gets what is left.`,
    remedies: [
      ['objective.params.vf_coef', 'Lower the weight of the value loss'],
      ['training.clipNorm', 'Clip less'],
    ],
    link: { title: 'Huang et al., details of PPO for RLHF', url: 'https://arxiv.org/abs/2403.17031' },
  },
  {
    id: 'nothing-learnt',
    title: 'Nothing is learnt',
    level: (patient) =>
      unlessSolved(
        patient,
        smooth(
          mapped(patient.curve('grad_norm'), (norm) => (norm < NO_GRADIENT ? 1 : 0)),
          STEPS,
        ),
      ),
    sentence: (patient) =>
      `The gradient is 0 (${say(lastValue(patient.curve('grad_norm')))}) and the loss stands at ${say(lastValue(patient.curve('loss')))}: ` +
      'no example of the batch tells the policy to change.',
    remedies: [
      ['training.source', 'Learn from other examples'],
      ['training.temperature', 'Sample at a higher temperature'],
      ['training.group', 'Draw more samples per prompt'],
    ],
    link: { title: 'Tajwar et al., when data has to be on-policy', url: 'https://arxiv.org/abs/2404.14367' },
    explainedBy: ['no-spread', 'margins-saturated', 'ratios-clipped'],
  },
];

const logOf = (value: number): number => Math.log(Math.max(value, 1e-12));

/** Three digits at most. */
function say(value: number): string {
  if (!Number.isFinite(value)) return 'not measured';
  const size = Math.abs(value);
  const text =
    size !== 0 && (size < 1e-3 || size >= 1e5) ? value.toExponential(1).replace('e+', 'e') : String(Number(value.toPrecision(3)));
  return text.replace(/-/g, '−');
}

const percent = (share: number): string => `${say(100 * share)} %`;

/** How many times more or less likely so many nats make something. */
const times = (nats: number): string => (nats > 11 ? `e^${Math.round(nats)} times` : `${Number(Math.exp(nats).toPrecision(2))} times`);
