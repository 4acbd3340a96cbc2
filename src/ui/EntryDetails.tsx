/** An objective or reward in full: what it does, its formula, where it comes from, and the code that computes it. */
import { Box, Button, Drawer } from '@mantine/core';
import type { ReactElement } from 'react';
import type { ObjectiveEntry, RewardEntry } from '../core/catalogue';
import { isOwn } from '../core/own';
import type { ParamSpecs } from '../core/params';
import { settingInWords } from '../store/diff';
import { codeOf } from '../store/draft';
import { Formula } from './Formula';
import { Icon } from './icons';
import classes from './ui.module.css';

export interface EntryDetailsProps {
  readonly entry: ObjectiveEntry | RewardEntry;
  readonly onClose: () => void;
  /** Opens the editor on a copy of it, or on itself where it is the reader's own. */
  readonly onEdit: () => void;
}

export default function EntryDetails({ entry, onClose, onEdit }: EntryDetailsProps): ReactElement {
  const objective = 'formula' in entry ? entry : null;
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="xl"
      title={<strong>{entry.title}</strong>}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <p>{entry.summary}</p>
      <Button size="compact-md" variant="default" leftSection={<Icon name="pencil" size={13} />} onClick={onEdit} data-testid="edit-copy">
        {isOwn(entry.id) ? 'Edit' : 'Edit a copy'}
      </Button>
      {objective === null ? <Parts parts={(entry as RewardEntry).parts} /> : <Formula tex={objective.formula} />}
      {objective?.paper === undefined ? null : (
        <p>
          <a href={objective.paper.url} target="_blank" rel="noreferrer">
            {objective.paper.title}
          </a>
        </p>
      )}
      {objective === null ? <p>{entry.source}</p> : null}
      <Settings params={entry.params} />
      {objective?.differs === undefined ? null : (
        <section aria-label="Where frameworks differ" className={classes.detail}>
          <h3 className={classes.sectionTitle}>Where frameworks differ</h3>
          <p>{objective.differs}</p>
        </section>
      )}
      <Source code={codeOf(entry)} />
    </Drawer>
  );
}

function Parts({ parts }: { parts: Readonly<Record<string, string>> }): ReactElement | null {
  const entries = Object.entries(parts);
  if (entries.length === 0) return null;
  return (
    <dl>
      {entries.map(([name, words]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{words}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What can be set, with the values that it has unless told otherwise. */
function Settings({ params }: { params: ParamSpecs }): ReactElement | null {
  const entries = Object.entries(params);
  if (entries.length === 0) return null;
  return (
    <section aria-label="Settings" className={classes.detail}>
      <h3 className={classes.sectionTitle}>Settings</h3>
      <Box component="section" tabIndex={0} className={classes.settingsBox} aria-label="Settings with their defaults">
        <table className={classes.settings}>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Default</th>
              <th scope="col">What it does</th>
            </tr>
          </thead>
          <tbody>
            {entries.map(([key, spec]) => (
              <tr key={key}>
                <th scope="row">
                  <code>{key}</code>
                </th>
                <td>{settingInWords(spec.default, spec)}</td>
                <td>{spec.help}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Box>
    </section>
  );
}

/** TypeScript with its comments set back. */
function Source({ code }: { code: string }): ReactElement {
  const pieces = code.split(/(\/\*[\s\S]*?\*\/|\/\/[^\n]*)/);
  let offset = 0;
  return (
    <section aria-label="Source">
      <h3 className={classes.sectionTitle}>The code that computes it</h3>
      <Box component="pre" tabIndex={0} className={classes.source}>
        {pieces.map((piece) => {
          offset += piece.length;
          return (
            <span key={offset} className={/^\/[*/]/.test(piece) ? classes.comment : undefined}>
              {piece}
            </span>
          );
        })}
      </Box>
    </section>
  );
}
