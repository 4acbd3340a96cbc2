/** What an experiment's pages are made of: the experiment, its recorded result, its lesson, the reader's own runs and answers. */
import { useEffect, useMemo, useState } from 'react';
import type { Experiment } from '../../core/experiment';
import type { ArmCurves, Lesson, RunCurves } from '../../core/lesson';
import type { Result } from '../../core/result';
import { byArm, claimedMetrics, curvesOf, finishedRuns, recordedCurves } from '../../store/experiment-runs';
import { EXPERIMENTS } from '../../store/experiments';
import { lab, useLab } from '../../store/index';
import { type Answers, loadAnswers, loadLesson, saveAnswers } from '../../store/lessons';
import { loadResult } from '../../store/results';
import type { Run } from '../../store/run';

export const experimentOf = (id: string): Experiment | undefined => EXPERIMENTS.find((candidate) => candidate.id === id);

/** `undefined` while it is fetched; null where there is none. */
function useFetched<T>(fetch: (id: string) => Promise<T | null>, id: string): T | null | undefined {
  const [found, setFound] = useState<{ readonly id: string; readonly value: T | null } | undefined>(undefined);
  useEffect(() => {
    let wanted = true;
    void fetch(id).then((value) => wanted && setFound({ id, value }));
    return () => {
      wanted = false;
    };
  }, [fetch, id]);
  return found?.id === id ? found.value : undefined;
}

export const useResult = (id: string): Result | null | undefined => useFetched(loadResult, id);
export const useLesson = (id: string): Lesson | null | undefined => useFetched(loadLesson, id);

export const useRecordedCurves = (result: Result | null | undefined): ArmCurves =>
  useMemo(() => (result ? recordedCurves(result) : {}), [result]);

/** Metrics that a page draws or judges by. */
export function metricsFor(experiment: Experiment, lesson: Lesson | null | undefined): string[] {
  const predicted = (lesson?.predictions ?? []).map((one) => (one.kind === 'sketch' ? one.metric : one.answer.metric));
  return [...new Set([...claimedMetrics(experiment), ...predicted])];
}

/** Curves of finished runs stay as they are, while their recordings come and go. */
const known = new Map<string, RunCurves>();

/** The reader's finished runs of an experiment by arm. */
export function useOwnCurves(experiment: Experiment, metrics: readonly string[]): ArmCurves {
  const all = useLab((state) => state.runs);
  const runs = useMemo(() => finishedRuns(experiment.id, Object.values(all)), [experiment, all]);
  const wanted = metrics.join(' ');
  const [read, setRead] = useState(0);
  useEffect(() => {
    let shown = true;
    for (const run of runs) {
      if (known.has(keyOf(run, wanted))) continue;
      void lab.load(run.id).then(() => {
        const recording = lab.recordings.get(run.id);
        if (recording === undefined) return;
        known.set(keyOf(run, wanted), curvesOf(run, recording, wanted.split(' ')));
        if (shown) setRead((count) => count + 1);
      });
    }
    return () => {
      shown = false;
    };
  }, [runs, wanted]);
  return useMemo(() => {
    // Counted, so that what has been read since is looked up.
    void read;
    return byArm(
      runs.flatMap((run) => {
        const curves = known.get(keyOf(run, wanted));
        return curves === undefined ? [] : [{ run, curves }];
      }),
    );
  }, [runs, wanted, read]);
}

const keyOf = (run: Run, metrics: string): string => `${run.id} ${metrics}`;

/** The reader's predictions and answers, kept as they are given. */
export function useAnswers(id: string): [Answers, (change: (answers: Answers) => Answers) => void] {
  const [answers, setAnswers] = useState(() => loadAnswers(id));
  const change = (step: (answers: Answers) => Answers): void =>
    setAnswers((before) => {
      const next = step(before);
      saveAnswers(id, next);
      return next;
    });
  return [answers, change];
}
