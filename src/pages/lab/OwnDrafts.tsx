/** The reader's own objectives or rewards: choose one to edit, give it another name, delete it. */
import { ActionIcon } from '@mantine/core';
import { type ReactElement, useState } from 'react';
import type { CatalogueEntry } from '../../core/catalogue';
import type { OwnKind } from '../../core/own';
import { lab, useLab } from '../../store/index';
import type { OwnDraft } from '../../store/own-drafts';
import { Icon } from '../../ui/icons';
import uiClasses from '../../ui/ui.module.css';
import classes from './lab.module.css';

const GROUP = 'Your own';

/** The lab's entries, and the reader's own of a kind as a group of theirs, those included that cannot be used yet. */
export function withDrafts(
  entries: readonly CatalogueEntry[],
  drafts: readonly OwnDraft[],
  kind: OwnKind,
): (Pick<CatalogueEntry, 'id' | 'title' | 'summary'> & { group?: string })[] {
  const unfinished = drafts.filter((draft) => draft.kind === kind && draft.sound === null);
  return [
    ...entries.map((entry) => (entry.base === undefined ? entry : { ...entry, group: GROUP })),
    ...unfinished.map(({ id, name }) => ({ id, title: `${name} (unfinished)`, summary: '', group: GROUP })),
  ];
}

/** Whether an id is of a draft that cannot be used yet; it is opened in the editor instead. */
export const isUnfinished = (id: string): boolean => lab.store.getState().drafts.some((draft) => draft.id === id && draft.sound === null);

export function OwnDrafts({ kind, place }: { kind: OwnKind; place: string }): ReactElement | null {
  const drafts = useLab((state) => state.drafts);
  const [open, setOpen] = useState(false);
  const own = drafts.filter((draft) => draft.kind === kind);
  if (own.length === 0) return null;
  return (
    <>
      <p className={classes.links}>
        <button type="button" className={uiClasses.link} aria-expanded={open} onClick={() => setOpen(!open)}>
          Your own: {own.length} {own.length === 1 ? 'draft' : 'drafts'}
        </button>
      </p>
      {open ? (
        <ul className={classes.arms} data-testid="own-drafts" aria-label={`Your own ${kind}s`}>
          {own.map((draft) => (
            <Row key={draft.id} draft={draft} place={place} />
          ))}
        </ul>
      ) : null}
    </>
  );
}

function Row({ draft, place }: { draft: OwnDraft; place: string }): ReactElement {
  const [renaming, setRenaming] = useState(false);
  const { id, name, base, sound } = draft;
  if (renaming) {
    return (
      <li className={classes.runTop}>
        <Rename draft={draft} onDone={() => setRenaming(false)} />
      </li>
    );
  }
  return (
    <li className={classes.runTop}>
      <button
        type="button"
        className={classes.arm}
        style={{ minWidth: 0 }}
        title={`Edit ${name}, edited from ${base}`}
        onClick={() => lab.own.open(id, place)}
      >
        <span>{name}</span>
        <span className={classes.dim}>{sound === null ? 'unfinished' : `from ${base}`}</span>
      </button>
      <ActionIcon variant="subtle" size="sm" aria-label={`Rename ${name}`} title="Rename" onClick={() => setRenaming(true)}>
        <Icon name="pencil" size={13} />
      </ActionIcon>
      <ActionIcon variant="subtle" size="sm" aria-label={`Delete ${name}`} title="Delete" onClick={() => lab.own.remove(id)}>
        <Icon name="trash" size={14} />
      </ActionIcon>
    </li>
  );
}

function Rename({ draft, onDone }: { draft: OwnDraft; onDone: () => void }): ReactElement {
  const keep = (name: string): void => {
    onDone();
    lab.own.rename(draft.id, name);
  };
  return (
    <input
      className={classes.rename}
      defaultValue={draft.name}
      aria-label={`New name of ${draft.name}`}
      maxLength={60}
      ref={(node) => node?.select()}
      onBlur={(event) => keep(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') keep(event.currentTarget.value);
        if (event.key === 'Escape') onDone();
      }}
    />
  );
}
