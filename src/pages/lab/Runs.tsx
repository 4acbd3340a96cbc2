/** The right side: the queue, the runs by arm, newest first, and what the open experiment claims. */
import { ActionIcon } from '@mantine/core';
import { lazy, memo, type ReactElement, Suspense, useMemo, useState } from 'react';
import { EXPERIMENTS } from '../../store/experiments';
import { formatSetting } from '../../store/format';
import { useLab } from '../../store/index';
import { filterRuns, NO_FILTER, type RunFilter, STATES } from '../../store/run-filter';
import { Icon } from '../../ui/icons';
import uiClasses from '../../ui/ui.module.css';
import { KeepMenu, StorageLine } from './KeepBar';
import classes from './lab.module.css';
import runClasses from './runs.module.css';

const Queue = lazy(() => import('./Queue'));
const RunGroups = lazy(() => import('./RunGroups'));

export const Runs = memo(function Runs(): ReactElement {
  const order = useLab((state) => state.order);
  const runs = useLab((state) => state.runs);
  const activeId = useLab((state) => state.activeId);
  const catalogue = useLab((state) => state.catalogue);
  const queued = useLab((state) => state.queue.items.length > 0);
  const [filter, setFilter] = useState(NO_FILTER);
  const all = useMemo(() => order.flatMap((id) => runs[id] ?? []), [order, runs]);
  const found = useMemo(() => filterRuns(all, filter, catalogue).toReversed(), [all, filter, catalogue]);
  return (
    <section aria-label="Runs">
      {queued ? (
        <Suspense>
          <Queue />
        </Suspense>
      ) : null}
      <div className={classes.panelHead} style={{ padding: '12px 16px 4px' }}>
        <h2 className={classes.panelTitle}>Runs</h2>
        <span className={classes.grow} />
        {all.length > 1 ? (
          <span className={`${classes.dim} ${classes.num}`} role="status" data-testid="run-count">
            {found.length === all.length ? all.length : `${found.length} of ${all.length}`}
          </span>
        ) : null}
        <KeepMenu />
      </div>
      {all.length > 1 ? <FilterBar filter={filter} onChange={setFilter} /> : null}
      {all.length === 0 ? (
        <p className={`${classes.padded} ${classes.dim}`} style={{ margin: 0 }}>
          Each press of Train adds a run here, with a name, a colour and what differs from the run before. Runs that differ in the seed
          alone stand together as one arm.
        </p>
      ) : null}
      {all.length > 0 && found.length === 0 ? (
        <p className={`${classes.padded} ${classes.dim}`} style={{ margin: 0 }}>
          No run is like that.{' '}
          <button type="button" className={uiClasses.link} onClick={() => setFilter(NO_FILTER)}>
            Show all
          </button>
        </p>
      ) : null}
      {all.length === 0 ? null : (
        <Suspense>
          <RunGroups runs={found} all={all} activeId={activeId} catalogue={catalogue} />
        </Suspense>
      )}
      <StorageLine />
      <Claims />
    </section>
  );
});

function FilterBar({ filter, onChange }: { filter: RunFilter; onChange: (filter: RunFilter) => void }): ReactElement {
  return (
    <div className={runClasses.bar}>
      <input
        type="search"
        className={runClasses.filter}
        placeholder="Filter: name, note, lr=0.1"
        aria-label="Filter runs by name, note, objective, world or setting"
        data-testid="run-filter"
        value={filter.text}
        onChange={({ currentTarget }) => onChange({ ...filter, text: currentTarget.value })}
      />
      <select
        className={runClasses.select}
        aria-label="State of the runs"
        value={filter.state}
        onChange={({ currentTarget }) => onChange({ ...filter, state: currentTarget.value as RunFilter['state'] })}
      >
        {Object.entries(STATES).map(([state, words]) => (
          <option key={state} value={state}>
            {words}
          </option>
        ))}
      </select>
      <ActionIcon
        variant="subtle"
        size="sm"
        aria-label="Starred runs only"
        title="Starred only"
        aria-pressed={filter.starred}
        onClick={() => onChange({ ...filter, starred: !filter.starred })}
      >
        <Icon name={filter.starred ? 'starred' : 'star'} size={14} />
      </ActionIcon>
    </div>
  );
}

function Claims(): ReactElement | null {
  const opened = useLab((state) => state.setup?.opened?.experiment ?? null);
  const metrics = useLab((state) => state.catalogue?.metrics);
  const experiment = EXPERIMENTS.find((candidate) => candidate.id === opened);
  if (experiment === undefined) return null;
  return (
    <div className={classes.padded} style={{ borderTop: '1px solid var(--lab-line)', paddingTop: 12 }}>
      <h2 className={classes.panelTitle}>Question</h2>
      <p style={{ margin: '4px 0 12px' }}>{experiment.question}</p>
      <ul className={classes.claims}>
        {experiment.claims.map((claim) => (
          <li key={claim.text} className={classes.claim}>
            {claim.text}
            <div className={classes.claimFacts}>
              <span>
                threshold <strong className={classes.num}>{formatSetting(claim.threshold)}</strong>
              </span>
              <span>{metrics?.[claim.metric]?.title ?? claim.metric}</span>
            </div>
          </li>
        ))}
      </ul>
      <p className={classes.dim}>
        Thresholds were fixed before the recorded runs. <a href={experiment.paper.url}>{experiment.paper.title}</a>
      </p>
    </div>
  );
}
