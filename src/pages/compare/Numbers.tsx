/** The numbers of each arm, mean and deviation over seeds, and how the arms differ seed by seed. */
import { memo, type ReactElement, useCallback, useId, useState } from 'react';
import { Marker } from '../../charts/Marker';
import { useDrawing } from '../../charts/useDrawing';
import type { MetricSpec } from '../../core/charts';
import { type ArmNumbers, differencesOf, numbersOf } from '../../store/compare';
import { formatNumber } from '../../store/format';
import { lab } from '../../store/index';
import { accentOf } from '../../store/palette';
import { changeView, type Reading, useView } from '../../store/views';
import uiClasses from '../../ui/controls.module.css';
import classes from './compare.module.css';
import { Differences } from './Differences';
import { SortableTable, type TableColumn } from './SortableTable';
import type { Compared } from './useCompared';

export interface NumbersProps {
  readonly compared: Compared;
  readonly metrics: readonly string[];
  readonly specs: Readonly<Record<string, MetricSpec>>;
}

const READINGS: Readonly<Record<Reading, string>> = {
  last: 'last value',
  largest: 'largest value',
  smallest: 'smallest value',
  step: 'value at step',
};

export const Numbers = memo(function Numbers({ compared, metrics, specs }: NumbersProps): ReactElement {
  const { groups, names } = compared;
  const { reading, step, base } = useView('compare');
  const [numbers, setNumbers] = useState<readonly ArmNumbers[]>([]);
  const draw = useCallback(
    () => setNumbers(numbersOf(groups, metrics, { reading, step }, lab.recordings)),
    [groups, metrics, reading, step],
  );
  useDrawing(
    lab.recordings,
    groups.flatMap(({ runs }) => runs.map(({ id }) => id)),
    draw,
  );
  const titleOf = (metric: string): string => specs[metric]?.title ?? metric;
  const nameOf = (arm: string): string => names.get(arm) ?? arm;
  const held = groups.some(({ arm }) => arm === base) ? (base as string) : (groups[0]?.arm ?? '');
  return (
    <>
      <section className={classes.card} aria-labelledby="compare-numbers">
        <div className={classes.cardHead}>
          <h3 id="compare-numbers" className={classes.cardTitle}>
            Numbers
          </h3>
          <ReadingChoice />
        </div>
        <ArmTable numbers={numbers} metrics={metrics} compared={compared} titleOf={titleOf} specs={specs} />
      </section>
      <section className={classes.card} aria-labelledby="compare-differences">
        <div className={classes.cardHead}>
          <h3 id="compare-differences" className={classes.cardTitle}>
            Paired differences
          </h3>
          {groups.length < 2 ? null : (
            <label className={classes.choice}>
              against
              <select
                className={uiClasses.control}
                data-testid="compare-base"
                value={held}
                onChange={(event) => changeView('compare', { base: event.currentTarget.value })}
              >
                {groups.map(({ arm }) => (
                  <option key={arm} value={arm}>
                    {nameOf(arm)}
                  </option>
                ))}
              </select>
            </label>
          )}
        </div>
        {groups.length < 2 ? (
          <p className={classes.dim}>One arm is ticked. With a second one, the difference of each metric stands here, seed by seed.</p>
        ) : (
          <Differences rows={differencesOf(numbers, held, metrics)} nameOf={nameOf} titleOf={titleOf} against={nameOf(held)} />
        )}
      </section>
    </>
  );
});

function ReadingChoice(): ReactElement {
  const { reading, step } = useView('compare');
  const id = useId();
  return (
    <span className={classes.choice}>
      <label htmlFor={id}>of each run the</label>
      <select
        id={id}
        className={uiClasses.control}
        data-testid="compare-reading"
        value={reading}
        onChange={(event) => changeView('compare', { reading: event.currentTarget.value as Reading })}
      >
        {Object.entries(READINGS).map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
      {reading === 'step' ? (
        <input
          type="number"
          className={`${uiClasses.control} ${classes.stepField}`}
          aria-label="Step"
          min={0}
          value={step}
          onChange={(event) => changeView('compare', { step: Math.max(0, event.currentTarget.valueAsNumber || 0) })}
        />
      ) : null}
    </span>
  );
}

interface ArmTableProps {
  readonly numbers: readonly ArmNumbers[];
  readonly metrics: readonly string[];
  readonly compared: Compared;
  readonly titleOf: (metric: string) => string;
  readonly specs: Readonly<Record<string, MetricSpec>>;
}

function ArmTable({ numbers, metrics, compared: { groups, names }, titleOf, specs }: ArmTableProps): ReactElement {
  const accents = new Map(groups.map(({ arm, accent }) => [arm, accent]));
  const nameOf = ({ arm }: ArmNumbers): string => names.get(arm) ?? arm;
  const columns: TableColumn<ArmNumbers>[] = [
    {
      id: 'arm',
      title: 'Arm',
      numeric: false,
      value: nameOf,
      cell: (row) => (
        <>
          <Marker accent={accentOf(accents.get(row.arm) ?? 0)} size={9} /> {nameOf(row)}
          {row.unfinished === 0 ? null : (
            <span className={classes.dim}>
              {' '}
              {row.unfinished} of {row.runs.length} not at the end
            </span>
          )}
        </>
      ),
    },
    ...metrics.map((metric) => metricColumn(metric, titleOf(metric), specs[metric]?.help)),
  ];
  return <SortableTable title="Numbers by arm" columns={columns} rows={numbers} keyOf={({ arm }) => arm} />;
}

function metricColumn(metric: string, title: string, help = ''): TableColumn<ArmNumbers> {
  const of = ({ summaries }: ArmNumbers) => summaries.get(metric) ?? { n: 0, mean: Number.NaN, std: Number.NaN };
  return {
    id: metric,
    title,
    help: `${help} Mean ± standard deviation over seeds.`.trim(),
    numeric: true,
    value: (row) => of(row).mean,
    cell: (row) => {
      const { n, mean, std } = of(row);
      if (n === 0) return <span className={classes.dim}>not measured</span>;
      return (
        <>
          {formatNumber(mean)} {n < 2 ? null : <span>± {formatNumber(std)} </span>}
          <span className={classes.dim}>n {n}</span>
        </>
      );
    },
    taken: [
      { title: `${metric} mean`, value: (row) => of(row).mean },
      { title: `${metric} std`, value: (row) => of(row).std },
      { title: `${metric} n`, value: (row) => of(row).n },
    ],
  };
}
