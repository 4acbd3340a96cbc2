/** Runs beside each other: which, what differs between them, their curves, their numbers, and the difference seed by seed. */
import { useMediaQuery } from '@mantine/hooks';
import { lazy, type ReactElement, Suspense, useCallback, useMemo, useState } from 'react';
import { measuredMetrics } from '../../charts/lines';
import { useDrawing } from '../../charts/useDrawing';
import { useSettled } from '../../charts/useSettled';
import { usualMetrics } from '../../store/compare';
import { EXPERIMENTS } from '../../store/experiments';
import { plural } from '../../store/format';
import { lab, useLab } from '../../store/index';
import { useLinkView } from '../../store/link-view';
import { useView } from '../../store/views';
import controls from '../../ui/controls.module.css';
import { saveBundle } from '../lab/keep';
import { useDroppedFiles } from '../lab/useDroppedFiles';
import reading from '../reading.module.css';
import { Charts } from './Charts';
import classes from './compare.module.css';
import { MissingRuns } from './MissingRuns';
import { Numbers } from './Numbers';
import { Selection } from './Selection';
import { SettingsTable } from './SettingsTable';
import { type Compared, useCompared } from './useCompared';

const CompareReport = lazy(() => import('./CompareReport'));

export default function ComparePage(): ReactElement {
  const compared = useCompared();
  const ready = useLab((state) => state.storage !== 'opening' && state.catalogue !== null);
  useDroppedFiles();
  if (compared.arms.length === 0) return <Nothing ready={ready} />;
  return <Page {...compared} />;
}

function Page(compared: Compared): ReactElement {
  const wide = useMediaQuery('(min-width: 1000px)', true, { getInitialValueInEffect: false });
  const [making, setMaking] = useState(false);
  const onMade = useCallback(() => setMaking(false), []);
  const selection = <Selection arms={compared.arms} names={compared.names} />;
  return (
    <main className={classes.page} data-testid="compare" data-wide={wide || undefined}>
      {wide ? <div className={classes.side}>{selection}</div> : null}
      <div className={classes.body}>
        <div className={classes.titleRow}>
          <h2 className={classes.title}>Compare</h2>
          {compared.runs.length === 0 ? null : (
            <div className={classes.titleButtons}>
              <button
                type="button"
                className={controls.control}
                data-testid="compare-bundle"
                title="The ticked runs in one file, with their curves, samples and checkpoints: what a link to this page needs elsewhere"
                onClick={() => void saveBundle(compared.runs.map(({ id }) => id))}
              >
                Bundle of the ticked runs
              </button>
              <button
                type="button"
                className={controls.control}
                data-testid="compare-report"
                title="What differs, the charts and the tables of the ticked runs, in one file that needs nothing else"
                aria-disabled={making}
                onClick={() => setMaking(true)}
              >
                {making ? 'Making the report' : 'Report, a page to print'}
              </button>
            </div>
          )}
        </div>
        <MissingRuns />
        {wide ? null : (
          <details className={classes.fold}>
            <summary>
              {plural(compared.runs.length, 'run')} of {plural(compared.groups.length, 'arm')}
            </summary>
            {selection}
          </details>
        )}
        {compared.runs.length === 0 ? (
          <p className={classes.lead}>No run is ticked. Tick the runs or arms that are to be compared.</p>
        ) : (
          <Parts compared={compared} making={making} onMade={onMade} />
        )}
      </div>
    </main>
  );
}

const NO_SPECS = {};

interface PartsProps {
  readonly compared: Compared;
  /** Whether a report is being made, and what to do once it is. */
  readonly making: boolean;
  readonly onMade: () => void;
}

function Parts({ compared, making, onMade }: PartsProps): ReactElement {
  const { runs, groups, catalogue } = compared;
  const specs = catalogue?.metrics ?? NO_SPECS;
  const { metrics: chosen } = useView('compare');
  const [listed, setListed] = useSettled('');
  const draw = useCallback(() => setListed(measuredMetrics(runs, lab.recordings, specs).join(' ')), [runs, specs, setListed]);
  useDrawing(
    lab.recordings,
    runs.map(({ id }) => id),
    draw,
  );
  const measured = useMemo(() => (listed === '' ? [] : listed.split(' ')), [listed]);
  const metrics = useMemo(() => {
    const known = chosen?.filter((id) => measured.includes(id)) ?? [];
    return known.length > 0 ? known : usualMetrics(measured, specs, groups, EXPERIMENTS);
  }, [chosen, measured, specs, groups]);
  return (
    <>
      <section className={classes.card} aria-labelledby="compare-settings">
        <h3 id="compare-settings" className={classes.cardTitle}>
          What differs
        </h3>
        <SettingsTable {...compared} />
      </section>
      <Charts compared={compared} metrics={metrics} measured={measured} specs={specs} />
      <Numbers compared={compared} metrics={metrics} specs={specs} />
      {making ? (
        <Suspense>
          <CompareReport compared={compared} metrics={metrics} specs={specs} onDone={onMade} />
        </Suspense>
      ) : null}
    </>
  );
}

function Nothing({ ready }: { ready: boolean }): ReactElement {
  const linked = useLinkView(({ missing }) => missing.length > 0);
  return (
    <main className={reading.page} data-testid="compare">
      <h2 className={reading.title}>Compare</h2>
      {ready && linked ? (
        <MissingRuns />
      ) : ready ? (
        <>
          <p className={reading.lead}>
            Nothing to compare yet. Here stand runs beside each other: what differs between their settings, their curves with bands over
            seeds, their numbers, and the difference seed by seed.
          </p>
          <ol className={classes.steps}>
            <li>
              In the <a href="#/">lab</a>, set Seeds to 3 or more and press Train: the same setup is trained once for each seed.
            </li>
            <li>Change one setting, or sweep over several values of it, and train again.</li>
            <li>Come back with the key c.</li>
          </ol>
          <p className={classes.dim}>
            An <a href="#/experiments">experiment</a> brings its arms along.
          </p>
        </>
      ) : (
        <p className={reading.lead}>Opening the runs.</p>
      )}
    </main>
  );
}
