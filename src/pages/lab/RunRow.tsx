/** One run of the list: its name, how far it is, what differs from the run before, and what can be done with it. */
import { memo, type ReactElement, useMemo, useState } from 'react';
import { Marker } from '../../charts/Marker';
import type { Catalogue } from '../../core/catalogue';
import { ownSources } from '../../core/own';
import { armTitle } from '../../store/arms';
import { diffSpecs } from '../../store/diff';
import { lab } from '../../store/index';
import { accentOf } from '../../store/palette';
import { isInProgress, type Run, stateInWords } from '../../store/run';
import { Icon } from '../../ui/icons';
import uiClasses from '../../ui/ui.module.css';
import classes from './lab.module.css';
import { RunMenu } from './RunMenu';
import runClasses from './runs.module.css';
import { useProgress } from './useProgress';
import { useWarnings } from './Warnings';

export interface RunRowProps {
  readonly run: Run;
  /** The run before it in time, where it is to be compared with it; null in a group, which says what its runs have in common. */
  readonly before: Run | null;
  /** Whether it stands under the name of its arm. */
  readonly grouped: boolean;
  readonly active: boolean;
  readonly selected: boolean;
  /** What the reader is changing of it. */
  readonly editing: 'name' | 'note' | null;
  readonly catalogue: Catalogue | null;
  readonly onSelect: (runId: string, through: boolean) => void;
  readonly onEdit: (runId: string, what: 'name' | 'note' | null) => void;
}

const LISTED = 3;

export const RunRow = memo(function RunRow(props: RunRowProps): ReactElement {
  const { run, before, grouped, active, selected, editing, catalogue, onSelect, onEdit } = props;
  return (
    <li
      className={`${classes.run} ${runClasses.row}`}
      data-testid="run-row"
      data-run={run.id}
      data-active={active || undefined}
      data-selected={selected || undefined}
    >
      <div className={classes.runTop}>
        <input
          type="checkbox"
          className={runClasses.check}
          aria-label={`Select ${run.name}`}
          checked={selected}
          onChange={() => undefined}
          onClick={(event) => onSelect(run.id, event.shiftKey)}
        />
        <Marker accent={accentOf(run.accent)} />
        {editing === 'name' ? (
          <Rename run={run} onDone={() => onEdit(run.id, null)} />
        ) : (
          <>
            <button
              type="button"
              className={classes.runName}
              style={{ position: 'relative' }}
              data-run-focus=""
              aria-current={active}
              title={run.note ? `${run.name}\n${run.note}` : `Look at ${run.name}`}
              onClick={() => lab.look(run.id)}
            >
              {run.name}
            </button>
            {run.pinned ? (
              <span title="Pinned">
                <Icon name="pin" size={12} />
              </span>
            ) : null}
            <RunMenu run={run} active={active} onEdit={(what) => onEdit(run.id, what)} />
          </>
        )}
      </div>
      {grouped ? null : <div className={classes.dim}>{armTitle(run, catalogue)}</div>}
      {run.imported === undefined ? null : <Imported run={run} imported={run.imported} />}
      {isInProgress(run) ? <Live run={run} /> : <Still run={run} />}
      <Warned run={run} />
      {run.failure === null ? null : <div className={uiClasses.error}>{run.failure.message}</div>}
      <Note run={run} editing={editing === 'note'} onEdit={(open) => onEdit(run.id, open ? 'note' : null)} />
      {before === null ? null : <Differs run={run} before={before} catalogue={catalogue} />}
    </li>
  );
});

/** Where it came from; its code, if it brings any, has not been read here yet. */
function Imported({ run, imported }: { run: Run; imported: NonNullable<Run['imported']> }): ReactElement {
  const own = ownSources(run.spec).length > 0;
  const when = new Date(imported.createdAt).toLocaleString();
  return (
    <div className={classes.dim} title={`Trained ${when} on ${run.device}, by lab ${imported.lab}`} data-testid="imported">
      imported{own ? ', with code of its own' : ''}
    </div>
  );
}

function Live({ run }: { run: Run }): ReactElement {
  const { step } = useProgress(run.id, run.totalSteps);
  return <State run={run} step={lab.recordings.get(run.id) === undefined ? (run.lastStep ?? 0) : step} />;
}

/** Its recording may not be at hand. */
const Still = ({ run }: { run: Run }): ReactElement => (
  <State
    run={run}
    step={run.state === 'finished' ? run.totalSteps : (run.lastStep ?? lab.recordings.get(run.id)?.step ?? run.checkpointStep ?? 0)}
  />
);

function State({ run, step }: { run: Run; step: number }): ReactElement {
  return (
    <>
      <div className={`${classes.dim} ${classes.num}`}>
        seed {run.spec.seed} · {stateInWords(run, step)}
        {run.state === 'interrupted' ? ` of ${run.totalSteps}` : run.state === 'finished' ? '' : `, ${step} of ${run.totalSteps}`}
      </div>
      <div className={classes.bar} aria-hidden="true">
        <span className={classes.barFill} style={{ width: `${(100 * step) / run.totalSteps}%`, background: accentOf(run.accent).colour }} />
      </div>
    </>
  );
}

function Warned({ run }: { run: Run }): ReactElement | null {
  const { warnings } = useWarnings(run, null);
  return warnings.length === 0 ? null : (
    <div className={classes.warned} title={warnings.map(({ title }) => title).join('\n')}>
      <Icon name="warn" size={13} /> {warnings.length === 1 ? warnings[0]?.title : `${warnings.length} warnings`}
    </div>
  );
}

function Differs({ run, before, catalogue }: { run: Run; before: Run; catalogue: Catalogue | null }): ReactElement | null {
  const [all, setAll] = useState(false);
  const differences = useMemo(() => diffSpecs(before.spec, run.spec, catalogue), [before.spec, run.spec, catalogue]);
  if (differences.length === 0) return <div className={classes.dim}>The same setup as {before.name}.</div>;
  const shown = all ? differences : differences.slice(0, LISTED);
  return (
    <ul className={classes.differs} aria-label={`What differs from ${before.name}`}>
      {shown.map(({ path, title, before: was, after }) => (
        <li key={path}>
          {title}: {was} → <strong>{after}</strong>
        </li>
      ))}
      {differences.length > LISTED ? (
        <li>
          <button type="button" className={uiClasses.link} onClick={() => setAll(!all)}>
            {all ? 'fewer' : `${differences.length - LISTED} more`}
          </button>
        </li>
      ) : null}
    </ul>
  );
}

function Note({ run, editing, onEdit }: { run: Run; editing: boolean; onEdit: (open: boolean) => void }): ReactElement | null {
  if (!editing) {
    return run.note ? (
      <p className={runClasses.noteText} title={run.note} data-testid="run-note">
        {run.note}
      </p>
    ) : null;
  }
  const keep = (note: string): void => {
    lab.library.annotate(run.id, { note });
    onEdit(false);
  };
  return (
    <textarea
      className={runClasses.noteField}
      defaultValue={run.note ?? ''}
      aria-label={`Note on ${run.name}`}
      placeholder="What this run was for. Ctrl and Enter keeps it."
      maxLength={2000}
      ref={(node) => node?.focus()}
      onBlur={(event) => keep(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) keep(event.currentTarget.value);
        if (event.key === 'Escape') onEdit(false);
      }}
    />
  );
}

function Rename({ run, onDone }: { run: Run; onDone: () => void }): ReactElement {
  const keep = (name: string): void => {
    lab.library.rename(run.id, name);
    onDone();
  };
  return (
    <input
      className={classes.rename}
      defaultValue={run.name}
      aria-label={`New name of ${run.name}`}
      maxLength={60}
      ref={(node) => node?.select()}
      onBlur={(event) => keep(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') keep(event.currentTarget.value);
        if (event.key === 'Escape') onDone();
      }}
    />
  );
}
