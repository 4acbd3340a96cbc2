/** Asks before very many runs are queued. */
import { Button, Modal } from '@mantine/core';
import type { ReactElement } from 'react';
import { formatCount } from '../../store/format';
import { lab, useLab } from '../../store/index';
import { timeInWords } from './queue-words';
import runClasses from './runs.module.css';

export default function SweepAsk(): ReactElement {
  const asked = useLab((state) => state.asked);
  const runs = asked ?? [];
  return (
    <Modal
      opened={asked !== null}
      onClose={() => lab.answerAsked(false)}
      title={`Queue ${formatCount(runs.length)} runs?`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <p>
        {timeInWords(runs.map(({ spec }) => spec))} Each run is kept with its curves; the queue can be paused, reordered and cancelled at
        any time.
      </p>
      <div className={runClasses.total}>
        <span className={runClasses.totalWords} />
        <Button variant="default" onClick={() => lab.answerAsked(false)}>
          Back
        </Button>
        <Button data-autofocus onClick={() => lab.answerAsked(true)}>
          Queue {formatCount(runs.length)} runs
        </Button>
      </div>
    </Modal>
  );
}
