/** The reader's own figures, to take away. */
import { Button } from '@mantine/core';
import { type ReactElement, useEffect, useState } from 'react';
import { bench } from '../../store/bench-binding';
import classes from './bench.module.css';

/** How long a button says what became of it. */
const ANSWER_MS = 2500;

type Answer = 'JSON copied' | 'Text copied' | 'The browser did not allow copying';

export function Copy(): ReactElement {
  const [answer, setAnswer] = useState<Answer | null>(null);
  useEffect(() => {
    if (answer === null) return undefined;
    const timer = setTimeout(() => setAnswer(null), ANSWER_MS);
    return () => clearTimeout(timer);
  }, [answer]);
  const copy = (text: string, done: Answer): void => {
    const writing = navigator.clipboard?.writeText(text) ?? Promise.reject();
    writing.then(
      () => setAnswer(done),
      () => setAnswer('The browser did not allow copying'),
    );
  };
  const { getState } = bench.store;
  return (
    <div className={classes.copy}>
      <span role="status" className={classes.dim}>
        {answer}
      </span>
      <Button
        size="compact-sm"
        variant="default"
        onClick={() => copy(`${JSON.stringify(getState().result, null, 1)}\n`, 'JSON copied')}
        data-testid="copy-json"
      >
        Copy as JSON
      </Button>
      <Button size="compact-sm" variant="default" onClick={() => copy(getState().table, 'Text copied')} data-testid="copy-text">
        Copy as text
      </Button>
    </div>
  );
}
