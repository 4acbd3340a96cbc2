import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Experiment } from '../../core/experiment';
import { type Lesson, meanOf, PANELS, rightOption } from '../../core/lesson';
import type { Result } from '../../core/result';
import { recordedCurves } from '../../store/experiment-runs';
import { EXPERIMENTS } from '../../store/experiments';

const modules = import.meta.glob<Lesson>(['./*.ts', '!./*.test.ts'], { import: 'default', eager: true });
const LESSONS = Object.entries(modules).map(([file, lesson]) => [file.replace(/^.*\/|\.ts$/g, ''), lesson] as const);

it('there are lessons on the first experiments of each kind', () => {
  expect(LESSONS.map(([id]) => id)).toEqual(expect.arrayContaining(['mode-seeking', 'sums-dpo', 'sums-grpo']));
});

describe.each(LESSONS)('the lesson on %s', (id, lesson) => {
  const experiment = EXPERIMENTS.find((one) => one.id === id) as Experiment;
  const result = JSON.parse(readFileSync(new URL(`../../../public/results/${id}.json`, import.meta.url), 'utf8')) as Result;
  const arms = recordedCurves(result);

  it('belongs to an experiment and is named after it', () => {
    expect(experiment).toBeDefined();
    expect(lesson.experiment).toBe(id);
  });

  it('asks what the recorded result answers', () => {
    for (const prediction of lesson.predictions) {
      if (prediction.kind === 'sketch') {
        expect(experiment.arms).toHaveProperty([prediction.arm]);
        const steps = meanOf(arms[prediction.arm] ?? [], prediction.metric).map(([step]) => step);
        expect(steps.filter((step) => step >= prediction.from).length, prediction.id).toBeGreaterThan(2);
        expect(steps.at(-1), prediction.id).toBe(prediction.to);
        for (const [, value] of meanOf(arms[prediction.arm] ?? [], prediction.metric)) {
          expect(value).toBeGreaterThanOrEqual(prediction.low);
          expect(value).toBeLessThanOrEqual(prediction.high);
        }
      } else {
        const right = rightOption(prediction.answer, arms);
        expect(
          prediction.options.map((option) => option.id),
          prediction.id,
        ).toContain(right);
        const named = prediction.answer.by === 'highest' ? prediction.answer.arms : prediction.answer.options;
        const options = prediction.answer.by === 'highest' ? Object.keys(named) : Object.values(named);
        expect(options.sort()).toEqual(prediction.options.map((option) => option.id).sort());
      }
    }
  });

  it('checks with one right answer each, all explained', () => {
    expect(lesson.checks.length).toBeGreaterThan(1);
    for (const { answers, id: check } of lesson.checks) {
      expect(answers.filter(({ right }) => right).length, check).toBe(1);
      expect(answers.length, check).toBeGreaterThan(2);
      for (const { because } of answers) expect(because).toMatch(/\.$/);
    }
  });

  it('has notes for its panels, and ids of which none stands twice', () => {
    expect(Object.keys(lesson.notes).sort()).toEqual([...PANELS].sort());
    const ids = [...lesson.predictions, ...lesson.checks].map((one) => one.id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
