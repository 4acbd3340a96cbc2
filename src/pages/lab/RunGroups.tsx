/** The runs by arm: groups that fold, a selection, and the keys of the list. */
import { ActionIcon } from '@mantine/core';
import { type KeyboardEvent, memo, type ReactElement, useCallback, useMemo, useRef, useState } from 'react';
import { Marker } from '../../charts/Marker';
import type { Catalogue } from '../../core/catalogue';
import { armTitle, type Distinction, distinctions, type Group, groupsOf } from '../../store/arms';
import { lab } from '../../store/index';
import { accentOf } from '../../store/palette';
import { isInProgress, type Run } from '../../store/run';
import { Chevron } from '../../ui/Chevron';
import { Icon } from '../../ui/icons';
import uiClasses from '../../ui/ui.module.css';
import { saveBundle, saveMetrics } from './keep';
import classes from './lab.module.css';
import { RunRow } from './RunRow';
import runClasses from './runs.module.css';
import { useSelection } from './useSelection';

/** Larger groups are folded until they are opened. */
const OPEN_UP_TO = 5;

export interface RunGroupsProps {
  /** Those that the filter lets through, the newest first. */
  readonly runs: readonly Run[];
  /** All runs, the oldest first. */
  readonly all: readonly Run[];
  readonly activeId: string | null;
  readonly catalogue: Catalogue | null;
}

/** Pinned runs and their groups come first; apart from that the order stays. */
function sorted(runs: readonly Run[]): Group[] {
  const pinnedFirst = (list: readonly Run[]): Run[] => [...list.filter(({ pinned }) => pinned), ...list.filter(({ pinned }) => !pinned)];
  return groupsOf(pinnedFirst(runs));
}

export default memo(function RunGroups({ runs, all, activeId, catalogue }: RunGroupsProps): ReactElement {
  const groups = useMemo(() => sorted(runs), [runs]);
  const told = useMemo(() => distinctions(groupsOf(all), catalogue), [all, catalogue]);
  const before = useMemo(() => new Map(all.map((run, i) => [run.id, all[i - 1] ?? null])), [all]);
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const [editing, setEditing] = useState<{ readonly id: string; readonly what: 'name' | 'note' } | null>(null);
  const isFolded = ({ arm, runs: members }: Group): boolean => members.length > OPEN_UP_TO !== toggled.has(arm);
  const shown = groups.flatMap((group) => (group.runs.length > 1 && isFolded(group) ? [] : group.runs.map(({ id }) => id)));
  const selection = useSelection(shown, runs);
  const list = useRef<HTMLUListElement>(null);

  const toggle = useCallback((arm: string) => {
    setToggled((old) => new Set(old.has(arm) ? [...old].filter((one) => one !== arm) : [...old, arm]));
  }, []);
  const edit = useCallback((id: string, what: 'name' | 'note' | null) => {
    setEditing(what === null ? null : { id, what });
    // The button that was pressed is gone, and its place in the order of the keys with it.
    if (what === null) requestAnimationFrame(() => focusRun(list.current, id));
  }, []);

  const row = (run: Run, grouped: boolean): ReactElement => (
    <RunRow
      key={run.id}
      run={run}
      before={grouped ? null : (before.get(run.id) ?? null)}
      grouped={grouped}
      active={run.id === activeId}
      selected={selection.ids.has(run.id)}
      editing={editing?.id === run.id ? editing.what : null}
      catalogue={catalogue}
      onSelect={selection.toggle}
      onEdit={edit}
    />
  );
  return (
    <>
      {selection.ids.size === 0 ? null : <Selected runs={runs.filter(({ id }) => selection.ids.has(id))} onClear={selection.clear} />}
      <ul
        ref={list}
        data-testid="runs"
        aria-label="List of runs"
        className={runClasses.list}
        data-selecting={selection.ids.size > 0 || undefined}
        onKeyDown={(event) => onListKey(event, selection, edit)}
      >
        {groups.map((group) =>
          group.runs.length === 1 ? (
            row(group.runs[0], false)
          ) : (
            <GroupItem
              key={group.arm}
              group={group}
              told={told.get(group.arm) ?? []}
              folded={isFolded(group)}
              catalogue={catalogue}
              chosen={group.runs.filter(({ id }) => selection.ids.has(id)).length}
              onFold={toggle}
              onSelect={selection.set}
            >
              {(run) => row(run, true)}
            </GroupItem>
          ),
        )}
      </ul>
    </>
  );
});

const focusRun = (list: HTMLElement | null, id: string): void =>
  list?.querySelector<HTMLElement>(`[data-run="${id}"] [data-run-focus]`)?.focus();

type Selection = ReturnType<typeof useSelection>;

/** Arrows move among groups and runs, with shift they select; x selects, F2 renames, Delete deletes, Escape lets go. */
function onListKey(event: KeyboardEvent<HTMLElement>, selection: Selection, edit: (id: string, what: 'name') => void): void {
  const { target, currentTarget: list, key, shiftKey } = event;
  if (!(target instanceof HTMLElement) || target.matches('input:not([type="checkbox"]), textarea') || event.ctrlKey || event.metaKey)
    return;
  const places = [...list.querySelectorAll<HTMLElement>('[data-run-focus]')];
  const item = target.closest('li');
  const at = places.findIndex((place) => place.closest('li') === item);
  const here = places[at];
  if (here === undefined) return;
  const id = item?.dataset.run;
  const moves: Partial<Record<string, number>> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: places.length - 1 };
  const to = moves[key];
  const folded = here.getAttribute('aria-expanded');
  if (to !== undefined) {
    const next = places[to];
    next?.focus();
    const nextId = next?.closest('li')?.dataset.run;
    if (shiftKey && id !== undefined && nextId !== undefined) selection.set([id, nextId], true);
  } else if ((key === 'ArrowRight' && folded === 'false') || (key === 'ArrowLeft' && folded === 'true')) here.click();
  else if (key === 'Escape') selection.clear();
  else if (id === undefined) return;
  else if (key === 'x') selection.toggle(id, false);
  else if (key === 'F2') edit(id, 'name');
  else if (key === 'Delete') {
    lab.library.remove(...(selection.ids.has(id) ? selection.ids : [id]));
    selection.clear();
    (places[at + 1] ?? places[at - 1])?.focus();
  } else return;
  event.preventDefault();
}

interface GroupItemProps {
  readonly group: Group;
  /** What tells it from the other groups. */
  readonly told: readonly Distinction[];
  readonly folded: boolean;
  readonly catalogue: Catalogue | null;
  /** How many of its runs are selected. */
  readonly chosen: number;
  readonly onFold: (arm: string) => void;
  readonly onSelect: (runIds: readonly string[], selected: boolean) => void;
  readonly children: (run: Run) => ReactElement;
}

function GroupItem({ group, told, folded, catalogue, chosen, onFold, onSelect, children }: GroupItemProps): ReactElement {
  const { arm, runs, accent } = group;
  const title = armTitle(runs[0], catalogue);
  const visible = runs.some((run) => run.visible);
  return (
    <li className={runClasses.group} data-testid="run-group" data-arm={arm}>
      <div className={runClasses.groupHead}>
        <div className={runClasses.groupTop}>
          <input
            type="checkbox"
            className={runClasses.check}
            aria-label={`Select all runs of ${title}`}
            checked={chosen === runs.length}
            ref={(node) => {
              if (node !== null) node.indeterminate = chosen > 0 && chosen < runs.length;
            }}
            onChange={({ currentTarget }) =>
              onSelect(
                runs.map(({ id }) => id),
                currentTarget.checked,
              )
            }
          />
          <button
            type="button"
            className={runClasses.groupName}
            data-run-focus=""
            aria-expanded={!folded}
            title={title}
            onClick={() => onFold(arm)}
          >
            <Chevron open={!folded} />
            <Marker accent={accentOf(accent)} />
            <span className={runClasses.groupTitle}>{title}</span>
          </button>
          <span className={runClasses.count} title={`${runs.length} runs of this arm`}>
            {runs.length}
          </span>
          <ActionIcon
            variant="subtle"
            size="sm"
            aria-label={`Show all runs of ${title} in the charts`}
            aria-pressed={visible}
            title={visible ? 'Hide all' : 'Show all in the charts'}
            onClick={() => {
              for (const run of runs) lab.library.setVisible(run.id, !visible);
            }}
          >
            <Icon name={visible ? 'eye' : 'eyeOff'} size={14} />
          </ActionIcon>
        </div>
        {told.length === 0 ? null : (
          <div className={classes.dim}>
            {told.map(({ path, title: name, value }, i) => (
              <span key={path}>
                {i === 0 ? '' : ' · '}
                {name} <strong>{value}</strong>
              </span>
            ))}
          </div>
        )}
        <div className={`${classes.dim} ${classes.num}`}>{statesInWords(group)}</div>
      </div>
      {folded ? null : <ul className={runClasses.members}>{runs.map(children)}</ul>}
    </li>
  );
}

function statesInWords({ runs, seeds }: Group): string {
  const count = (is: (run: Run) => boolean): number => runs.filter(is).length;
  const parts: [number, string][] = [
    [count((run) => run.state === 'finished'), 'finished'],
    [count(isInProgress), 'in progress'],
    [count((run) => run.state === 'failed'), 'failed'],
    [count((run) => run.state === 'stopped' || run.state === 'interrupted'), 'stopped'],
  ];
  const states = parts.filter(([n]) => n > 0).map(([n, words]) => `${n} ${words}`);
  return `${seeds.length} ${seeds.length === 1 ? 'seed' : 'seeds'}: ${states.join(', ')}`;
}

/** What can be done with all selected runs at once. */
function Selected({ runs, onClear }: { runs: readonly Run[]; onClear: () => void }): ReactElement {
  const starred = runs.every((run) => run.starred);
  const all = (work: (run: Run) => void) => () => {
    for (const run of runs) work(run);
  };
  const actions: [string, () => void][] = [
    ['Show', all(({ id }) => lab.library.setVisible(id, true))],
    ['Hide', all(({ id }) => lab.library.setVisible(id, false))],
    [starred ? 'Unstar' : 'Star', all(({ id }) => lab.library.annotate(id, { starred: !starred }))],
    ['Bundle', () => void saveBundle(runs.map(({ id }) => id))],
    [
      'CSV',
      () =>
        void saveMetrics(
          runs.map(({ id }) => id),
          'csv',
        ),
    ],
    [
      'Delete',
      () => {
        lab.library.remove(...runs.map(({ id }) => id));
        onClear();
      },
    ],
    ['Clear', onClear],
  ];
  return (
    <div className={runClasses.selection} role="toolbar" aria-label="Selected runs" data-testid="selection">
      <strong className={classes.num}>{runs.length} selected</strong>
      {actions.map(([words, act]) => (
        <button key={words} type="button" className={uiClasses.link} onClick={act}>
          {words}
        </button>
      ))}
    </div>
  );
}
