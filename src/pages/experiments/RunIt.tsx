/** Trains all arms of an experiment over seeds, and says how far that is. */
import { Button } from '@mantine/core';
import { type ReactElement, useState } from 'react';
import type { Experiment } from '../../core/experiment';
import { plural } from '../../store/format';
import { lab, useLab } from '../../store/index';
import { MAX_SEEDS, planArms } from '../../store/plan';
import type { QueueItem } from '../../store/queue-items';
import { Icon } from '../../ui/icons';
import { sentence } from '../../ui/NumberField';
import classes from './experiments.module.css';

export function RunIt({ experiment }: { experiment: Experiment }): ReactElement {
  const catalogue = useLab((state) => state.catalogue);
  const ready = useLab((state) => state.engine.phase === 'ready');
  const items = useLab((state) => state.queue.items);
  const [typed, setTyped] = useState(String(experiment.seeds));
  const [problem, setProblem] = useState<string | null>(null);
  const mine = items.filter(({ origin }) => origin?.experiment === experiment.id);
  const waiting = mine.filter(({ state }) => state !== 'done' && state !== 'failed').length;
  const arms = Object.keys(experiment.arms).length;
  const seeds = Number(typed);
  const run = (): void => {
    if (catalogue === null) return;
    const planned = planArms(experiment, seeds, catalogue);
    setProblem(planned.problem === null ? null : planned.problem.what);
    if (planned.runs !== null) lab.enqueue(planned.runs);
  };
  return (
    <div className={classes.runIt}>
      <div className={classes.runRow}>
        <Button
          disabled={!ready || catalogue === null}
          leftSection={<Icon name="play" size={12} />}
          onClick={run}
          data-testid="run-experiment"
        >
          {arms === 1 ? 'Run it' : `Run all ${arms} arms`}
        </Button>
        <label className={classes.seeds}>
          seeds
          <input
            type="number"
            min={1}
            max={MAX_SEEDS}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            data-testid="experiment-seeds"
          />
        </label>
        <span className={classes.dim}>
          {Number.isInteger(seeds) && seeds > 0 ? `${plural(arms * seeds, 'run')}; ten seeds make a verdict` : ''}
        </span>
      </div>
      {problem === null ? null : (
        <p className={classes.problem} role="alert">
          {sentence(problem)}
        </p>
      )}
      {waiting === 0 ? null : (
        <p className={classes.dim} role="status">
          {progressInWords(mine)} <a href="#/">Watch in the lab</a>
        </p>
      )}
    </div>
  );
}

function progressInWords(items: readonly QueueItem[]): string {
  const count = (state: QueueItem['state']): number => items.filter((item) => item.state === state).length;
  return `${count('done')} of ${plural(items.length, 'run')} done, ${count('running')} training, ${count('queued') + count('paused')} waiting.`;
}
