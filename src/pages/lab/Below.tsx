/** What stands below the behaviour: the charts over time, or the diagnosis of one step. */
import { lazy, type ReactElement, Suspense, useState } from 'react';
import { ChartGrid } from './ChartGrid';
import classes from './lab.module.css';

const Diagnosis = lazy(async () => ({ default: (await import('./Diagnosis')).Diagnosis }));

type View = 'charts' | 'diagnosis';

const VIEWS: readonly (readonly [View, string])[] = [
  ['charts', 'Charts'],
  ['diagnosis', 'Diagnosis'],
];

export function Below(): ReactElement {
  const [view, setView] = useState<View>('charts');
  const head = (
    <div className={classes.views}>
      {VIEWS.map(([id, title]) => (
        <h2 key={id} className={classes.panelTitle}>
          <button
            type="button"
            className={classes.viewButton}
            aria-pressed={id === view}
            data-testid={`view-${id}`}
            onClick={() => setView(id)}
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
