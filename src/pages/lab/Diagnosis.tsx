/** A closer look at what the run has just learnt from, at the step that is looked at. */
import { useElementSize } from '@mantine/hooks';
import { memo, type ReactElement, type ReactNode, useCallback, useState } from 'react';
import type { NamedPoint } from '../../charts/PlaneChart';
import type { NamedBar } from '../../charts/ShareBars';
import { useDrawing } from '../../charts/useDrawing';
import type { DataKind } from '../../core/catalogue';
import { together, valueAt } from '../../core/curves';
import type { Diagnosis as Seen } from '../../core/diagnosis';
import { stepsBefore } from '../../core/spec';
import { diagnosisAt } from '../../store/diagnoses';
import { curveOf } from '../../store/health';
import { lab, useLab } from '../../store/index';
import { accentOf } from '../../store/palette';
import type { Recording } from '../../store/recording';
import type { Run } from '../../store/run';
import { shownRun } from '../../store/state';
import { panelsOf } from './DiagnosisPanels';
import { holdStep, useHeldStep } from './held';
import classes from './lab.module.css';
import { heldIndex, Scrub } from './Scrub';
import { TrainedTable } from './TrainedTable';

const NARROWEST = 316;
const GAP = 8;

/** What React draws. */
export interface DiagnosisView {
  readonly steps: readonly number[];
  readonly index: number;
  readonly step: number;
  readonly seen: Seen;
  /** The look as it was recorded. */
  readonly recorded: Seen;
  /** The step of an earlier look that the samples are from; null where they are of this one. */
  readonly samplesOf: number | null;
  /** The exact KL where there is one, and its estimates from samples, at this step. */
  readonly kl: readonly NamedBar[];
  /** Mean reward against KL at every look of the stage, and which of them this is. */
  readonly looks: readonly NamedPoint[];
  readonly look: number;
  readonly rewardWords: string;
}

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

const REWARDS: readonly (readonly [metric: string, words: string])[] = [
  ['expected_reward', 'expected reward, exact'],
  ['eval/reward', 'held-out reward'],
  ['eval/true_reward', 'held-out true reward'],
];

function viewOf(
  recording: Recording,
  stages: Run['spec']['stages'],
  held: number | null,
  before: DiagnosisView | null,
): DiagnosisView | null {
  const { items } = recording.diagnoses;
  if (items.length === 0) return null;
  const steps = items.map(({ step }) => step);
  const index = heldIndex(steps, held);
  const frame = items[index];
  if (frame === undefined) return null;
  if (before?.recorded === frame.value && before.steps.length === steps.length && before.steps.at(-1) === steps.at(-1)) return before;
  const { step, value: recorded } = frame;
  const { seen, samplesOf } = diagnosisAt(items, index) ?? { seen: recorded, samplesOf: null };
  const { series } = recording;
  const read = (metric: string) => curveOf(series, metric);
  const [reward, rewardWords] = REWARDS.find(([metric]) => series.columns.has(metric)) ?? ['', ''];
  const [from, to] = [stepsBefore(stages, seen.stage), stepsBefore(stages, seen.stage + 1)];
  const earned = read(reward);
  const path = together(read(series.columns.has('eval/kl_exact') ? 'eval/kl_exact' : 'eval/kl_k1'), [earned], (kl) => kl);
  const looks = path.steps.flatMap((at, i): NamedPoint[] =>
    (at > from || from === 0) && at <= to
      ? [{ id: String(at), title: `step ${at}`, x: path.values[i] as number, y: valueAt(earned, at) }]
      : [],
  );
  return {
    steps,
    index,
    step,
    seen,
    recorded,
    samplesOf,
    kl: klAt(read, step),
    looks,
    look: looks.findLastIndex(({ id }) => Number(id) <= step),
    rewardWords,
  };
}

function klAt(read: (metric: string) => ReturnType<typeof curveOf>, step: number): NamedBar[] {
  const measured: readonly (readonly [metric: string, title: string])[] = [
    ['eval/kl_exact', 'exact'],
    ['eval/kl_k1', 'k1'],
    ['eval/kl_k2', 'k2'],
    ['eval/kl_k3', 'k3'],
  ];
  return measured.flatMap(([metric, title]): NamedBar[] => {
    const value = valueAt(read(metric), step);
    return Number.isNaN(value) ? [] : [{ title, value, exact: metric === 'eval/kl_exact' }];
  });
}
