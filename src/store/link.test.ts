import { describe, expect, it } from 'vitest';
import type { Catalogue } from '../core/catalogue';
import type { ParamSpec, ParamValue } from '../core/params';
import { createRng, type Rng } from '../core/rng';
import { TRAINING } from '../core/spec';
import { pack, unpack } from '../data/pack';
import { catalogue as realCatalogue } from '../trainer/catalogue';
import {
  addReward,
  addStage,
  checkDraft,
  chooseObjective,
  choosePolicy,
  chooseReward,
  chooseWorld,
  removeStage,
  type Setup,
  setStageWorld,
  setValue,
} from './draft';
import { EXPERIMENTS, openArm } from './experiments';
import { type LinkNeeds, openCompareLink, openLink, queryOf } from './link';
import { NO_VIEW, viewOf } from './link-view';
import { type OwnDraft, withOwn } from './own-drafts';
import { getAt } from './path';
import { type CompareView, FIRST_VIEWS, type LabView } from './views';

const CATALOGUE = realCatalogue();
const NEEDS: LinkNeeds = {
  catalogue: CATALOGUE,
  experiments: EXPERIMENTS,
  adopt: (draft) => ({ id: draft.id, catalogue: withOwn(CATALOGUE, [draft]) }),
};

/** What a test counts on. */
function there<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('expected something');
  return value;
}

const open = (query: string, needs = NEEDS) => openLink(new URLSearchParams(query), needs);
const write = (setup: Setup, smoothing = 0, charts = FIRST_VIEWS.lab): string =>
  queryOf({ setup, smoothing, charts }, NO_VIEW, CATALOGUE, EXPERIMENTS);
const arm = (experiment: string, id: string): Setup => openArm(there(EXPERIMENTS.find((one) => one.id === experiment)), id, CATALOGUE);
const edited = (path: string, value: unknown): string => {
  const edits: Record<string, unknown> = {};
  const keys = path.split('.');
  let at = edits;
  for (const key of keys.slice(0, -1)) {
    const next: Record<string, unknown> = {};
    at[key] = next;
    at = next;
  }
  at[there(keys.at(-1))] = value;
  return `experiment=sums-dpo&set=${pack(edits)}`;
};

describe('a link', () => {
  it('to an arm as it is can be read', () => {
    expect(write(arm('mode-seeking', 'offline-dpo'))).toBe('experiment=mode-seeking&arm=offline-dpo');
    expect(write(setValue(arm('mode-seeking', 'offline-dpo'), 'seed', 7))).toBe('experiment=mode-seeking&arm=offline-dpo&seed=7');
  });

  it('stays short: one setting takes some eighty letters', () => {
    const setup = setValue(arm('sums-dpo', 'dpo'), 'stages[1].objective.params.beta', 0.5);
    expect(write(setup).length - write(arm('sums-dpo', 'dpo')).length).toBeLessThan(80);
  });

  it('brings back whatever a reader has set up: 300 random drafts', () => {
    let runnable = 0;
    for (let seed = 0; seed < 300; seed++) {
      const setup = randomSetup(createRng(seed).fork('link'));
      if (checkDraft(setup.draft, CATALOGUE).problem !== null) continue;
      runnable += 1;
      const query = write(setup, 0.5);
      const opened = open(query);
      expect(opened.problems, query).toEqual([]);
      expect(opened.setup?.draft, query).toEqual(setup.draft);
      expect(opened.setup?.opened).toEqual(setup.opened);
      expect(opened.smoothing).toBe(0.5);
      // What a reset goes back to can be run as well.
      expect(checkDraft(there(opened.setup).baseline, CATALOGUE).problem, query).toBeNull();
      expect(write(there(opened.setup), 0.5)).toBe(query);
    }
    expect(runnable).toBeGreaterThan(100);
  });

  it('says how the charts are looked at', () => {
    const charts: LabView = { x: 'metric:eval/kl_k1', logX: false, logY: true, band: 'se', individuals: true, below: 'charts' };
    const query = write(arm('sums-dpo', 'dpo'), 0, charts);
    expect(query).toBe('experiment=sums-dpo&arm=dpo&x=metric%3Aeval%2Fkl_k1&log=y&band=se,runs');
    expect(open(query)).toMatchObject({ charts, problems: [] });
    expect(open('experiment=sums-dpo').charts).toBeNull();
  });

  it('says what stands below the behaviour', () => {
    const query = write(arm('sums-dpo', 'dpo'), 0, { ...FIRST_VIEWS.lab, below: 'diagnosis' });
    expect(query).toBe('experiment=sums-dpo&arm=dpo&show=diagnosis');
    expect(open(query)).toMatchObject({ charts: { ...FIRST_VIEWS.lab, below: 'diagnosis' }, problems: [] });
    // A link of before there was a choice shows the charts that it speaks of.
    expect(open('experiment=sums-dpo&x=kl').charts).toEqual({ ...FIRST_VIEWS.lab, x: 'kl' });
  });

  it('marks as edited what differs from the arm', () => {
    const opened = there(open(write(setValue(arm('sums-dpo', 'dpo'), 'stages[1].training.lr', 0.5))).setup);
    expect(getAt(opened.draft, 'stages[1].training.lr')).toBe(0.5);
    expect(getAt(opened.baseline, 'stages[1].training.lr')).toBe(0.002);
  });
});

// Written by version 1 of the links, and sent to somebody since.
const OLD: readonly [string, (setup: Setup) => unknown, unknown][] = [
  ['experiment=mode-seeking&arm=offline-bon', ({ draft }) => draft.stages[0]?.objective.id, 'best-of-n'],
  ['experiment=sums-grpo', ({ opened }) => opened?.arm, 'grpo'],
  ['world=shop&seed=11', ({ draft }) => [draft.world.id, draft.seed], ['shop', 11]],
  [
    'experiment=sums-dpo&arm=dpo&set=q1YqLklMTy1WsoquViopSszMy8xLV7ICCacWAEUNjQxqa3WqlfKTslKTSzLLUkFyBYlFiblAyWqlpNSSRCUrAz3T2tra2FoA',
    ({ draft }) => [draft.stages[0]?.training.steps, draft.stages[1]?.objective.params.beta],
    [120, 0.5],
  ],
  [
    'experiment=sums-dpo&arm=dpo&set=LY1LDoMwDETvMuv0ArlKxcINVpoKEuS4gBT57oTPcuaN3jRUpcgV_t3MNZTPj4OmleEb0giPKEuBOQhvJOM1vAHvFPQ1k4Zv5085cY7a8-CgQimnHE9TLX8J3YlK8zL1O7PBDg',
    ({ draft }) => draft.stages[1]?.rewards.map(({ id }) => id),
    ['exact-match', 'length'],
  ],
  [
    'experiment=facts-rlag&arm=reading&set=FY3NCsMgEITfZc5S7M_J1-ix5GB0m2wxWtQ0UPHds8LCHuabbxpKtQsVmFfrahzS_CFX-UcwDexhUN4VXSHTYbMf6KRQs-XIcRnQbKtbn_yXxv2mEDKMvmj9UChuJb8HCeBS4UhQEMm2f2GuWpxHykEmGjxtKRaxVpYvfCbrh7_3qZ8',
    ({ draft }) => draft.stages.map(({ world }) => world),
    [{}, { demonstrations: 'reading+snippets' }, { demonstrations: 'reading' }],
  ],
];

describe('an old link', () => {
  it.each(OLD)('opens: %s', (query, read, value) => {
    const { setup, problems } = open(query);
    expect(problems).toEqual([]);
    expect(read(there(setup))).toEqual(value);
  });
});

describe('a link that is not whole', () => {
  it.each([
    ['experiment=moon', /^experiment: the lab has none called "moon"/],
    ['experiment=sums-dpo&arm=moon', /^arm: Right against plausibly wrong has none called "moon"/],
    ['world=moon', /^world: the lab has none called "moon"/],
    ['world=sums&seed=-1', /^seed: expected a number from 0 to 4294967295; got "-1"/],
    ['world=sums&seed=1.5', /^seed: expected a whole number/],
    ['world=sums&seed=', /^seed: expected a number/],
    ['world=sums&smooth=2', /^smooth: expected a number from 0 to 0.98; got "2"/],
    ['world=sums&v=9', /^v: this link was made by another version of the lab \("9"\)/],
    ['world=sums&set=xxxx', /^set: the settings could not be read/],
    [`world=sums&set=${pack(7)}`, /^The settings: expected an object/],
    ['world=sums&moon=1', /^moon: a link has no such part/],
    ['world=sums&log=z', /^log: expected x, y or xy; got "z"/],
    ['world=sums&show=moon', /^show: expected charts or diagnosis; got "moon"/],
    ['world=sums&x=moon', /^x: there is no axis called "moon"/],
    ['world=sums&x=metric:moon', /^x: there is no axis called "metric:moon"/],
    ['world=sums&metrics=loss', /^metrics: a link has no such part/],
    ['world=sums&band=moon', /^band: there is none called "moon"/],
    ['world=sums&hide=moon', /^hide: the lab has no part called "moon"/],
    ['world=sums&embed=yes', /^embed: expected 1; got "yes"/],
    [edited('moon', 1), /nothing called "moon"/],
    [edited('world', 1), /^world.params: expected an object/],
    [edited('world.digits', 'many'), /^world.params.digits: /],
    [edited('policy', 1), /^policy: expected an object/],
    [edited('policy.id', 'moon'), /^policy: the world sums takes .*; got "moon"/],
    [edited('policy.params.layers', -1), /^policy.params.layers: expected a number from/],
    [edited('policy.params.moon', 1), /^policy.params.moon: there is no such setting/],
    [edited('evaluation.every', 0.5), /^evaluation.every: expected a whole number/],
    [edited('stages', {}), /^stages: expected a list/],
    [edited('stages', []), /^stages: expected a list/],
    [edited('stages', [7]), /^stages\[0\]: expected an object/],
    [edited('stages', [{}, { objective: { id: 'moon' } }]), /^stages\[1\].objective: nothing here is called "moon"/],
    [edited('stages', [{}, { objective: { params: { beta: 'x' } } }]), /^stages\[1\].objective.params.beta: expected a finite number/],
    [edited('stages', [{}, { training: { lr: 99 } }]), /^stages\[1\].training.lr: expected a number from/],
    [edited('stages', [{}, { training: { constructor: 1 } }]), /^stages\[1\].training.constructor: there is no such setting/],
    [edited('stages', [{}, { rewards: 7 }]), /^stages\[1\].rewards: expected a list/],
    [edited('stages', [{}, { rewards: [{ id: 'moon' }] }]), /^stages\[1\].rewards\[0\]: nothing here is called "moon"/],
    [edited('stages', [{}, { rewards: [{ id: 'exact-match', weight: 99 }] }]), /^stages\[1\].rewards\[0\].weight: expected a number/],
    [edited('stages', [{}, { rewards: [{ id: 'ndcg' }] }]), /^stages\[1\].rewards\[0\]: the world sums takes/],
    [edited('stages', [{}, { objective: { id: 'own/x' } }]), /^stages\[1\].objective: the code of "own\/x" could not be read/],
    [edited('stages', [{}, { world: { moon: 1 } }]), /^stages\[1\].world.moon: there is no such setting/],
  ])('%s says why, and the rest opens', (query, why) => {
    const { setup, problems } = open(query);
    expect(problems).toContainEqual(expect.stringMatching(why));
    for (const problem of problems) expect(problem).toMatch(/[.…]$/);
    expect(checkDraft(there(setup).draft, CATALOGUE).problem).toBeNull();
    expect(checkDraft(there(setup).baseline, CATALOGUE).problem).toBeNull();
  });

  it('keeps what is right beside what is wrong', () => {
    const { setup, problems } = open(edited('stages', [{ training: { lr: 99, steps: 12 } }, { training: { steps: 34 } }]));
    expect(problems).toHaveLength(1);
    expect(setup?.draft.stages.map(({ training }) => training.steps)).toEqual([12, 34]);
    expect(setup?.draft.stages[0]?.training.lr).toBe(0.01);
  });

  it('is not unpacked where it is longer than any that a person has made', () => {
    const { problems } = open(`world=sums&set=${pack(Array.from({ length: 40_000 }, (_, i) => (i * 7919) % 65_521))}`);
    expect(problems).toContainEqual(expect.stringMatching(/^set: the settings could not be read/));
  });

  it('without a setup opens none', () => {
    expect(open('hide=chart.loss,panel.runs&embed=1')).toEqual({
      setup: null,
      smoothing: null,
      charts: null,
      view: { hide: ['panel.runs', 'chart.loss'], embed: true },
      problems: [],
    });
  });
});

describe('a link to the page that compares', () => {
  const { compare: first } = FIRST_VIEWS;
  const read = (query: string) => openCompareLink(new URLSearchParams(query), CATALOGUE);
  const queryFor = (compare: CompareView, smoothing = 0): string =>
    queryOf({ compare, smoothing, runs: [], missing: [] }, NO_VIEW, CATALOGUE, EXPERIMENTS);

  it('says nothing of what is as at first, and opens nothing then', () => {
    expect(queryFor(first)).toBe('');
    const nothing = { smoothing: null, compare: null, runs: null, problems: [] };
    expect(read('hide=page.bench')).toEqual({ ...nothing, view: { hide: ['page.bench'], embed: false } });
  });

  it('brings back axes, band, metrics and reading', () => {
    const compare: CompareView = {
      ...first,
      x: 'num_tokens',
      logX: true,
      band: 'bootstrap',
      individuals: true,
      metrics: ['eval/kl_k1', 'loss'],
      reading: 'step',
      step: 120,
      base: '0123456789abcdef',
    };
    const query = queryFor(compare, 0.5);
    const base = 'base=0123456789abcdef';
    expect(query).toBe(`smooth=0.5&x=num_tokens&log=x&band=bootstrap,runs&metrics=eval/kl_k1,loss&read=step:120&${base}`);
    expect(read(query)).toMatchObject({ compare, smoothing: 0.5, problems: [] });
    for (const other of [
      { ...first, individuals: true },
      { ...first, band: 'none' as const },
      { ...first, reading: 'largest' as const },
    ]) {
      expect(read(queryFor(other)).compare).toEqual(other);
    }
  });

  it.each([
    ['x=moon', /^x: there is no axis called "moon"/],
    ['log=z', /^log: expected x, y or xy/],
    ['band=moon', /^band: there is none called "moon"/],
    ['metrics=loss,moon', /^metrics: the lab has none called "moon"/],
    ['read=best', /^read: expected last, largest, smallest or step: and a number; got "best"/],
    ['read=step', /^read: expected/],
    ['read=step:-1', /^read: expected/],
    ['read=last:3', /^read: expected/],
    ['base=first', /^base: expected the sixteen letters of an arm; got "first"/],
    ['runs=moon', /^runs: "moon" names no runs/],
    ['world=sums', /^world: a link has no such part/],
    ['v=9', /^v: this link was made by another version/],
  ])('%s says why, and the rest opens', (query, why) => {
    const { compare, problems } = read(`${query}&smooth=0.5`);
    expect(problems).toEqual([expect.stringMatching(why)]);
    expect(problems[0]).toMatch(/\.$/);
    expect(compare ?? first).toEqual(query.startsWith('metrics') ? { ...first, metrics: ['loss'] } : first);
  });
});

describe('own code in a link', () => {
  const dpo = there(CATALOGUE.objectives.find(({ id }) => id === 'dpo'));
  const mine: OwnDraft = {
    id: 'own/my-dpo',
    name: 'my dpo',
    kind: 'objective',
    base: 'dpo',
    original: dpo.source,
    source: 'export const mine = 1;',
    sound: { source: 'export const mine = 1;', entry: { ...dpo, params: { ...dpo.params, extra: TRAINING.lr } } },
  };
  const catalogue: Catalogue = withOwn(CATALOGUE, [mine]);
  const setup = setValue(chooseObjective(arm('sums-dpo', 'dpo'), 1, 'own/my-dpo', catalogue), 'stages[1].objective.params.extra', 0.5);
  const query = queryOf({ setup, smoothing: 0, charts: FIRST_VIEWS.lab }, NO_VIEW, catalogue, EXPERIMENTS);

  it('comes along with its text and its settings, and is handed over without being run', () => {
    const taken: OwnDraft[] = [];
    const adopt: LinkNeeds['adopt'] = (draft) => {
      taken.push(draft);
      const renamed = { ...draft, id: 'own/my-dpo-2' };
      return { id: renamed.id, catalogue: withOwn(CATALOGUE, [renamed]) };
    };
    const opened = open(query, { ...NEEDS, adopt });
    expect(opened.problems).toEqual([]);
    expect(taken).toHaveLength(1);
    expect(taken[0]).toMatchObject({ name: 'my dpo', base: 'dpo', source: mine.source });
    const choice = opened.setup?.draft.stages[1]?.objective;
    expect(choice).toMatchObject({ id: 'own/my-dpo-2', source: mine.source });
    expect(choice?.params.extra).toBe(0.5);
  });

  it.each([
    ['no text', { id: 'own/x', base: 'dpo' }],
    ['nothing that it was copied from', { id: 'own/x', base: 'moon', source: 'x' }],
    ['a name that is none', { id: 'own/../x', base: 'dpo', source: 'x' }],
    ['settings that cannot be drawn', { id: 'own/x', base: 'dpo', source: 'x', specs: { a: { kind: 'number', title: 'a' } } }],
    ['a default out of range', { id: 'own/x', base: 'dpo', source: 'x', specs: { a: { ...TRAINING.lr, default: 99 } } }],
  ])('with %s is left out', (_, objective) => {
    const { setup: kept, problems } = open(edited('stages', [{}, { objective }]));
    expect(problems).toContainEqual(expect.stringMatching(/^stages\[1\].objective: the code of .* could not be read\.$/));
    expect(kept?.draft.stages[1]?.objective.id).toBe('dpo');
  });
});

describe('packed data', () => {
  it('comes back, in letters that need no escape in an address', () => {
    for (const value of [null, 0, '', 'ñ€𝄞', { a: [1, { b: 'x'.repeat(5000) }] }]) {
      expect(pack(value)).toMatch(/^[A-Za-z0-9_-]+$/);
      expect(unpack(pack(value))).toEqual(value);
    }
  });

  it('of a view holds each part once, in the order of the page', () => {
    expect(viewOf(new URLSearchParams('hide=chart.loss,setup.world,chart.loss')).view.hide).toEqual(['setup.world', 'chart.loss']);
  });
});

/** A setup after some steps that a reader could have taken. */
function randomSetup(rng: Rng): Setup {
  const pick = <T>(list: readonly T[]): T => list[rng.below(list.length)] as T;
  const experiment = pick(EXPERIMENTS);
  let setup = openArm(experiment, pick(Object.keys(experiment.arms)), CATALOGUE);
  const worlds = CATALOGUE.worlds.filter(({ id }) => id !== 'file');
  for (let step = rng.below(9); step > 0; step--) {
    const world = there(CATALOGUE.worlds.find(({ id }) => id === setup.draft.world.id));
    const stage = rng.below(setup.draft.stages.length);
    const steps: readonly (() => Setup)[] = [
      () => chooseWorld(setup, pick(worlds).id, CATALOGUE),
      () => choosePolicy(setup, pick(world.policies), CATALOGUE),
      () => chooseObjective(setup, stage, pick(CATALOGUE.objectives).id, CATALOGUE),
      () => ((setup.draft.stages[stage]?.rewards.length ?? 0) > 0 ? chooseReward(setup, stage, 0, pick(world.rewards), CATALOGUE) : setup),
      () => addReward(setup, stage, pick(world.rewards), CATALOGUE),
      () => addStage(setup),
      () => removeStage(setup, stage),
      () => setStageWorld(setup, stage, pick(Object.keys(world.params)), rng.below(2) === 0),
      () => setValue(setup, 'seed', rng.below(1000)),
      () => setValue(setup, `stages[${stage}].training.lr`, pick([0.001, 0.01, 1])),
      () => randomValue(setup, `stages[${stage}].training`, TRAINING, rng),
      () => randomValue(setup, 'world.params', world.params, rng),
    ];
    setup = pick(steps)();
  }
  return setup;
}

function randomValue(setup: Setup, path: string, specs: Readonly<Record<string, ParamSpec>>, rng: Rng): Setup {
  const keys = Object.keys(specs);
  if (keys.length === 0) return setup;
  const key = keys[rng.below(keys.length)] as string;
  const spec = specs[key] as ParamSpec;
  const value: ParamValue =
    spec.kind === 'number'
      ? spec.max
      : spec.kind === 'flag'
        ? !spec.default
        : spec.kind === 'choice'
          ? (spec.options.at(-1)?.value ?? '')
          : 'x';
  return setValue(setup, `${path}.${key}`, value);
}
