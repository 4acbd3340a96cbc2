/** How the charts of a page are looked at: the x axis, logarithms, bands, smoothing, and the way out of a zoom. */
import { memo, type ReactElement, useCallback, useId, useSyncExternalStore } from 'react';
import { zoom } from '../charts/crosshair';
import { measuredMetrics } from '../charts/lines';
import { useDrawing } from '../charts/useDrawing';
import { useSettled } from '../charts/useSettled';
import { xChoices } from '../charts/xaxis';
import { BANDS, type BandKind } from '../core/aggregate';
import type { MetricSpec } from '../core/charts';
import { lab, useLab } from '../store/index';
import { changeView, useView, type Views } from '../store/views';
import classes from './controls.module.css';
import uiClasses from './ui.module.css';

export interface ChartControlsProps {
  readonly page: keyof Views;
  /** Whose metrics can stand on the x axis. */
  readonly runIds: readonly string[];
  readonly metrics: Readonly<Record<string, MetricSpec>>;
}

export const ChartControls = memo(function ChartControls({ page, runIds, metrics }: ChartControlsProps): ReactElement {
  const view = useView(page);
  const zoomed = useSyncExternalStore(zoom.subscribe, zoom.get);
  return (
    <section className={classes.controls} aria-label="How the charts are drawn">
      {zoomed?.axis === view.x ? (
        <button type="button" className={classes.control} onClick={() => zoom.set(null)}>
          Show all
        </button>
      ) : null}
      <XMenu page={page} runIds={runIds} metrics={metrics} />
      <Toggle
        label="log x"
        title={LOG}
        pressed={view.logX}
        onPress={(logX) => changeView(page, { logX })}
        onBefore={() => zoom.set(null)}
      />
      <Toggle label="log y" title={LOG} pressed={view.logY} onPress={(logY) => changeView(page, { logY })} />
      <select
        className={classes.control}
        aria-label="Band over seeds"
        title={view.band === 'none' ? 'Runs are drawn by themselves' : BANDS[view.band].help}
        value={view.band}
        onChange={(event) => changeView(page, { band: event.currentTarget.value as BandKind | 'none' })}
      >
        <option value="none">each run</option>
        {Object.entries(BANDS).map(([id, { title }]) => (
          <option key={id} value={id}>
            mean, {title}
          </option>
        ))}
      </select>
      {view.band === 'none' ? null : (
        <Toggle
          label="runs behind"
          title="Each run, behind the mean of its arm"
          pressed={view.individuals}
          onPress={(individuals) => changeView(page, { individuals })}
        />
      )}
      <Smoothing />
    </section>
  );
});

const LOG = 'A logarithmic axis, on which what is not above 0 has no place';

interface ToggleProps {
  readonly label: string;
  readonly title: string;
  readonly pressed: boolean;
  readonly onPress: (pressed: boolean) => void;
  readonly onBefore?: () => void;
}

function Toggle({ label, title, pressed, onPress, onBefore }: ToggleProps): ReactElement {
  return (
    <button
      type="button"
      className={classes.control}
      title={title}
      aria-pressed={pressed}
      onClick={() => {
        onBefore?.();
        onPress(!pressed);
      }}
    >
      {label}
    </button>
  );
}

/** Any metric that one of the runs has measured can stand there. */
function XMenu({ page, runIds, metrics }: ChartControlsProps): ReactElement {
  const { x } = useView(page);
  const [measured, setMeasured] = useSettled('');
  const draw = useCallback(() => {
    const runs = runIds.map((id) => ({ id }));
    setMeasured(measuredMetrics(runs, lab.recordings, metrics).join(' '));
  }, [runIds, metrics, setMeasured]);
  useDrawing(lab.recordings, runIds, draw);
  const choices = xChoices(measured === '' ? [] : measured.split(' '), metrics);
  const [plain, grouped] = [choices.filter(({ group }) => group === undefined), choices.filter(({ group }) => group !== undefined)];
  return (
    <select
      className={classes.control}
      aria-label="x axis"
      title="What stands on the x axis"
      value={choices.some(({ id }) => id === x) ? x : 'step'}
      onChange={(event) => {
        zoom.set(null);
        changeView(page, { x: event.currentTarget.value });
      }}
    >
      {plain.map(({ id, title }) => (
        <option key={id} value={id}>
          by {title}
        </option>
      ))}
      {grouped.length === 0 ? null : (
        <optgroup label="Metrics">
          {grouped.map(({ id, title }) => (
            <option key={id} value={id}>
              by {title}
            </option>
          ))}
        </optgroup>
      )}
    </select>
  );
}

function Smoothing(): ReactElement {
  const smoothing = useLab((state) => state.smoothing);
  const id = useId();
  return (
    <span
      className={classes.smoothing}
      title="Exponential moving average over time: what a value still counts after a hundredth of the longest run"
    >
      <label htmlFor={id}>Smoothing</label>
      <input
        id={id}
        type="range"
        className={uiClasses.slider}
        min={0}
        max={0.98}
        step={0.02}
        value={smoothing}
        onChange={(event) => lab.setSmoothing(Number(event.currentTarget.value))}
      />
      <span className={classes.smoothingValue}>{smoothing === 0 ? 'off' : smoothing.toFixed(2)}</span>
    </span>
  );
}
