/** Code that came from elsewhere, for the reader to read before it runs. */
import { Button, Modal } from '@mantine/core';
import type { ReactElement } from 'react';
import { lab, useLab } from '../store/index';
import classes from './ui.module.css';

const WORDS = { objective: 'Objective', reward: 'Reward' } as const;

export default function CodeReview(): ReactElement | null {
  const review = useLab((state) => state.review);
  if (review === null) return null;
  const refuse = (): void => lab.answer(false);
  return (
    <Modal opened onClose={refuse} title="Read this code before it runs" size="xl" closeButtonProps={{ 'aria-label': 'Close' }}>
      <p>
        What you are about to train holds code that was not typed here. It runs without network, storage and page, but it decides what is
        trained. Nothing of it has run yet.
      </p>
      {review.map(({ kind, id, source }) => (
        <section key={`${kind} ${id}`} aria-label={`${WORDS[kind]} ${id}`} className={classes.reviewed}>
          <h3>
            {WORDS[kind]} {id}
          </h3>
          <textarea
            readOnly
            rows={Math.min(source.split('\n').length, 24)}
            value={source}
            spellCheck={false}
            aria-label={`Source of ${id}`}
            data-testid="review-source"
          />
        </section>
      ))}
      <div className={classes.reviewActions}>
        <Button variant="default" onClick={refuse} data-autofocus>
          Do not run it
        </Button>
        <Button onClick={() => lab.answer(true)} data-testid="review-allow">
          I have read it: run it
        </Button>
      </div>
    </Modal>
  );
}
