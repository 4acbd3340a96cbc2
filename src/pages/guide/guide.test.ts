import { describe, expect, it } from 'vitest';
import { FAMILIES } from '../../core/catalogue';
import { checkDraft, openSetup } from '../../store/draft';
import { EXPERIMENTS, openArm } from '../../store/experiments';
import { catalogue } from '../../trainer/catalogue';
import { ANSWERS, FIRST_QUESTION, QUESTIONS } from './guide';

const CATALOGUE = catalogue();

it('leads from its first question to every question and answer, and nowhere else', () => {
  const reached = new Set([FIRST_QUESTION]);
  for (const id of reached) for (const { leads } of QUESTIONS.find((question) => question.id === id)?.options ?? []) reached.add(leads);
  expect([...reached].sort()).toEqual([...QUESTIONS, ...ANSWERS].map(({ id }) => id).sort());
});

it('never leads in a circle', () => {
  const depth = (id: string, seen: readonly string[]): number => {
    expect(seen).not.toContain(id);
    const options = QUESTIONS.find((question) => question.id === id)?.options ?? [];
    return options.length === 0 ? 0 : 1 + Math.max(...options.map(({ leads }) => depth(leads, [...seen, id])));
  };
  expect(depth(FIRST_QUESTION, [])).toBeLessThanOrEqual(3);
});

it('has an answer for every family of objectives', () => {
  expect([...new Set(ANSWERS.map(({ family }) => family))].sort()).toEqual(Object.keys(FAMILIES).sort());
});

describe.each(ANSWERS.map((answer) => [answer.id, answer] as const))('the answer %s', (_, answer) => {
  it('names objectives that there are, the first of its family', () => {
    const entries = answer.objectives.map((id) => CATALOGUE.objectives.find((entry) => entry.id === id));
    expect(entries).not.toContain(undefined);
    expect(entries[0]?.family).toBe(answer.family);
  });

  it('opens something that can be run and trains one of them', () => {
    const { opens } = answer;
    const experiment = 'experiment' in opens ? EXPERIMENTS.find(({ id }) => id === opens.experiment) : undefined;
    if ('experiment' in opens) expect(experiment).toBeDefined();
    const setup =
      experiment === undefined
        ? openSetup((opens as Extract<typeof opens, { spec: unknown }>).spec, null, CATALOGUE)
        : openArm(experiment, ('arm' in opens ? opens.arm : undefined) ?? experiment.opens, CATALOGUE);
    expect(checkDraft(setup.draft, CATALOGUE).problem).toBeNull();
    const trained = setup.draft.stages.map(({ objective }) => objective.id);
    // On-policy DPO of the experiment is what online DPO does, stage by stage.
    expect(trained.some((id) => answer.objectives.includes(id)) || (answer.id === 'online-pairs' && trained.includes('dpo'))).toBe(true);
  });

  it('says why and what to watch for, in whole sentences without figures of others', () => {
    for (const text of [answer.why, ...answer.watch]) expect(text).toMatch(/[.]$/);
    for (const text of [answer.why, ...answer.watch]) expect(text).not.toMatch(/\d+ ?%/);
  });
});
