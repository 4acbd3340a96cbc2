/** What stands below the behaviour: the charts over time, or the diagnosis of one step. */
import { lazy, type ReactElement, Suspense } from 'react';
import { changeView, type LabView, useView } from '../../store/views';
import { ChartGrid } from './ChartGrid';
import classes from './lab.module.css';

const Diagnosis = lazy(async () => ({ default: (await import('./Diagnosis')).Diagnosis }));

const VIEWS: readonly (readonly [LabView['below'], string])[] = [
  ['charts', 'Charts'],
  ['diagnosis', 'Diagnosis'],
];

export function Below(): ReactElement {
  const { below: view } = useView('lab');
  const head = (
    <div className={classes.views}>
      {VIEWS.map(([id, title]) => (
        <h2 key={id} className={classes.panelTitle}>
          <button
            type="button"
            className={classes.viewButton}
            aria-pressed={id === view}
            data-testid={`view-${id}`}
            onClick={() => changeView('lab', { below: id })}
          >
            {title}
          </button>
        </h2>
      ))}
    </div>
  );
  if (view === 'charts') return <ChartGrid head={head} />;
  return (
    <Suspense fallback={head}>
      <Diagnosis head={head} />
    </Suspense>
  );
}
