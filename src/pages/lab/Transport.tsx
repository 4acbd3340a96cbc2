/** The strip at the bottom: train, pause, step, reset, and how far the run on show is. */
import { Button } from '@mantine/core';
import { memo, type ReactElement, useMemo } from 'react';
import { type RunSpec, totalSteps } from '../../core/spec';
import { checkDraft } from '../../store/draft';
import { continued } from '../../store/drive';
import { formatCount, formatDuration } from '../../store/format';
import { lab, useLab } from '../../store/index';
import { checkPlan, countOf, type PlanProblem } from '../../store/plan';
import { isOpen } from '../../store/queue-items';
import { compilingInWords, failureInWords, isInProgress, type Run, stateInWords } from '../../store/run';
import type { LabState } from '../../store/state';
import { Icon } from '../../ui/icons';
import { sentence } from '../../ui/NumberField';
import classes from './lab.module.css';
import { Sweep } from './Sweep';
import { titleAt } from './settings';
import { type Progress, useProgress } from './useProgress';

const specOf = ({ setup, catalogue }: LabState): RunSpec | null =>
  setup === null || catalogue === null ? null : checkDraft(setup.draft, catalogue).spec;

/** How many runs Train makes, and what is wrong with the seeds or the sweeps. */
function usePlan(): { readonly count: number; readonly problem: PlanProblem | null } {
  const setup = useLab((state) => state.setup);
  const plan = useLab((state) => state.plan);
  return useMemo(() => ({ count: countOf(plan), problem: setup === null ? null : checkPlan(setup, plan) }), [setup, plan]);
}

/** Steps of the run on show, or of the setup. */
function totalOf(state: LabState): number {
  const run = state.activeId === null ? undefined : state.runs[state.activeId];
  if (run !== undefined) return run.totalSteps;
  const spec = specOf(state);
  return spec === null ? 0 : totalSteps(spec);
}

export const Transport = memo(function Transport(): ReactElement {
  const run = useLab((state) => (state.activeId === null ? null : (state.runs[state.activeId] ?? null)));
  const total = useLab(totalOf);
  const progress = useProgress(run?.id ?? null, total);
  return (
    <section className={classes.transport} aria-label="Training">
      <Buttons run={run} />
      <Sweep />
      <Status run={run} step={progress.step} />
      <div
        className={`${classes.bar} ${classes.progress}`}
        role="progressbar"
        aria-label="Progress"
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={progress.step}
        data-testid="progress"
      >
        <span
          className={classes.barFill}
          style={{ width: `${total === 0 ? 0 : (100 * progress.step) / total}%`, background: 'var(--lab-text)' }}
        />
      </div>
      <Readouts run={run} total={total} progress={progress} />
      <Obstacle />
    </section>
  );
});

const Buttons = memo(function Buttons({ run }: { run: Run | null }): ReactElement {
  const goesOn = useLab((state) => continued(state, specOf(state)) !== null);
  const ready = useLab((state) => state.engine.phase === 'ready' && state.setup !== null);
  const { count, problem: unplanned } = usePlan();
  const wrong = useLab((state) => state.problem !== null) || unplanned !== null;
  const queued = useLab((state) => state.queue.phase === 'running');
  const waits = useLab(({ queue }) => queue.items.some((item) => item.runId === run?.id && isOpen(item)));
  const busy = run?.state === 'running' || run?.state === 'preparing' || (queued && waits);
  const blocked = !ready || busy || (wrong && !goesOn);
  const many = count > 1 ? ` ${formatCount(count)} runs` : '';
  const other = { size: 'compact-md', variant: 'default' } as const;
  return (
    <div className={classes.transportButtons}>
      <Button size="compact-md" data-testid="train" disabled={blocked} leftSection={<Icon name="play" size={12} />} onClick={lab.train}>
        {goesOn ? 'Resume' : queued ? `Queue${many === '' ? ' this run' : many}` : `Train${many}`}
      </Button>
      <Button {...other} data-testid="pause" disabled={!busy} leftSection={<Icon name="pause" size={12} />} onClick={lab.pause}>
        Pause
      </Button>
      <Button {...other} data-testid="step" disabled={blocked || queued} leftSection={<Icon name="step" size={12} />} onClick={lab.step}>
        Step
      </Button>
      <Button {...other} data-testid="reset" disabled={run === null} leftSection={<Icon name="reset" size={13} />} onClick={lab.reset}>
        {run !== null && isInProgress(run) ? 'Stop' : 'Reset'}
      </Button>
    </div>
  );
});

function Readouts({ run, total, progress }: { run: Run | null; total: number; progress: Progress }): ReactElement {
  const seed = useLab((state) => String(run?.spec.seed ?? state.setup?.draft.seed ?? ''));
  return (
    <div className={classes.readouts}>
      <span data-testid="step-counter">
        step {formatCount(progress.step)} / {total === 0 ? '–' : formatCount(total)}
      </span>
      {run !== null && run.spec.stages.length > 1 ? (
        <span>
          stage {progress.stage + 1} / {run.spec.stages.length}
        </span>
      ) : null}
      <span>{run?.state === 'running' && progress.eta !== null ? `ETA ${formatDuration(progress.eta)}` : ''}</span>
      <span className={classes.dim}>seed {seed}</span>
    </div>
  );
}

/** Why the setup cannot be trained. */
function Obstacle(): ReactElement | null {
  const problem = useLab((state) => state.problem);
  const place = useLab(({ problem: wrong, setup, catalogue }) =>
    wrong === null || wrong.where === '' || setup === null || catalogue === null ? '' : titleAt(wrong.where, setup.draft, catalogue),
  );
  const { problem: unplanned } = usePlan();
  if (problem === null && unplanned === null) return null;
  return (
    <p className={classes.why}>
      {problem === null ? 'The runs cannot be queued. ' : `The setup cannot be run. ${place === '' ? '' : `${place}: `}`}
      {sentence(problem?.what ?? unplanned?.what ?? '')}
    </p>
  );
}

function Status({ run, step }: { run: Run | null; step: number }): ReactElement {
  const engine = useLab((state) => state.engine);
  const problem = useLab((state) => state.problem !== null);
  const compiling = useLab((state) => (state.compiling?.runId === (run ?? state.preview)?.id ? state.compiling : null));
  const words =
    engine.phase === 'starting'
      ? 'Starting'
      : engine.phase === 'failed'
        ? failureInWords(engine.kind)
        : compiling !== null
          ? compilingInWords(compiling)
          : run === null
            ? problem
              ? 'Not ready'
              : 'Ready'
            : stateInWords(run, step);
  return (
    <span className={classes.status} role="status" aria-live="polite" data-testid="status">
      {words}
    </span>
  );
}
