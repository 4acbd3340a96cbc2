/** The left side: all runs by arm, each with a box to tick. What is ticked is drawn in the lab's charts too. */
import { memo, type ReactElement } from 'react';
import { Marker } from '../../charts/Marker';
import type { Group } from '../../store/arms';
import { lab, useLab } from '../../store/index';
import { accentOf } from '../../store/palette';
import { type Run, stateInWords } from '../../store/run';
import uiClasses from '../../ui/ui.module.css';
import classes from './compare.module.css';

export interface SelectionProps {
  readonly arms: readonly Group[];
  readonly names: ReadonlyMap<string, string>;
}

export const Selection = memo(function Selection({ arms, names }: SelectionProps): ReactElement {
  const runs = arms.flatMap((group) => group.runs);
  return (
    <section className={classes.selection} aria-label="Runs to compare" data-testid="compare-selection">
      <div className={classes.selectionHead}>
        <h3 className={classes.cardTitle}>Runs</h3>
        <button type="button" className={uiClasses.link} onClick={() => tick(runs, true)}>
          all
        </button>
        <button type="button" className={uiClasses.link} onClick={() => tick(runs, false)}>
          none
        </button>
      </div>
      {arms.map((group) => (
        <Arm key={group.arm} group={group} name={names.get(group.arm) ?? ''} />
      ))}
    </section>
  );
});

function tick(runs: readonly Run[], visible: boolean): void {
  for (const run of runs) if (lab.store.getState().runs[run.id]?.visible !== visible) lab.library.setVisible(run.id, visible);
}

function Arm({ group: { runs, accent }, name }: { group: Group; name: string }): ReactElement {
  const visible = useLab((state) => runs.filter(({ id }) => state.runs[id]?.visible === true).length);
  return (
    <div className={classes.arm}>
      <label className={classes.armName}>
        <input
          type="checkbox"
          checked={visible === runs.length}
          ref={(box) => {
            if (box !== null) box.indeterminate = visible > 0 && visible < runs.length;
          }}
          onChange={() => tick(runs, visible < runs.length)}
        />
        <Marker accent={accentOf(accent)} size={9} />
        <span>{name}</span>
      </label>
      <ul className={classes.armRuns}>
        {runs.map(({ id }) => (
          <Member key={id} id={id} />
        ))}
      </ul>
    </div>
  );
}

function Member({ id }: { id: string }): ReactElement | null {
  const run = useLab((state) => state.runs[id]);
  if (run === undefined) return null;
  const step = lab.recordings.get(id)?.step ?? run.lastStep ?? 0;
  return (
    <li>
      <label>
        <input type="checkbox" checked={run.visible} onChange={(event) => lab.library.setVisible(id, event.currentTarget.checked)} />
        <span className={classes.runName}>{run.name}</span>
        <span className={classes.dim}>seed {run.spec.seed}</span>
      </label>
      {run.state === 'finished' ? null : <span className={classes.dim}>{stateInWords(run, step)}</span>}
    </li>
  );
}
