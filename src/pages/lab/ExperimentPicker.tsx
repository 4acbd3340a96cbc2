/** Which experiment is open, and its arms. */
import { memo, type ReactElement } from 'react';
import { Marker } from '../../charts/Marker';
import { isAnyEdited } from '../../store/draft';
import { EXPERIMENTS, openArm } from '../../store/experiments';
import { lab, useLab } from '../../store/index';
import { accentOf } from '../../store/palette';
import { Pick } from '../../ui/Pick';
import classes from './lab.module.css';
import { SweepArms } from './SweepArms';

const OWN = { id: '', title: 'A setup of your own' };

export const ExperimentPicker = memo(function ExperimentPicker(): ReactElement {
  const opened = useLab((state) => state.setup?.opened ?? null);
  const edited = useLab((state) => state.setup !== null && isAnyEdited(state.setup));
  const experiment = EXPERIMENTS.find((candidate) => candidate.id === opened?.experiment);
  const open = (id: string, arm?: string): void => {
    const found = EXPERIMENTS.find((candidate) => candidate.id === id);
    const { catalogue } = lab.store.getState();
    if (found === undefined || catalogue === null) return;
    lab.open(() => openArm(found, arm ?? found.opens, catalogue));
  };
  const entries = EXPERIMENTS.map(({ id, title }) => ({ id, title }));
  return (
    <>
      <Pick
        label="Experiment"
        testId="experiment-select"
        value={opened?.experiment ?? ''}
        entries={experiment === undefined ? [OWN, ...entries] : entries}
        onPick={(id) => open(id)}
      />
      {experiment === undefined ? null : (
        <>
          <p className={classes.group}>Arms</p>
          <ul className={classes.arms}>
            {Object.entries(experiment.arms).map(([id, arm], i) => (
              <li key={id}>
                <button type="button" className={classes.arm} aria-pressed={id === opened?.arm} onClick={() => open(experiment.id, id)}>
                  <Marker accent={accentOf(i)} size={10} />
                  {arm.title}
                  {id === opened?.arm && edited ? <span className={classes.dim}>edited</span> : null}
                </button>
              </li>
            ))}
          </ul>
          <SweepArms experiment={experiment} />
        </>
      )}
    </>
  );
});
