/** One stage of training: its objective, its rewards where samples are scored, and its training settings. */
import { ActionIcon, NativeSelect } from '@mantine/core';
import { memo, type ReactElement, useState } from 'react';
import { type Catalogue, FAMILIES, type ObjectiveEntry, type WorldEntry } from '../../core/catalogue';
import type { ParamSpecs } from '../../core/params';
import {
  addWarmUp,
  chooseObjective,
  chooseSource,
  type DraftStage,
  entryOf,
  missingWarmUp,
  moveStage,
  removeStage,
  setStageWorld,
  trainingSpecs,
} from '../../store/draft';
import { DATASET_PARAM } from '../../store/files';
import { lab, useLab } from '../../store/index';
import { Field, Fields } from '../../ui/Field';
import { Icon } from '../../ui/icons';
import { Pick } from '../../ui/Pick';
import type { PickProps } from '../../ui/SearchPick';
import { Section } from '../../ui/Section';
import uiClasses from '../../ui/ui.module.css';
import { Details } from './Details';
import classes from './lab.module.css';
import { isUnfinished, OwnDrafts, withDrafts } from './OwnDrafts';
import { RewardList } from './RewardList';

const DATA = [
  ...['source', 'batchSize', 'prompts', 'group', 'refreshEvery', 'syncEvery', 'dropZeroVariance', 'pairing'],
  ...['temperature', 'topK', 'topP', 'microBatches'],
];
const MAIN = ['begin', 'steps', 'lr'];

export const StageCard = memo(function StageCard({ index, catalogue }: { index: number; catalogue: Catalogue }): ReactElement | null {
  const stage = useLab((state) => state.setup?.draft.stages[index]);
  const count = useLab((state) => state.setup?.draft.stages.length ?? 1);
  const worldId = useLab((state) => state.setup?.draft.world.id ?? '');
  if (stage === undefined) return null;
  const world = entryOf(catalogue.worlds, worldId);
  const objective = entryOf(catalogue.objectives, stage.objective.id);
  return (
    <Section title={count === 1 ? 'Objective' : `Stage ${index + 1}: ${objective.title}`} note={objective.title}>
      {count === 1 ? null : <StageTools index={index} count={count} />}
      <StageBody index={index} catalogue={catalogue} objectiveId={objective.id} source={String(stage.training.source)} worldId={world.id} />
    </Section>
  );
});

interface StageBodyProps {
  readonly index: number;
  readonly catalogue: Catalogue;
  readonly objectiveId: string;
  readonly source: string;
  readonly worldId: string;
}

/** Drawn again only when what stands in it changes, not at every edit of a value. */
const StageBody = memo(function StageBody({ index, catalogue, objectiveId, source, worldId }: StageBodyProps): ReactElement {
  const path = `stages[${index}]`;
  const world = entryOf(catalogue.worlds, worldId);
  const objective = entryOf(catalogue.objectives, objectiveId);
  const specs = trainingSpecs(sourceOnly(source), objective, world);
  const rest = Object.keys(specs).filter((key) => !MAIN.includes(key) && !DATA.includes(key));
  const scored = source === 'samples';
  return (
    <>
      <ObjectivePick index={index} catalogue={catalogue} objective={objective} />
      <WarmUp index={index} catalogue={catalogue} />
      <Fields path={`${path}.objective.params`} specs={objective.params} />
      {scored ? <RewardList index={index} catalogue={catalogue} world={world} /> : null}
      <p className={classes.group}>Training</p>
      <Some path={`${path}.training`} specs={specs} keys={index === 0 ? MAIN.filter((key) => key !== 'begin') : MAIN} />
      <p className={classes.group}>Examples</p>
      {'source' in specs ? (
        <Field
          path={`${path}.training.source`}
          spec={specs.source as ParamSpecs[string]}
          onChange={(value) => lab.change((setup) => chooseSource(setup, index, String(value), catalogue))}
        />
      ) : (
        <p className={uiClasses.note}>{scored ? 'Samples of the policy, scored by the reward.' : "The world's own examples."}</p>
      )}
      <Some path={`${path}.training`} specs={specs} keys={DATA.filter((key) => key !== 'source')} />
      <More path={`${path}.training`} specs={specs} keys={rest} />
      <StageWorld index={index} world={world} />
    </>
  );
});

/** As much of a stage as decides which settings matter. */
const sourceOnly = (source: string): DraftStage => ({ objective: { id: '', params: {} }, rewards: [], training: { source }, world: null });

function Some({ path, specs, keys }: { path: string; specs: ParamSpecs; keys: readonly string[] }): ReactElement {
  const chosen = keys.flatMap((key): [string, ParamSpecs[string]][] => (specs[key] === undefined ? [] : [[key, specs[key]]]));
  return <>{Fields({ path, specs: Object.fromEntries(chosen) })}</>;
}

function More(props: { path: string; specs: ParamSpecs; keys: readonly string[] }): ReactElement {
  const [open, setOpen] = useState(false);
  return (
    <>
      <p className={classes.group}>
        <button type="button" className={uiClasses.link} aria-expanded={open} onClick={() => setOpen(!open)}>
          Optimiser: {open ? 'fewer settings' : 'schedule, decay, clipping'}
        </button>
      </p>
      {open ? <Some {...props} /> : null}
    </>
  );
}

/** World parameters that this stage has for itself, such as which demonstrations it draws. */
function StageWorld({ index, world }: { index: number; world: WorldEntry }): ReactElement | null {
  const own = useLab((state) => Object.keys(state.setup?.draft.stages[index]?.world ?? {}).join(' '));
  const several = useLab((state) => (state.setup?.draft.stages.length ?? 1) > 1);
  const keys = own === '' ? [] : own.split(' ');
  const others = Object.entries(world.params).filter(([key]) => key !== DATASET_PARAM && !keys.includes(key));
  if (!several && keys.length === 0) return null;
  return (
    <>
      <p className={classes.group}>World in this stage</p>
      <Some path={`stages[${index}].world`} specs={world.params} keys={keys} />
      <NativeSelect
        size="xs"
        aria-label={`World settings of stage ${index + 1} alone`}
        value=""
        data={[
          { value: '', label: keys.length === 0 ? 'As in the whole run' : 'The rest as in the whole run' },
          ...others.map(([key, spec]) => ({ value: `+${key}`, label: `Set for this stage: ${spec.title}` })),
          ...keys.map((key) => ({ value: `-${key}`, label: `As in the run again: ${world.params[key]?.title ?? key}` })),
        ]}
        onChange={(event) => {
          const choice = event.currentTarget.value;
          if (choice !== '') lab.change((setup) => setStageWorld(setup, index, choice.slice(1), choice.startsWith('+')));
        }}
      />
    </>
  );
}

function ObjectivePick({ index, catalogue, objective }: { index: number; catalogue: Catalogue; objective: ObjectiveEntry }): ReactElement {
  const error = useLab((state) => (state.problem?.where === `stages[${index}].objective` ? state.problem.what : null));
  const drafts = useLab((state) => state.drafts);
  return (
    <>
      <Pick
        label="Objective"
        testId="objective-select"
        value={objective.id}
        entries={inFamilies(withDrafts(catalogue.objectives, drafts, 'objective'), catalogue)}
        error={error}
        onPick={(id) => {
          if (isUnfinished(id)) lab.own.open(id, `stages[${index}].objective`);
          else lab.change((setup) => chooseObjective(setup, index, id, catalogue));
        }}
      />
      <Details entry={objective} words="Formula and source" kind="objective" place={`stages[${index}].objective`} />
      <OwnDrafts kind="objective" place={`stages[${index}].objective`} />
    </>
  );
}

/** What is said of an objective that would go on from random weights, of which it learns next to nothing. */
function WarmUp({ index, catalogue }: { index: number; catalogue: Catalogue }): ReactElement | null {
  const missing = useLab(({ setup }) => (setup === null ? null : missingWarmUp(setup.draft, index, catalogue)));
  if (missing === null) return null;
  const { id } = typeof missing.objective === 'string' ? { id: missing.objective } : missing.objective;
  return (
    <p className={uiClasses.note} data-testid="warm-up">
      The policy has learned nothing before this stage: it writes at random and is hardly ever right.{' '}
      <button type="button" className={uiClasses.link} onClick={() => lab.change((setup) => addWarmUp(setup, index, catalogue))}>
        Put {entryOf(catalogue.objectives, id).title} before it
      </button>
    </p>
  );
}

/** Entries of the lab lie in their families, in the order of these; the reader's own stay in their group. */
function inFamilies(entries: PickProps['entries'], { objectives }: Catalogue): PickProps['entries'] {
  const families = new Map(objectives.map(({ id, family }) => [id, FAMILIES[family]]));
  const named = entries.map((entry) => ({ ...entry, group: entry.group ?? families.get(entry.id) ?? '' }));
  const order: readonly string[] = Object.values(FAMILIES);
  return named.sort((a, b) => order.indexOf(a.group) - order.indexOf(b.group));
}

function StageTools({ index, count }: { index: number; count: number }): ReactElement {
  return (
    <div className={classes.stageTools}>
      <ActionIcon
        variant="subtle"
        size="sm"
        aria-label={`Move stage ${index + 1} earlier`}
        disabled={index === 0}
        onClick={() => lab.change((setup) => moveStage(setup, index, -1))}
      >
        <Icon name="up" size={14} />
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        size="sm"
        aria-label={`Move stage ${index + 1} later`}
        disabled={index === count - 1}
        onClick={() => lab.change((setup) => moveStage(setup, index, 1))}
      >
        <Icon name="down" size={14} />
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        size="sm"
        aria-label={`Remove stage ${index + 1}`}
        onClick={() => lab.change((setup) => removeStage(setup, index))}
      >
        <Icon name="close" size={14} />
      </ActionIcon>
    </div>
  );
}
