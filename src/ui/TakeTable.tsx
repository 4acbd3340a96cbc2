/** Two buttons that take a table away: to the clipboard, and as a file. */
import { type ReactElement, useEffect, useState } from 'react';
import { tabbed } from '../charts/table';
import { type Cell, csvTable } from '../data/export-csv';
import classes from './controls.module.css';
import { download, fileName } from './download';
import uiClasses from './ui.module.css';

export interface Takeable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** How long it is said what became of it. */
const ANSWER_MS = 2500;

/** @param title names the file, and the table to those who do not see it */
export function TakeTable({ title, table }: { title: string; table: () => Takeable }): ReactElement {
  const [answer, setAnswer] = useState('');
  useEffect(() => {
    if (answer === '') return undefined;
    const timer = setTimeout(() => setAnswer(''), ANSWER_MS);
    return () => clearTimeout(timer);
  }, [answer]);
  const copy = (): void => {
    const { header, rows } = table();
    const writing = navigator.clipboard?.writeText(tabbed(header, rows)) ?? Promise.reject();
    writing.then(
      () => setAnswer(rows.length === 1 ? '1 row copied' : `${rows.length} rows copied`),
      () => setAnswer('The browser did not allow copying'),
    );
  };
  const save = (): void => {
    const { header, rows } = table();
    download(`${fileName(title)}.csv`, csvTable(header, rows), 'text/csv');
  };
  return (
    <span className={classes.take}>
      <span role="status" className={uiClasses.unit}>
        {answer}
      </span>
      <button type="button" className={uiClasses.link} aria-label={`Copy ${title}`} onClick={copy}>
        copy
      </button>
      <button type="button" className={uiClasses.link} aria-label={`Save ${title} as CSV`} onClick={save}>
        CSV
      </button>
    </span>
  );
}
