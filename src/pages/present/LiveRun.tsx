/** A run on the stage: the arms, what the policy does, the metric that the claim is about, and the strip that trains. */
import { type ReactElement, useCallback } from 'react';
import { Marker } from '../../charts/Marker';
import { useDrawing } from '../../charts/useDrawing';
import { useSettled } from '../../charts/useSettled';
import type { Experiment } from '../../core/experiment';
import { openArm } from '../../store/experiments';
import { formatNumber } from '../../store/format';
import { lab, useLab } from '../../store/index';
import { accentOf } from '../../store/palette';
import { lastOf } from '../../store/series';
import { shownRun } from '../../store/state';
import { Behaviour } from '../lab/Behaviour';
import { Transport } from '../lab/Transport';
import classes from './present.module.css';

/** What the space bar does beside a run. */
export function trainOrPause(): void {
  const run = shownRun(lab.store.getState());
  if (run !== null && run.name !== '' && (run.state === 'running' || run.state === 'preparing')) lab.pause();
  else lab.train();
}

export function LiveRun({ experiment, scale }: { experiment: Experiment; scale: number }): ReactElement {
  const catalogue = useLab((state) => state.catalogue);
  const arm = useLab((state) => state.setup?.opened?.arm);
  return (
    <div className={classes.live}>
      <div className={classes.liveArms}>
        {Object.entries(experiment.arms).map(([id, { title }], i) => (
          <button
            key={id}
            type="button"
            aria-pressed={id === arm}
            disabled={catalogue === null}
            onClick={() => catalogue !== null && lab.open(() => openArm(experiment, id, catalogue))}
          >
            <Marker accent={accentOf(i)} size={12} /> {title}
          </button>
        ))}
        <Reading experiment={experiment} />
      </div>
      <div className={classes.liveBody} style={{ zoom: Math.max(1, 0.8 * scale) }}>
        <Behaviour />
      </div>
      <div className={classes.liveStrip} style={{ zoom: Math.max(1, 0.7 * scale) }}>
        <Transport />
      </div>
    </div>
  );
}

/** The newest value of what the first claim is about. */
function Reading({ experiment }: { experiment: Experiment }): ReactElement | null {
  const run = useLab(shownRun);
  const metrics = useLab((state) => state.catalogue?.metrics);
  const [value, setValue] = useSettled<number | null>(null);
  const metric = experiment.claims[0]?.metric;
  const draw = useCallback(() => {
    const series = run === null ? undefined : lab.recordings.get(run.id)?.series;
    setValue(series === undefined || metric === undefined ? null : (lastOf(series, metric)?.value ?? null));
  }, [run, metric, setValue]);
  useDrawing(lab.recordings, run === null ? [] : [run.id], draw);
  if (metric === undefined) return null;
  return (
    <p className={classes.reading}>
      {metrics?.[metric]?.title ?? metric} <strong>{value === null ? '–' : formatNumber(value)}</strong>
    </p>
  );
}
