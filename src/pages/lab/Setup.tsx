/** The left side: everything that a run is made of, drawn from the catalogue. */
import { memo, type ReactElement, type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import type { Catalogue } from '../../core/catalogue';
import { EVALUATION } from '../../core/spec';
import { addStage, choosePolicy, chooseWorld, entryOf, isAnyEdited } from '../../store/draft';
import { DATASET_PARAM } from '../../store/files';
import { lab, useLab } from '../../store/index';
import { partOf, useLinkView } from '../../store/link-view';
import { Field, Fields } from '../../ui/Field';
import { FilePanel } from '../../ui/FilePanel';
import { Part } from '../../ui/Part';
import { Pick } from '../../ui/Pick';
import { Section } from '../../ui/Section';
import uiClasses from '../../ui/ui.module.css';
import { askedSetting } from './asked';
import { ExperimentPicker } from './ExperimentPicker';
import classes from './lab.module.css';
import { StageCard } from './StageCard';
import { SEED, searchSettings, settingsOf } from './settings';
import { UndoRedo } from './UndoRedo';

export const Setup = memo(function Setup({ searchRef }: { searchRef: RefObject<HTMLInputElement | null> }): ReactElement {
  const catalogue = useLab((state) => state.catalogue);
  const ready = useLab((state) => state.setup !== null);
  const edited = useLab((state) => state.setup !== null && isAnyEdited(state.setup));
  const [query, setQuery] = useState('');
  /** The setting that the page points to, alone. */
  const [only, setOnly] = useState<{ readonly path: string } | null>(null);
  useEffect(
    () =>
      askedSetting.subscribe(() => {
        setQuery('');
        setOnly(askedSetting.get());
      }),
    [],
  );
  return (
    <section data-testid="setup" aria-label="Setup">
      <div className={classes.setupHead}>
        <div className={classes.setupTitle}>
          <h2 className={classes.panelTitle}>Setup</h2>
          <span className={classes.grow} />
          <UndoRedo />
          {edited ? (
            <button type="button" className={uiClasses.link} onClick={() => lab.change((setup) => ({ ...setup, draft: setup.baseline }))}>
              Reset all
            </button>
          ) : null}
        </div>
        <input
          ref={searchRef}
          type="search"
          className={classes.search}
          placeholder="Find a setting  ( / )"
          aria-label="Find a setting"
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return;
            setQuery('');
            event.currentTarget.blur();
          }}
        />
      </div>
      {catalogue === null || !ready ? (
        <p className={`${classes.padded} ${classes.dim}`}>The setup appears once the worker has started and said what the lab can do.</p>
      ) : (
        <>
          {query.trim() === '' ? null : <Found query={query} catalogue={catalogue} />}
          {only === null || query.trim() !== '' ? null : <Only asked={only} catalogue={catalogue} onDone={() => setOnly(null)} />}
          <div hidden={query.trim() !== '' || only !== null}>
            <Whole catalogue={catalogue} />
          </div>
        </>
      )}
    </section>
  );
});

/** One setting, with the keyboard in it. */
function Only({ asked, catalogue, onDone }: { asked: { readonly path: string }; catalogue: Catalogue; onDone: () => void }): ReactElement {
  const draft = useLab((state) => state.setup?.draft);
  const setting = draft === undefined ? undefined : settingsOf(draft, catalogue).find(({ path }) => path === asked.path);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (asked.path !== '') box.current?.querySelector<HTMLElement>('input:not([type="range"]), select')?.focus();
  }, [asked]);
  return (
    <div ref={box} className={classes.padded} data-testid="asked-setting">
      {setting === undefined ? null : (
        <>
          <p className={classes.group}>{setting.group}</p>
          <Field path={setting.path} spec={setting.spec} />
        </>
      )}
      <button type="button" className={uiClasses.link} onClick={onDone}>
        Back to the whole setup
      </button>
    </div>
  );
}

function Found({ query, catalogue }: { query: string; catalogue: Catalogue }): ReactElement {
  const draft = useLab((state) => state.setup?.draft);
  const settings = useMemo(() => (draft === undefined ? [] : settingsOf(draft, catalogue)), [draft, catalogue]);
  const hidden = useLinkView(({ hide }) => hide);
  const visible = settings.filter(({ path }) => !hidden.includes(partOf(path)));
  const found = searchSettings(visible, query).slice(0, 12);
  if (found.length === 0) return <p className={`${classes.padded} ${classes.dim}`}>No setting of this setup is called that.</p>;
  return (
    <div className={classes.padded}>
      {found.map(({ path, group, spec }) => (
        <div key={path}>
          <p className={classes.group}>{group}</p>
          <Field path={path} spec={spec} />
        </div>
      ))}
    </div>
  );
}

const Whole = memo(function Whole({ catalogue }: { catalogue: Catalogue }): ReactElement {
  const worldId = useLab((state) => state.setup?.draft.world.id ?? '');
  const stages = useLab((state) => state.setup?.draft.stages.length ?? 0);
  const world = entryOf(catalogue.worlds, worldId);
  return (
    <>
      <Part id="setup.experiment">
        <Section title="Experiment">
          <ExperimentPicker />
        </Section>
      </Part>
      <Part id="setup.world">
        <Section title="World" note={world.title}>
          <Pick
            label="World"
            testId="world-select"
            value={world.id}
            entries={catalogue.worlds}
            onPick={(id) => lab.open((setup) => chooseWorld(setup, id, catalogue))}
          />
          <FilePanel />
          <DatasetProblem />
          <Fields path="world.params" specs={world.params} skip={[DATASET_PARAM]} />
        </Section>
      </Part>
      <Part id="setup.policy">
        <PolicySection catalogue={catalogue} worldPolicies={world.policies} />
      </Part>
      <Part id="setup.stages">
        {Array.from({ length: stages }, (_, i) => i).map((i) => (
          <StageCard key={i} index={i} catalogue={catalogue} />
        ))}
        <div className={uiClasses.section}>
          <p className={classes.padded} style={{ margin: '8px 0 0' }}>
            <button type="button" className={uiClasses.link} onClick={() => lab.change(addStage)}>
              Add a stage
            </button>
          </p>
        </div>
      </Part>
      <Part id="setup.evaluation">
        <Section title="Evaluation and seed">
          <Field path="seed" spec={SEED} />
          <Fields path="evaluation" specs={EVALUATION} />
        </Section>
      </Part>
    </>
  );
});

function PolicySection({ catalogue, worldPolicies }: { catalogue: Catalogue; worldPolicies: readonly string[] }): ReactElement {
  const policyId = useLab((state) => state.setup?.draft.policy.id ?? '');
  const error = useLab((state) => (state.problem?.where === 'policy' ? state.problem.what : null));
  const policy = entryOf(catalogue.policies, policyId);
  return (
    <Section title="Policy" note={policy.title}>
      <Pick
        label="Policy"
        testId="policy-select"
        value={policy.id}
        entries={worldPolicies.map((id) => entryOf(catalogue.policies, id))}
        error={error}
        onPick={(id) => lab.change((setup) => choosePolicy(setup, id, catalogue))}
      />
      <Fields path="policy.params" specs={policy.params} />
    </Section>
  );
}

/** What is wrong with the file that the world needs. */
function DatasetProblem(): ReactElement | null {
  const problem = useLab((state) => (state.problem?.where === `world.params.${DATASET_PARAM}` ? state.problem.what : null));
  return problem === null ? null : (
    <span className={uiClasses.error} role="alert">
      {problem}
    </span>
  );
}
