import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { DataKind } from './catalogue';
import type { Curve } from './curves';
import { defaultsOf, type Params } from './params';
import { patientOf, type SicknessId, THRESHOLDS } from './sickness';
import { SICKNESSES } from './sicknesses';
import { type RunSpec, renewed, type Stage, TRAINING } from './spec';
import { type Warning, warningsOf } from './warnings';

interface HandMade {
  readonly data?: DataKind;
  readonly params?: Params;
  readonly training?: Params;
  readonly steps?: number;
}

const stageOf = (params: Params, training: Params): Stage =>
  ({
    objective: { id: 'any', params },
    rewards: [{ id: 'any', params: {}, weight: 1 }],
    training: { ...defaultsOf(TRAINING), source: 'samples', ...training },
    world: null,
  }) as unknown as Stage;

/** The warnings of a run of one stage whose curves are functions of the step, measured at every step of 1 to 60. */
function warned(curves: Readonly<Record<string, (step: number) => number>>, hand: HandMade = {}): Warning[] {
  const { data = 'rollouts', params = { beta: 0.1 }, training = {}, steps = 60 } = hand;
  const all = Array.from({ length: steps }, (_, i) => i + 1);
  const read = (metric: string): Curve => {
    const curve = curves[metric];
    return curve === undefined ? { steps: [], values: [] } : { steps: all, values: all.map(curve) };
  };
  const patient = patientOf({ stages: [stageOf(params, training)], stage: 0, read, dataOf: () => data });
  return patient === null ? [] : warningsOf(patient);
}

const idsOf = (warnings: readonly Warning[]): string[] => warnings.map(({ id }) => id);

/** From `a` at step 1 to `b` at step 60. */
const line = (a: number, b: number) => (step: number) => a + ((b - a) * (step - 1)) / 59;
const always = (value: number) => () => value;

/** A run in which all is well; a sickness changes a curve or two of it. */
const WELL = {
  loss: line(1, 0.5),
  grad_norm: (step: number) => 0.5 + 0.2 * Math.sin(step),
  'eval/accuracy': line(0.1, 0.7),
  'eval/true_reward': line(0.1, 0.7),
  true_reward: line(0.1, 0.7),
  'eval/reward': line(0.1, 0.75),
  reward: line(0.1, 0.75),
  'eval/entropy': line(2, 0.9),
  'eval/kl_k1': line(0, 4),
  frac_reward_zero_std: line(0.5, 0.2),
  'completions/clipped_ratio': line(0.2, 0),
  'completions/mean_length': line(6, 8),
  'clip_ratio/region_mean': always(0.02),
  'grad_norm/policy': always(0.4),
  'grad_norm/value': always(0.6),
};

const WELL_IN_PAIRS = {
  loss: line(0.69, 0.4),
  grad_norm: always(0.5),
  'eval/accuracy': line(0.1, 0.7),
  'eval/true_reward': line(0.1, 0.7),
  'eval/entropy': line(2, 1),
  'eval/kl_k1': line(0, 4),
  'logratios/chosen': line(0, -0.5),
  'logps/chosen': line(-8, -8.5),
  'rewards/margins': line(0, 1),
  'rewards/accuracies': line(0.5, 0.9),
};

const PAIRS: HandMade = { data: 'preferences', params: { beta: 0.1, label_smoothing: 0 } };

/** Of each sickness: a run that has it, and the figures that its sentence has to give. */
const SICK: Readonly<
  Record<SicknessId, { readonly curves: Parameters<typeof warned>[0]; readonly hand?: HandMade; readonly says: RegExp[] }>
> = {
  'chosen-falls': {
    curves: { ...WELL_IN_PAIRS, 'logratios/chosen': line(0, -6) },
    hand: PAIRS,
    // A running mean of a tenth lags 9 steps behind a line: -6 + 9 * 6 / 59 = -5.1 nats, e^5.1 = 160 times.
    says: [/lost 5\.\d+ nats/, /1[5-8]0 times less likely/],
  },
  'margins-saturated': {
    curves: { ...WELL_IN_PAIRS, 'rewards/margins': line(0, 9), 'rewards/accuracies': always(1) },
    hand: PAIRS,
    says: [/margin of 7\.\d/, /0\.0\d+ %/],
  },
  'entropy-collapsed': { curves: { ...WELL, 'eval/entropy': line(2, 0.02) }, says: [/from 1\.97 to 0\.02 nats/, /70 %/] },
  'no-spread': { curves: { ...WELL, frac_reward_zero_std: always(0.95) }, says: [/95 %/, /0\.75/] },
  truncated: { curves: { ...WELL, 'completions/clipped_ratio': always(0.8) }, says: [/80 %/, /8 /] },
  'reward-hacked': {
    curves: {
      ...WELL,
      'eval/true_reward': (step) => (step < 20 ? line(0.1, 0.7)(3 * step) : 0.2),
      'eval/reward': line(0.1, 0.9),
    },
    says: [/fell from 0\.\d+ to 0\.2\b/, /rose from 0\.\d+ to 0\.8/],
  },
  'kl-blown-up': { curves: { ...WELL, 'eval/kl_k1': line(0, 40) }, says: [/3\d(\.\d)? nats/, /e\^3\d times/] },
  'length-grows': {
    curves: { ...WELL, 'completions/mean_length': line(6, 30), 'eval/true_reward': always(0.3) },
    says: [/From 6\.\d+ to 30 tokens/, /0\.3 to 0\.3/],
  },
  'ratios-clipped': {
    curves: { ...WELL, 'clip_ratio/region_mean': always(0.6) },
    hand: { training: { refreshEvery: 50, syncEvery: 3 } },
    says: [/60 %/, /drawn afresh every 50 steps, from a policy that follows every 3 steps\./],
  },
  diverging: {
    curves: { ...WELL, grad_norm: (step) => (step < 50 ? 0.5 : 0.5 * 3 ** (step - 49)) },
    says: [/times what was usual/],
  },
  'value-dominates': { curves: { ...WELL, 'grad_norm/value': always(20) }, says: [/50 times/, /20 against 0\.4/] },
  'nothing-learnt': { curves: { ...WELL, grad_norm: always(0), loss: always(0.69) }, says: [/gradient is 0/, /0\.69/] },
};

describe('a run in which all is well', () => {
  it('is told nothing', () => {
    expect(warned(WELL)).toEqual([]);
    expect(warned(WELL_IN_PAIRS, PAIRS)).toEqual([]);
    expect(warned({})).toEqual([]);
  });
});

describe.each(SICKNESSES.map(({ id }) => id))('%s', (id) => {
  const { curves, hand = {}, says } = SICK[id];

  it('is said where it is so, with the figures, and alone', () => {
    const found = warned(curves, hand);
    expect(idsOf(found)).toEqual([id]);
    for (const figure of says) expect(found[0]?.sentence).toMatch(figure);
    expect(found[0]?.sentence).not.toMatch(/NaN|undefined|not measured|Infinity|!/);
    expect(found[0]?.remedies.length).toBeGreaterThan(0);
    expect(found[0]?.link.url).toMatch(/^https?:/);
  });

  it('does not blink while its level hovers between its bounds, and goes below them', () => {
    const { on, off, patience } = THRESHOLDS[id];
    expect(off).toBeLessThan(on);
    expect(patience).toBeGreaterThan(1);
    // The same curves with less of them: not yet said after a single step.
    expect(idsOf(warned(curves, { ...hand, steps: 1 }))).not.toContain(id);
  });
});

describe('warnings', () => {
  it('stay while a level is above the lower bound, and go once it is below', () => {
    const fallingTo = (late: number) => {
      const curves = { reward: always(0.5), frac_reward_zero_std: (step: number) => (step <= 30 ? 0.95 : late) };
      return idsOf(warned(curves, { steps: 120 }));
    };
    expect(fallingTo(0.7)).toEqual(['no-spread']);
    expect(fallingTo(0.4)).toEqual([]);
  });

  it('says of a falling likelihood whether it tells the two sides apart', () => {
    const said = (margin: number) =>
      warned({ ...SICK['chosen-falls'].curves, 'rewards/margins': line(0, margin) }, PAIRS).find(({ id }) => id === 'chosen-falls')
        ?.sentence;
    expect(said(1)).toContain('the rejected ones fall faster');
    expect(said(-1)).toContain('The rejected ones fall no faster');
  });

  it('name settings that the stage has, by their path', () => {
    const [warning] = warned(SICK['entropy-collapsed'].curves, { params: { beta: 0, entropy_coef: 0 } });
    expect(warning?.remedies.map(({ path }) => path)).toEqual([
      'stages[0].objective.params.entropy_coef',
      'stages[0].objective.params.beta',
      'stages[0].training.temperature',
      'stages[0].training.lr',
    ]);
    const [pairs] = warned(SICK['chosen-falls'].curves, { ...PAIRS, training: { source: 'world' } });
    expect(pairs?.remedies.map(({ path }) => path)).toContain('stages[0].training.source');
    expect(pairs?.remedies.map(({ path }) => path)).not.toContain('stages[0].training.temperature');
  });

  it('do not miss spread in groups that are compared with a greedy completion', () => {
    expect(idsOf(warned({ ...WELL, frac_reward_zero_std: always(0.95), reward_baseline: always(0.5) }))).toEqual([]);
  });

  it('leave out what another one explains', () => {
    expect(idsOf(warned({ ...WELL, grad_norm: always(0), frac_reward_zero_std: always(1) }))).toEqual(['no-spread']);
  });

  it('take a solved run for what it is', () => {
    const solved = { ...WELL, 'eval/accuracy': always(0.98), 'eval/true_reward': always(0.98) };
    expect(warned({ ...solved, frac_reward_zero_std: always(1), 'eval/entropy': line(2, 0), grad_norm: always(0) })).toEqual([]);
  });

  it('of imitation are not about the distance from where it began', () => {
    expect(warned({ ...WELL, 'eval/kl_k1': always(30), 'eval/entropy': line(2, 0.01) }, { data: 'demonstrations' })).toEqual([]);
  });

  it('look at the stage at hand alone', () => {
    const steps = Array.from({ length: 100 }, (_, i) => i + 1);
    const read = (metric: string): Curve =>
      metric === 'completions/clipped_ratio' ? { steps, values: steps.map((step) => (step <= 50 ? 1 : 0)) } : { steps: [], values: [] };
    const stages = [stageOf({}, { steps: 50 }), stageOf({}, { steps: 50 })];
    const of = (stage: number, upTo: number) => {
      const patient = patientOf({
        ...{ stages, stage, dataOf: () => 'rollouts' as const },
        read: (metric) => ({ steps: read(metric).steps.slice(0, upTo), values: read(metric).values.slice(0, upTo) }),
      });
      return patient === null ? null : idsOf(warningsOf(patient));
    };
    expect(of(0, 50)).toEqual(['truncated']);
    expect(of(1, 100)).toEqual([]);
    expect(of(2, 100)).toBeNull();
  });
});

interface Recorded {
  readonly runs: readonly {
    readonly arm: string;
    readonly seed: number;
    readonly spec: unknown;
    readonly last: Readonly<Record<string, number | undefined>>;
    readonly series: {
      readonly steps: readonly number[];
      readonly columns: Readonly<Record<string, readonly (number | null)[] | undefined>>;
    };
  }[];
}

const KINDS: Readonly<Record<string, DataKind>> = {
  sft: 'demonstrations',
  'best-of-n': 'demonstrations',
  dpo: 'preferences',
  grpo: 'rollouts',
};

/** What is said of the recorded runs of an arm at their ends, and ever. */
function recorded(
  name: string,
  arm: string,
  among: (last: Readonly<Record<string, number | undefined>>) => boolean = () => true,
): { readonly last: string[]; readonly ever: string[] } {
  const result = JSON.parse(readFileSync(new URL(`../../public/results/${name}.json`, import.meta.url), 'utf8')) as Recorded;
  const all = result.runs
    .filter((run) => run.arm === arm && among(run.last))
    .map(({ spec, series }) => {
      const { stages } = renewed(spec as RunSpec);
      const at = (end: number): string[] => {
        const step = series.steps[end - 1] as number;
        const ends = stages.map((_, i) => stages.slice(0, i + 1).reduce((sum, { training }) => sum + training.steps, 0));
        const read = (metric: string): Curve => {
          const column = series.columns[metric] ?? [];
          const rows = series.steps.slice(0, end).flatMap((at, i) => (typeof column[i] === 'number' ? [[at, column[i]] as const] : []));
          return { steps: rows.map(([at]) => at), values: rows.map(([, value]) => value) };
        };
        const stage = ends.findIndex((last) => step <= last);
        const patient = patientOf({ stages, stage, read, dataOf: ({ objective }) => KINDS[objective.id] as DataKind });
        return patient === null ? [] : idsOf(warningsOf(patient));
      };
      return { last: at(series.steps.length), ever: series.steps.flatMap((_, i) => at(i + 1)) };
    });
  expect(all.length).toBeGreaterThan(0);
  return { last: [...new Set(all.flatMap(({ last }) => last))], ever: [...new Set(all.flatMap(({ ever }) => ever))] };
}

const succeeded = ({ expected_reward = 0 }: Readonly<Record<string, number | undefined>>): boolean => expected_reward > 0.8;

describe('recorded runs', () => {
  it('that went well are told nothing, at no step', () => {
    expect(recorded('sums-sft', 'sft').ever).toEqual([]);
    expect(recorded('sums-grpo', 'grpo').ever).toEqual([]);
    expect(recorded('shop-ndcg', 'grpo').ever).toEqual([]);
    expect(recorded('mode-seeking', 'on-policy-grpo', succeeded).ever).toEqual([]);
    expect(recorded('mode-seeking', 'on-policy-dpo').ever).toEqual([]);
    expect(recorded('mode-seeking-mlp', 'on-policy-bon').ever).toEqual([]);
  });

  it('that gathered at a wrong answer are told so', () => {
    expect(recorded('mode-seeking', 'on-policy-grpo', (last) => !succeeded(last)).last).toEqual(['entropy-collapsed']);
  });

  it('of offline DPO are told that chosen completions fall, and where the truth does', () => {
    expect(recorded('mode-seeking-mlp', 'offline-dpo').last).toContain('chosen-falls');
    expect(recorded('sums-dpo', 'dpo').last).toContain('reward-hacked');
  });
});
