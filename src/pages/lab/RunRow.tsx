/** One run of the list: its name, how far it is, what differs from the run before, and what can be done with it. */
import { ActionIcon } from '@mantine/core';
import { memo, type ReactElement, useMemo, useState } from 'react';
import { Marker } from '../../charts/Marker';
import type { Catalogue } from '../../core/catalogue';
import { diffSpecs } from '../../store/diff';
import { EXPERIMENTS } from '../../store/experiments';
import { lab } from '../../store/index';
import { accentOf } from '../../store/palette';
import { canResume, type Run, stateInWords } from '../../store/run';
import { Icon } from '../../ui/icons';
import uiClasses from '../../ui/ui.module.css';
import classes from './lab.module.css';
import { useProgress } from './useProgress';
import { useWarnings } from './Warnings';

export interface RunRowProps {
  readonly run: Run;
  /** The run before it in time. */
  readonly before: Run | null;
  readonly active: boolean;
  readonly catalogue: Catalogue | null;
}

const LISTED = 3;

export const RunRow = memo(function RunRow({ run, before, active, catalogue }: RunRowProps): ReactElement {
  const accent = accentOf(run.accent);
  const { step } = useProgress(run.id, run.totalSteps);
  const [renaming, setRenaming] = useState(false);
  const warnings = useWarnings(run);
  return (
    <li className={classes.run} data-testid="run-row" data-run={run.id} data-active={active || undefined}>
      <div className={classes.runTop}>
        <Marker accent={accent} />
        {renaming ? (
          <Rename run={run} onDone={() => setRenaming(false)} />
        ) : (
          <>
            <button
              type="button"
              className={classes.runName}
              style={{ position: 'relative' }}
              aria-current={active}
              title={`Look at ${run.name}`}
              onClick={() => lab.look(run.id)}
            >
              {run.name}
            </button>
            <Tools run={run} active={active} onRename={() => setRenaming(true)} />
          </>
        )}
      </div>
      <div className={classes.dim}>{titleOf(run, catalogue)}</div>
      <div className={`${classes.dim} ${classes.num}`}>
        {stateInWords(run, step)}
        {run.state === 'interrupted' ? ` of ${run.totalSteps}` : run.state === 'finished' ? '' : `, ${step} of ${run.totalSteps}`}
      </div>
      <div className={classes.bar} aria-hidden="true">
        <span className={classes.barFill} style={{ width: `${(100 * step) / run.totalSteps}%`, background: accent.colour }} />
      </div>
      {warnings.length === 0 ? null : (
        <div className={classes.warned} title={warnings.map(({ title }) => title).join('\n')}>
          <Icon name="warn" size={13} /> {warnings.length === 1 ? warnings[0]?.title : `${warnings.length} warnings`}
        </div>
      )}
      {run.failure === null ? null : <div className={uiClasses.error}>{run.failure.message}</div>}
      <Differs run={run} before={before} catalogue={catalogue} />
    </li>
  );
});

/** The experiment's arm, and the objectives of the stages. */
function titleOf(run: Run, catalogue: Catalogue | null): string {
  const nameOf = (id: string): string => catalogue?.objectives.find((entry) => entry.id === id)?.title ?? id;
  const stages = run.spec.stages.map((stage) => nameOf(stage.objective.id)).join(', then ');
  const world = catalogue?.worlds.find((entry) => entry.id === run.spec.world.id)?.title ?? run.spec.world.id;
  const experiment = EXPERIMENTS.find((candidate) => candidate.id === run.origin?.experiment);
  const arm = run.origin === null ? undefined : experiment?.arms[run.origin.arm];
  const what = arm === undefined ? '' : ` · ${arm.title}${run.origin?.edited ? ', edited' : ''}`;
  return `${stages} · ${world}${what}`;
}

function Differs({ run, before, catalogue }: Omit<RunRowProps, 'active'>): ReactElement | null {
  const [all, setAll] = useState(false);
  const differences = useMemo(() => (before === null ? [] : diffSpecs(before.spec, run.spec, catalogue)), [before, run.spec, catalogue]);
  if (before === null) return null;
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

function Tools({ run, active, onRename }: { run: Run; active: boolean; onRename: () => void }): ReactElement {
  return (
    <div className={classes.runTools}>
      {canResume(run) ? (
        <ActionIcon variant="subtle" size="sm" aria-label={`Resume ${run.name}`} title="Resume" onClick={() => lab.resume(run.id)}>
          <Icon name="play" size={12} />
        </ActionIcon>
      ) : null}
      <ActionIcon
        variant="subtle"
        size="sm"
        aria-label={`Show ${run.name} in the charts`}
        aria-pressed={run.visible || active}
        disabled={active}
        title={run.visible ? 'Hide' : 'Show in the charts'}
        onClick={() => lab.library.setVisible(run.id, !run.visible)}
      >
        <Icon name={run.visible || active ? 'eye' : 'eyeOff'} size={14} />
      </ActionIcon>
      <ActionIcon variant="subtle" size="sm" aria-label={`Rename ${run.name}`} title="Rename" onClick={onRename}>
        <Icon name="pencil" size={13} />
      </ActionIcon>
      <ActionIcon variant="subtle" size="sm" aria-label={`Delete ${run.name}`} title="Delete" onClick={() => lab.library.remove(run.id)}>
        <Icon name="trash" size={14} />
      </ActionIcon>
    </div>
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
