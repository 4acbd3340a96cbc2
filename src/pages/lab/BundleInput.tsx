/** Where the browser asks for bundles; out of sight, opened by a button beside it. */
import type { ReactElement, Ref } from 'react';
import { takeAll } from './keep';
import classes from './storage.module.css';

export const BundleInput = ({ ref, testId }: { ref: Ref<HTMLInputElement>; testId: string }): ReactElement => (
  <input
    ref={ref}
    type="file"
    accept=".zip,application/zip"
    multiple
    tabIndex={-1}
    aria-hidden="true"
    data-testid={testId}
    className={classes.file}
    onChange={(event) => {
      const picked = [...(event.currentTarget.files ?? [])];
      event.currentTarget.value = '';
      void takeAll(picked);
    }}
  />
);
