/** Which metrics of a chart are drawn: a few by themselves, the others on demand. */
import { Popover } from '@mantine/core';
import { memo, type ReactElement, useCallback, useSyncExternalStore } from 'react';
import { createHolder } from '../../charts/holder';
import { type ChartRun, type Choices, drawnOf, measuredIn } from '../../charts/lines';
import { useDrawing } from '../../charts/useDrawing';
import { useSettled } from '../../charts/useSettled';
import { CHARTS, type ChartId, type MetricSpec } from '../../core/charts';
import { lab } from '../../store/index';
import classes from './lab.module.css';

const KEY = 'objective-lab-metrics';
/** Charts of fewer metrics need no menu. */
const FEWEST = 3;

const choices = createHolder<Choices>(remembered());

/** What the reader has chosen on earlier visits. */
function remembered(): Choices {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return typeof kept === 'object' && kept !== null ? (kept as Choices) : {};
  } catch {
    return {};
  }
}

function choose(next: Choices): void {
  choices.set(next);
  try {
    localStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    // Then it holds until the page closes.
  }
}

export const useChoices = (): Choices => useSyncExternalStore(choices.subscribe, choices.get);

export interface MetricMenuProps {
  readonly chart: ChartId;
  readonly unit: string;
  readonly runs: readonly ChartRun[];
  readonly metrics: Readonly<Record<string, MetricSpec>>;
  readonly claimed: readonly string[];
}

export const MetricMenu = memo(function MetricMenu({ chart, unit, runs, metrics, claimed }: MetricMenuProps): ReactElement | null {
  const chosen = useChoices();
  const [ids, setIds] = useSettled('');
  const draw = useCallback(() => {
    const measured = measuredIn({ chart, unit, runs, recordings: lab.recordings, metrics });
    setIds(measured.map(([id]) => id).join(' '));
  }, [chart, unit, runs, metrics, setIds]);
  useDrawing(
    lab.recordings,
    runs.map((run) => run.id),
    draw,
  );
  const measured = ids.split(' ').flatMap((id): [string, MetricSpec][] => (metrics[id] === undefined ? [] : [[id, metrics[id]]]));
  if (measured.length < FEWEST) return null;
  const drawn = drawnOf(measured, claimed, chosen);
  const { title } = CHARTS[chart];
  return (
    <Popover position="bottom-end" shadow="md" withinPortal trapFocus returnFocus>
      <Popover.Target>
        <button
          type="button"
          className={classes.unitButton}
          aria-label={`Metrics of ${title}: ${drawn.size} of ${measured.length} shown`}
          data-testid={`metrics-${chart}`}
        >
          {drawn.size} of {measured.length} ▾
        </button>
      </Popover.Target>
      <Popover.Dropdown p={8}>
        <fieldset className={classes.metricMenu}>
          <legend>{title}: metrics to draw</legend>
          {measured.map(([id, { title: name, help }]) => (
            <label key={id} title={help}>
              <input
                type="checkbox"
                checked={drawn.has(id)}
                disabled={drawn.size === 1 && drawn.has(id)}
                onChange={(event) => choose({ ...chosen, [id]: event.currentTarget.checked })}
              />
              {name}
            </label>
          ))}
          <button
            type="button"
            className={classes.unitButton}
            onClick={() => choose(Object.fromEntries(Object.entries(chosen).filter(([id]) => !measured.some(([known]) => known === id))))}
          >
            As usual
          </button>
        </fieldset>
      </Popover.Dropdown>
    </Popover>
  );
});
