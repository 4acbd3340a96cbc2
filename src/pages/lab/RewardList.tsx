/** What a stage's completions are scored by: one reward, or several with their weights. */
import { ActionIcon, NativeSelect } from '@mantine/core';
import { type ReactElement, useRef } from 'react';
import type { Catalogue, RewardEntry, WorldEntry } from '../../core/catalogue';
import { isOwn } from '../../core/own';
import { WEIGHT } from '../../core/spec';
import { addReward, chooseReward, entryOf, removeReward } from '../../store/draft';
import { lab, useLab } from '../../store/index';
import { Field, Fields } from '../../ui/Field';
import { Icon } from '../../ui/icons';
import { Pick } from '../../ui/Pick';
import { Details } from './Details';
import classes from './lab.module.css';
import { isUnfinished, OwnDrafts, withDrafts } from './OwnDrafts';

export interface RewardListProps {
  readonly index: number;
  readonly catalogue: Catalogue;
  readonly world: WorldEntry;
}

export function RewardList({ index, catalogue, world }: RewardListProps): ReactElement {
  const chosen = useLab((state) => state.setup?.draft.stages[index]?.rewards.map(({ id }) => id).join(' ') ?? '');
  const ids = chosen.split(' ').filter(Boolean);
  // The place is part of what an item is: its settings are found by it.
  const items = ids.map((id, at) => ({ id, at, key: `${at} ${id}` }));
  const fitting = catalogue.rewards.filter(({ id }) => isOwn(id) || world.rewards.includes(id));
  const others = fitting.filter(({ id }) => !ids.includes(id));
  const error = useLab((state) => (state.problem?.where === `stages[${index}].rewards` ? state.problem.what : null));
  const add = useRef<HTMLSelectElement>(null);
  return (
    <>
      {items.map(({ id, at, key }) => (
        <RewardItem
          key={key}
          index={index}
          at={at}
          count={ids.length}
          catalogue={catalogue}
          entries={fitting.filter((entry) => entry.id === id || others.includes(entry))}
          reward={entryOf(catalogue.rewards, id)}
          onRemove={() => {
            lab.change((setup) => removeReward(setup, index, at));
            add.current?.focus();
          }}
        />
      ))}
      <NativeSelect
        ref={add}
        size="xs"
        mt={8}
        aria-label={`Add a reward to stage ${index + 1}`}
        data-testid="reward-add"
        value=""
        error={error}
        disabled={others.length === 0}
        data={[{ value: '', label: 'Add a reward' }, ...others.map(({ id, title }) => ({ value: id, label: title }))]}
        onChange={(event) => {
          const id = event.currentTarget.value;
          if (id !== '') lab.change((setup) => addReward(setup, index, id, catalogue));
        }}
      />
      <OwnDrafts kind="reward" place={`stages[${index}].rewards[0]`} />
    </>
  );
}

interface RewardItemProps {
  readonly index: number;
  readonly at: number;
  readonly count: number;
  readonly catalogue: Catalogue;
  /** What may stand here: no reward stands twice in a sum. */
  readonly entries: readonly RewardEntry[];
  readonly reward: RewardEntry;
  readonly onRemove: () => void;
}

function RewardItem({ index, at, count, catalogue, entries, reward, onRemove }: RewardItemProps): ReactElement {
  const place = `stages[${index}].rewards[${at}]`;
  const error = useLab((state) => (state.problem?.where === place ? state.problem.what : null));
  const drafts = useLab((state) => state.drafts);
  const isWeighted = useLab((state) => count > 1 || state.setup?.draft.stages[index]?.rewards[at]?.weight !== WEIGHT.default);
  const name = count === 1 ? 'Reward' : `Reward ${at + 1}`;
  return (
    <>
      <div className={classes.rewardHead}>
        <p className={classes.group}>{name}</p>
        {count === 1 ? null : (
          <ActionIcon
            variant="subtle"
            size="sm"
            aria-label={`Remove reward ${at + 1}: ${reward.title}`}
            title="Remove"
            data-testid={`reward-remove-${at + 1}`}
            onClick={onRemove}
          >
            <Icon name="close" size={14} />
          </ActionIcon>
        )}
      </div>
      <Pick
        label={name}
        testId={at === 0 ? 'reward-select' : `reward-select-${at + 1}`}
        value={reward.id}
        entries={withDrafts(entries, drafts, 'reward')}
        error={error}
        onPick={(id) => {
          if (isUnfinished(id)) lab.own.open(id, place);
          else lab.change((setup) => chooseReward(setup, index, at, id, catalogue));
        }}
      />
      <Details entry={reward} words="Parts and source" kind="reward" place={place} />
      {isWeighted ? <Field path={`${place}.weight`} spec={WEIGHT} /> : null}
      <Fields path={`${place}.params`} specs={reward.params} />
    </>
  );
}
