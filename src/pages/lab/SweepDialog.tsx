/** Sets up sweeps: settings, the values that each takes, and what that comes to before anything trains. */
import { ActionIcon, Button, Modal } from '@mantine/core';
import { type ReactElement, useDeferredValue, useId, useMemo, useState } from 'react';
import type { Catalogue } from '../../core/catalogue';
import type { ParamSpec, ParamValue } from '../../core/params';
import type { RunSpec } from '../../core/spec';
import { settingInWords } from '../../store/diff';
import type { Setup } from '../../store/draft';
import { formatCount } from '../../store/format';
import { lab, useLab } from '../../store/index';
import { getAt } from '../../store/path';
import { canSweep, countOf, newSweep, type PlanProblem, planRuns, type Sweep, type SweptValues, valuesOf } from '../../store/plan';
import { Icon } from '../../ui/icons';
import { sentence } from '../../ui/NumberField';
import uiClasses from '../../ui/ui.module.css';
import classes from './lab.module.css';
import { timeInWords } from './queue-words';
import runClasses from './runs.module.css';
import { SeedCount } from './SeedCount';
import { type Setting, searchSettings, settingsOf } from './settings';

export default function SweepDialog({ onClose }: { onClose: () => void }): ReactElement | null {
  const setup = useLab((state) => state.setup);
  const catalogue = useLab((state) => state.catalogue);
  if (setup === null || catalogue === null) return null;
  return (
    <Modal opened onClose={onClose} title="Seeds and sweeps" size="lg" closeButtonProps={{ 'aria-label': 'Close' }}>
      <Content setup={setup} catalogue={catalogue} onClose={onClose} />
    </Modal>
  );
}

const setSweeps = (change: (sweeps: readonly Sweep[]) => readonly Sweep[]): void => {
  const { plan } = lab.store.getState();
  lab.setPlan({ ...plan, sweeps: change(plan.sweeps) });
};

function Content({ setup, catalogue, onClose }: { setup: Setup; catalogue: Catalogue; onClose: () => void }): ReactElement {
  const plan = useLab((state) => state.plan);
  const settled = useDeferredValue(plan);
  const planned = useMemo(() => planRuns(setup, settled, catalogue), [setup, settled, catalogue]);
  const settings = useMemo(() => settingsOf(setup.draft, catalogue).filter(({ path, spec }) => canSweep(path, spec)), [setup, catalogue]);
  const { problem } = planned;
  return (
    <>
      <p className={uiClasses.note}>
        Each combination of values is an arm. All arms are trained with the same seeds, which give them the same base data.
      </p>
      {plan.sweeps.map((sweep, i) => (
        <SweepItem
          key={sweep.path}
          sweep={sweep}
          group={settings.find(({ path }) => path === sweep.path)?.group ?? ''}
          problem={problem?.path === sweep.path ? problem : null}
          onChange={(values) => setSweeps((sweeps) => sweeps.map((one, k) => (k === i ? { ...one, values } : one)))}
          onRemove={() => setSweeps((sweeps) => sweeps.filter((_, k) => k !== i))}
        />
      ))}
      <Picker
        settings={settings.filter(({ path }) => plan.sweeps.every((sweep) => sweep.path !== path))}
        onPick={({ path, spec }) => setSweeps((sweeps) => [...sweeps, newSweep(path, spec, getAt(setup.draft, path) as ParamValue)])}
      />
      <Total specs={planned.runs?.map(({ spec }) => spec) ?? null} problem={problem} onClose={onClose} />
    </>
  );
}

interface SweepItemProps {
  readonly sweep: Sweep;
  readonly group: string;
  readonly problem: PlanProblem | null;
  readonly onChange: (values: SweptValues) => void;
  readonly onRemove: () => void;
}

function SweepItem({ sweep, group, problem, onChange, onRemove }: SweepItemProps): ReactElement {
  const { spec, values } = sweep;
  return (
    <section className={runClasses.sweep} aria-label={`Sweep over ${spec.title}`} data-testid="sweep-item">
      <div className={runClasses.sweepHead}>
        <h3 className={runClasses.sweepTitle}>{spec.title}</h3>
        <span className={classes.dim}>{group}</span>
        <ActionIcon variant="subtle" size="sm" aria-label={`Remove the sweep over ${spec.title}`} title="Remove" onClick={onRemove}>
          <Icon name="close" size={14} />
        </ActionIcon>
      </div>
      {values.kind === 'some' ? (
        <Some spec={spec} values={values.values} onChange={onChange} />
      ) : (
        <Numbers sweep={sweep} wrong={problem !== null} onChange={onChange} />
      )}
      {problem === null ? (
        <span className={classes.dim}>{inWords(sweep)}</span>
      ) : (
        <span className={uiClasses.error} role="alert">
          {sentence(problem.what)}
        </span>
      )}
    </section>
  );
}

const MANY = 12;

function inWords(sweep: Sweep): string {
  try {
    const values = valuesOf(sweep);
    const shown = values.slice(0, MANY).map((value) => settingInWords(value, sweep.spec));
    return `${values.length} ${values.length === 1 ? 'value' : 'values'}: ${shown.join(', ')}${values.length > MANY ? ', …' : ''}`;
  } catch {
    return '';
  }
}

/** Some of the values of a choice or a flag. */
function Some({ spec, values, onChange }: { spec: ParamSpec; values: readonly ParamValue[]; onChange: SweepItemProps['onChange'] }) {
  const all: readonly ParamValue[] = spec.kind === 'choice' ? spec.options.map(({ value }) => value) : [false, true];
  return (
    <div className={runClasses.choices}>
      {all.map((value) => (
        <label key={String(value)}>
          <input
            type="checkbox"
            checked={values.includes(value)}
            onChange={({ currentTarget }) =>
              onChange({ kind: 'some', values: all.filter((one) => (one === value ? currentTarget.checked : values.includes(one))) })
            }
          />
          {settingInWords(value, spec)}
        </label>
      ))}
    </div>
  );
}

function Numbers({ sweep, wrong, onChange }: { sweep: Sweep; wrong: boolean; onChange: SweepItemProps['onChange'] }): ReactElement {
  const { spec, values } = sweep;
  const name = useId();
  const toRange = (): void => {
    const log = spec.kind === 'number' && spec.scale === 'log';
    const [first, last] = endsOf(sweep);
    onChange({ kind: 'range', from: first, to: last, count: 3, scale: log ? 'log' : 'linear' });
  };
  return (
    <>
      <div className={runClasses.choices} role="radiogroup" aria-label={`Values of ${spec.title}`}>
        <label>
          <input
            type="radio"
            name={name}
            checked={values.kind === 'list'}
            onChange={() => onChange({ kind: 'list', text: listed(sweep) })}
          />
          List
        </label>
        <label>
          <input type="radio" name={name} checked={values.kind === 'range'} onChange={toRange} />
          Range
        </label>
      </div>
      {values.kind === 'list' ? (
        <input
          className={runClasses.text}
          aria-label={`Values of ${spec.title}, apart by commas`}
          aria-invalid={wrong}
          placeholder="0.01, 0.1, 1"
          autoComplete="off"
          spellCheck={false}
          value={values.text}
          onChange={({ currentTarget }) => onChange({ kind: 'list', text: currentTarget.value })}
        />
      ) : null}
      {values.kind === 'range' ? <Range title={spec.title} range={values} wrong={wrong} onChange={onChange} /> : null}
    </>
  );
}

interface RangeProps {
  readonly title: string;
  readonly range: SweptValues & { kind: 'range' };
  readonly wrong: boolean;
  readonly onChange: SweepItemProps['onChange'];
}

function Range({ title, range, wrong, onChange }: RangeProps): ReactElement {
  const fields = [
    ['from', 'From'],
    ['to', 'to'],
    ['count', 'values'],
  ] as const;
  return (
    <div className={runClasses.choices}>
      {fields.map(([key, words]) => (
        <label key={key}>
          {words}
          <input
            className={`${runClasses.text} ${runClasses.number}`}
            inputMode="decimal"
            autoComplete="off"
            aria-label={key === 'count' ? `Number of values of ${title}` : `${title} ${key}`}
            aria-invalid={wrong}
            defaultValue={String(range[key])}
            onChange={({ currentTarget }) => onChange({ ...range, [key]: numberOf(currentTarget.value) })}
          />
        </label>
      ))}
      <label>
        <select
          className={runClasses.select}
          aria-label={`Steps of ${title}`}
          value={range.scale}
          onChange={({ currentTarget }) => onChange({ ...range, scale: currentTarget.value === 'log' ? 'log' : 'linear' })}
        >
          <option value="linear">linear</option>
          <option value="log">logarithmic</option>
        </select>
      </label>
    </div>
  );
}

/** What is no number stays as it was typed. */
function numberOf(typed: string): ParamValue {
  const text = typed.trim().replace('−', '-');
  return text === '' || !Number.isFinite(Number(text)) ? text : Number(text);
}

function listed(sweep: Sweep): string {
  try {
    return valuesOf(sweep)
      .map((value) => settingInWords(value, sweep.spec))
      .join(', ');
  } catch {
    return '';
  }
}

/** The ends of the list where it has two, else a range around its value. */
function endsOf(sweep: Sweep): [ParamValue, ParamValue] {
  const { spec } = sweep;
  if (spec.kind !== 'number') return ['', ''];
  let values: readonly ParamValue[] = [];
  try {
    values = valuesOf(sweep);
  } catch {
    // What cannot be read yet leaves the ends of the setting.
  }
  const [first, last] = [values[0], values.at(-1)];
  if (values.length > 1 && first !== undefined && last !== undefined) return [first, last];
  const middle = typeof first === 'number' && first !== 0 ? first : spec.default;
  const within = (value: number): number => Math.min(spec.max, Math.max(spec.min, spec.integer ? Math.round(value) : value));
  const clean = (value: number): number => Number(value.toPrecision(4));
  return middle === 0 ? [spec.min, spec.max] : [clean(within(middle / 10)), clean(within(middle * 10))];
}

const LISTED = 40;

function Picker({ settings, onPick }: { settings: readonly Setting[]; onPick: (setting: Setting) => void }): ReactElement {
  const [query, setQuery] = useState('');
  const id = useId();
  const found = (query.trim() === '' ? settings : searchSettings(settings, query)).slice(0, LISTED);
  const pick = (setting: Setting): void => {
    setQuery('');
    onPick(setting);
  };
  return (
    <>
      <label htmlFor={id} className={classes.group}>
        Sweep over
      </label>
      <input
        id={id}
        type="search"
        className={classes.search}
        placeholder="Find a setting"
        data-autofocus
        data-testid="sweep-search"
        value={query}
        onChange={({ currentTarget }) => setQuery(currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || found[0] === undefined) return;
          event.preventDefault();
          pick(found[0]);
        }}
      />
      <ul className={runClasses.found} aria-label="Settings">
        {found.map((setting) => (
          <li key={setting.path}>
            <button type="button" className={classes.arm} title={setting.spec.help} onClick={() => pick(setting)}>
              {setting.spec.title}
              <span className={runClasses.foundGroup}>{setting.group}</span>
            </button>
          </li>
        ))}
        {found.length === 0 ? <li className={classes.dim}>No setting of this setup is called that.</li> : null}
      </ul>
    </>
  );
}

function Total({ specs, problem, onClose }: { specs: readonly RunSpec[] | null; problem: PlanProblem | null; onClose: () => void }) {
  const plan = useLab((state) => state.plan);
  const ready = useLab((state) => state.engine.phase === 'ready');
  const count = countOf(plan);
  const factors = [`${plan.seeds} ${plan.seeds === 1 ? 'seed' : 'seeds'}`, ...plan.sweeps.map(inWords).map((words) => words.split(':')[0])];
  return (
    <div className={runClasses.total}>
      <SeedCount />
      <p className={runClasses.totalWords} data-testid="sweep-total" role="status">
        {specs === null ? (
          <span className={uiClasses.error}>{problem === null ? '' : sentence(problem.what)}</span>
        ) : (
          <>
            <strong>
              {formatCount(specs.length)} {specs.length === 1 ? 'run' : 'runs'}
            </strong>
            {specs.length === 1 ? '' : ` (${factors.join(' × ')})`}. {timeInWords(specs)}
          </>
        )}
      </p>
      <Button
        data-testid="sweep-train"
        disabled={specs === null || count === 0 || !ready}
        leftSection={<Icon name="play" size={12} />}
        onClick={() => {
          onClose();
          lab.trainPlan();
        }}
      >
        {specs === null || specs.length === 1 ? 'Train' : `Train ${formatCount(specs.length)} runs`}
      </Button>
    </div>
  );
}
