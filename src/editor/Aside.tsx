/** Beside the text: what is wrong with it, line by line, and what it says of itself. */
import type { ReactElement } from 'react';
import type { ObjectiveEntry, RewardEntry } from '../core/catalogue';
import type { OwnKind } from '../core/own';
import { Formula } from '../ui/Formula';
import { sentence } from '../ui/NumberField';
import classes from './editor.module.css';
import type { Finding } from './findings';

export interface AsideProps {
  readonly entry: ObjectiveEntry | RewardEntry | null;
  readonly kind: OwnKind;
  readonly findings: readonly Finding[];
  readonly onFinding: (from: number) => void;
}

export function Aside({ entry, kind, findings, onFinding }: AsideProps): ReactElement {
  return (
    <aside className={classes.aside} aria-label="Errors and formula">
      {findings.length === 0 ? null : (
        <section aria-label="Errors">
          <h3>What is wrong</h3>
          <ul className={classes.findings} data-testid="findings">
            {findings.map(({ line, column, from, message, fatal }) => (
              <li key={`${from} ${message}`}>
                <button
                  type="button"
                  className={classes.finding}
                  data-fatal={fatal}
                  title={`Go to line ${line}, column ${column}`}
                  onClick={() => onFinding(from)}
                >
                  <span className={classes.findingLine}>line {line}</span>
                  <span>{sentence(message)}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
      {entry === null ? null : <About entry={entry} />}
      <p className={classes.dim} id="own-keys">
        {kind === 'objective'
          ? 'An objective sees log-probabilities, never the model; it returns a scalar to minimise and diagnostics to chart.'
          : 'A reward sees one completion at a time and returns its total, with named parts to chart.'}{' '}
        Tab indents; Ctrl-M lets Tab leave the text. Ctrl-Space completes. It runs without network, storage or page.
      </p>
    </aside>
  );
}

function About({ entry }: { entry: ObjectiveEntry | RewardEntry }): ReactElement {
  return (
    <section aria-label={'formula' in entry ? 'Formula' : 'Parts'}>
      {'formula' in entry ? (
        <>
          <h3>Formula</h3>
          <Formula tex={entry.formula} />
        </>
      ) : (
        <Parts parts={entry.parts} />
      )}
      <p className={classes.dim}>{entry.summary}</p>
    </section>
  );
}

function Parts({ parts }: { parts: Readonly<Record<string, string>> }): ReactElement {
  const entries = Object.entries(parts);
  return (
    <>
      <h3>Parts</h3>
      {entries.length === 0 ? <p className={classes.dim}>It reports no parts beside its total.</p> : null}
      <dl>
        {entries.map(([name, words]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
