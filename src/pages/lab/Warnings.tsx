/** What is wrong with the run on show, in words, and what to try. Calm: nothing moves, nothing blinks, and it can be put away. */
import { VisuallyHidden } from '@mantine/core';
import { memo, type ReactElement, useCallback, useState } from 'react';
import { useDrawing } from '../../charts/useDrawing';
import type { Remedy, Warning } from '../../core/warnings';
import { type Health, healthOf } from '../../store/health';
import { lab, useLab } from '../../store/index';
import type { Run } from '../../store/run';
import { type LabState, shownRun } from '../../store/state';
import { Icon } from '../../ui/icons';
import uiClasses from '../../ui/ui.module.css';
import { askedSetting } from './asked';
import { useHeldStep } from './held';
import classes from './lab.module.css';
import { settingsOf } from './settings';

/** As many are written out; more stay behind a line. */
const WRITTEN = 2;
const NONE: Health = { step: 0, warnings: [] };

/** The warnings of a run as it trains, or as they were after `held` steps. */
export function useWarnings(run: Run | null, held: number | null): Health {
  const catalogue = useLab((state) => state.catalogue);
  const [health, setHealth] = useState(NONE);
  const draw = useCallback(() => {
    const recording = run === null ? undefined : lab.recordings.get(run.id);
    setHealth(run === null || recording === undefined || catalogue === null ? NONE : healthOf(run, recording, catalogue, held));
  }, [run, catalogue, held]);
  useDrawing(lab.recordings, run === null ? [] : [run.id], draw);
  return health;
}

export const Warnings = memo(function Warnings(): ReactElement {
  const run = useLab(shownRun);
  const held = useHeldStep(run?.id ?? null);
  const { step, warnings: found } = useWarnings(run, held);
  const [all, setAll] = useState(false);
  /** Put away by the reader, by run and warning. */
  const [away, setAway] = useState<ReadonlySet<string>>(new Set());
  const keyOf = (warning: Warning): string => `${run?.id} ${warning.id}`;
  const warnings = found.filter((warning) => !away.has(keyOf(warning)));
  const hidden = found.length - warnings.length;
  const shown = all ? warnings : warnings.slice(0, WRITTEN);
  return (
    <div className={classes.warningsBox} data-empty={warnings.length === 0 && hidden === 0 ? true : undefined}>
      {/* Titles alone: figures change too often to be read out. */}
      <VisuallyHidden role="status" aria-live="polite" aria-atomic="true">
        {found.length === 0 ? '' : `Warnings: ${found.map(({ title }) => title).join('. ')}.`}
      </VisuallyHidden>
      {warnings.length === 0 && hidden === 0 ? null : (
        <section aria-label="Warnings" className={classes.warnings} data-testid="warnings">
          <p className={classes.warningsStep} data-testid="warnings-step">
            {held === null ? `As of step ${step}` : `As it stood after step ${step}`}
          </p>
          {shown.map((warning) => (
            <Written key={warning.id} warning={warning} run={run} onAway={() => setAway(new Set([...away, keyOf(warning)]))} />
          ))}
          {warnings.length > WRITTEN || hidden > 0 ? (
            <p className={classes.moreWarnings}>
              {warnings.length > WRITTEN ? (
                <button type="button" className={uiClasses.link} aria-expanded={all} onClick={() => setAll(!all)}>
                  {all ? 'Fewer warnings' : `${warnings.length - WRITTEN} more`}
                </button>
              ) : null}
              {hidden > 0 ? (
                <button type="button" className={uiClasses.link} onClick={() => setAway(new Set())}>
                  {hidden === 1 ? 'Show the warning put away' : `Show the ${hidden} warnings put away`}
                </button>
              ) : null}
            </p>
          ) : null}
        </section>
      )}
    </div>
  );
});

function Written({ warning, run, onAway }: { warning: Warning; run: Run | null; onAway: () => void }): ReactElement {
  const { id, title, sentence, remedies, link, since } = warning;
  return (
    <article className={classes.warning} data-warning={id} aria-label={title}>
      <Icon name="warn" size={15} />
      <div>
        <p>
          <strong>{title}</strong> <span className={classes.dim}>since step {since}</span>
        </p>
        <p>{sentence}</p>
        <p className={classes.dim}>
          To try:{' '}
          {remedies.map((remedy, i) => (
            <span key={remedy.path}>
              {i === 0 ? '' : ' · '}
              <Try remedy={remedy} run={run} first={i === 0} />
            </span>
          ))}
          . Read{' '}
          <a href={link.url} target="_blank" rel="noreferrer">
            {link.title}
          </a>
          .
        </p>
      </div>
      <button type="button" className={uiClasses.noticeClose} aria-label={`Put away: ${title}`} onClick={onAway}>
        <Icon name="close" size={14} />
      </button>
    </article>
  );
}

/** The words, which lead to the setting where the setup has it. */
function Try({ remedy: { words, path }, run, first }: { remedy: Remedy; run: Run | null; first: boolean }): ReactElement {
  const target = useLab((state) => settingFor(state, run, path));
  const said = first ? words : `${words.charAt(0).toLowerCase()}${words.slice(1)}`;
  if (target === null) return <>{said}</>;
  return (
    <button type="button" className={uiClasses.link} onClick={() => askedSetting.set({ path: target })}>
      {said}
    </button>
  );
}

/** The path of the setting in the present setup; null where that trains something else. */
function settingFor({ setup, catalogue }: LabState, run: Run | null, path: string): string | null {
  if (setup === null || catalogue === null || run === null) return null;
  const at = Number(/^stages\[(\d+)\]/.exec(path)?.[1] ?? Number.NaN);
  if (setup.draft.stages[at]?.objective.id !== run.spec.stages[at]?.objective.id) return null;
  const found = settingsOf(setup.draft, catalogue).find((setting) => setting.path === path || setting.path.startsWith(`${path}.`));
  return found?.path ?? null;
}
