/** All arms of the opened experiment over several seeds, in one press. */
import { Button } from '@mantine/core';
import { type ReactElement, useId, useState } from 'react';
import type { Experiment } from '../../core/experiment';
import { plural } from '../../store/format';
import { lab, useLab } from '../../store/index';
import { MAX_SEEDS, planArms } from '../../store/plan';
import { addNotice } from '../../store/state';
import { sentence } from '../../ui/NumberField';
import classes from './lab.module.css';
import runClasses from './runs.module.css';

const SEEDS = 10;

export function SweepArms({ experiment }: { experiment: Experiment }): ReactElement {
  const id = useId();
  const ready = useLab((state) => state.engine.phase === 'ready');
  const [seeds, setSeeds] = useState(SEEDS);
  const arms = Object.keys(experiment.arms).length;
  const train = (): void => {
    const { catalogue } = lab.store.getState();
    if (catalogue === null) return;
    const { runs, problem } = planArms(experiment, seeds, catalogue);
    if (runs === null) addNotice(lab.store, sentence(problem.what));
    else lab.enqueue(runs);
  };
  const right = Number.isInteger(seeds) && seeds >= 1 && seeds <= MAX_SEEDS;
  return (
    <div className={runClasses.allArms}>
      <Button size="compact-sm" variant="default" data-testid="all-arms" disabled={!ready || !right} onClick={train}>
        {arms === 1 ? 'Train the arm' : `Train all ${arms} arms`}
      </Button>
      <label htmlFor={id} className={classes.dim}>
        seeds
      </label>
      <input
        id={id}
        type="number"
        className={runClasses.seedCount}
        min={1}
        max={MAX_SEEDS}
        value={Number.isNaN(seeds) ? '' : seeds}
        aria-invalid={!right}
        aria-label={arms === 1 ? 'Seeds' : 'Seeds of each arm'}
        onChange={({ currentTarget }) => setSeeds(currentTarget.valueAsNumber)}
      />
      <span className={classes.dim}>{right ? plural(arms * seeds, 'run') : `1 to ${MAX_SEEDS}`}</span>
    </div>
  );
}
