/** A closer look at what the run has just learnt from, at the step that is looked at. */
import { useElementSize } from '@mantine/hooks';
import { memo, type ReactElement, type ReactNode, useCallback, useState } from 'react';
import { useDrawing } from '../../charts/useDrawing';
import type { DataKind } from '../../core/catalogue';
import { lab, useLab } from '../../store/index';
import { accentOf } from '../../store/palette';
import { shownRun } from '../../store/state';
import { panelsOf } from './DiagnosisPanels';
import { type DiagnosisView, viewOf } from './diagnosis-view';
import { holdStep, useHeldStep } from './held';
import classes from './lab.module.css';
import { Scrub } from './Scrub';
import { TrainedTable } from './TrainedTable';

const NARROWEST = 316;
const GAP = 8;

export const Diagnosis = memo(function Diagnosis({ head }: { head: ReactNode }): ReactElement {
  const run = useLab(shownRun);
  const held = useHeldStep(run?.id ?? null);
  const runId = run?.id ?? null;
  const stages = run?.spec.stages;
  const [view, setView] = useState<DiagnosisView | null>(null);
  const draw = useCallback(() => {
    const recording = runId === null ? undefined : lab.recordings.get(runId);
    setView((before) => (recording === undefined || stages === undefined ? null : viewOf(recording, stages, held, before)));
  }, [runId, stages, held]);
  useDrawing(lab.recordings, runId === null ? [] : [runId], draw);
  const { ref, width } = useElementSize();
  const colour = accentOf(run?.accent ?? 0).colour;
  const columns = Math.max(1, Math.floor((width + GAP) / (NARROWEST + GAP)));
  const panelWidth = (width - GAP * (columns - 1)) / columns;
  return (
    <section aria-label="Diagnosis" data-testid="diagnosis">
      <div className={`${classes.chartsBar} ${classes.diagnosisBar}`}>
        {head}
        <span className={classes.grow} />
        {view === null ? null : (
          <div className={classes.diagnosisScrub}>
            <Scrub steps={view.steps} index={view.index} onHold={(step) => holdStep(runId, step)} />
          </div>
        )}
      </div>
      <div ref={ref}>
        {view === null || width === 0 ? (
          <Nothing />
        ) : (
          <>
            <div className={classes.charts} style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`, marginTop: 8 }}>
              {panelsOf(view, colour, panelWidth - 10)}
            </div>
            {view.seen.pool === null ? null : <TrainedTable pool={view.seen.pool} seenAt={view.samplesOf} />}
          </>
        )}
      </div>
    </section>
  );
});

/** What will be here, for the objective that the setup or the run has. */
const WILL: Readonly<Record<DataKind, string>> = {
  demonstrations: 'how probable the demonstrated tokens are',
  preferences: 'log-ratios of chosen and rejected completions apart, and their margins',
  unpaired: 'log-ratios of desirable and undesirable completions',
  rollouts: 'ratios to the policy that drew the samples and what is clipped, advantages, groups, lengths, and reward against KL',
  duels: 'log-ratios of winners and losers apart, their margins, groups and lengths',
  contrasts: 'the gradient of each part of the loss',
  augmented: 'log-ratios of chosen and rejected options, and their margins',
};

function Nothing(): ReactElement {
  const data = useLab((state) => {
    const id = (shownRun(state)?.spec ?? state.setup?.draft)?.stages[0]?.objective.id;
    return state.catalogue?.objectives.find((entry) => entry.id === id)?.data ?? null;
  });
  return (
    <p className={classes.behaviourEmpty}>
      {data === null ? 'What training learns from' : `Of what training learns from, ${WILL[data]}: this`} appears with the first look after
      a step, and then as often as the setup looks. The slider above goes back to earlier looks.
    </p>
  );
}
