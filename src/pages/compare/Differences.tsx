/** The difference of each arm from another one, seed by seed. */
import type { ReactElement } from 'react';
import type { DifferenceRow } from '../../store/compare';
import { formatNumber } from '../../store/format';
import classes from './compare.module.css';
import { SortableTable, type TableColumn } from './SortableTable';

/** The fewest seeds from which the lab calls an effect shown. */
const ENOUGH = 10;

export interface DifferencesProps {
  readonly rows: readonly DifferenceRow[];
  readonly nameOf: (arm: string) => string;
  readonly titleOf: (metric: string) => string;
  readonly against: string;
}

export function Differences({ rows, nameOf, titleOf, against }: DifferencesProps): ReactElement {
  const widest = new Map<string, number>();
  for (const { metric, paired } of rows) {
    const ends = [paired.mean, ...(paired.interval ?? [])].map(Math.abs).filter(Number.isFinite);
    widest.set(metric, Math.max(widest.get(metric) ?? 0, ...ends));
  }
  const columns: TableColumn<DifferenceRow>[] = [
    { id: 'metric', title: 'Metric', numeric: false, value: ({ metric }) => titleOf(metric), cell: ({ metric }) => titleOf(metric) },
    { id: 'arm', title: 'Arm', numeric: false, value: ({ arm }) => nameOf(arm), cell: ({ arm }) => nameOf(arm) },
    {
      id: 'mean',
      title: 'Difference',
      help: `Mean over seeds of the arm less ${against}.`,
      numeric: true,
      value: ({ paired }) => paired.mean,
      cell: ({ paired }) => (paired.seeds.length === 0 ? <span className={classes.dim}>no common seed</span> : signed(paired.mean)),
    },
    {
      id: 'interval',
      title: '95 % interval',
      help: 'Percentile bootstrap of the mean over seeds, 2000 resamples.',
      numeric: true,
      value: ({ paired }) => paired.interval?.[0] ?? Number.NaN,
      cell: ({ metric, paired }) => <Interval paired={paired} widest={widest.get(metric) ?? 0} />,
      taken: [
        { title: '95 % low', value: ({ paired }) => paired.interval?.[0] ?? null },
        { title: '95 % high', value: ({ paired }) => paired.interval?.[1] ?? null },
      ],
    },
    {
      id: 'signs',
      title: 'Seeds above 0',
      help: 'In how many of the common seeds the arm is above the other.',
      numeric: true,
      value: ({ paired }) => paired.above,
      cell: ({ paired }) => `${paired.above} of ${paired.seeds.length}${paired.equal === 0 ? '' : `, ${paired.equal} equal`}`,
      taken: [
        { title: 'seeds above 0', value: ({ paired }) => paired.above },
        { title: 'seeds below 0', value: ({ paired }) => paired.below },
        { title: 'common seeds', value: ({ paired }) => paired.seeds.length },
      ],
    },
  ];
  const fewest = Math.min(...rows.map(({ paired }) => paired.seeds.length));
  return (
    <div data-testid="compare-differences">
      <SortableTable title={`Differences from ${against}`} columns={columns} rows={rows} keyOf={({ arm, metric }) => `${arm} ${metric}`} />
      {fewest >= ENOUGH ? null : (
        <p className={classes.dim}>
          Fewer than {ENOUGH} common seeds: an interval says how far these seeds lie apart, and shows nothing either way. The Seeds field of
          the setup makes more.
        </p>
      )}
    </div>
  );
}

const signed = (value: number): string => (value > 0 ? `+${formatNumber(value)}` : formatNumber(value));

const WIDTH = 96;
const HALF = WIDTH / 2;

/** In figures, and as a bar around 0 on the scale of its metric. */
function Interval({ paired: { mean, interval }, widest }: { paired: DifferenceRow['paired']; widest: number }): ReactElement {
  if (interval === null) return <span className={classes.dim}>needs two seeds</span>;
  const at = (value: number): number => HALF + (widest === 0 ? 0 : (value / widest) * (HALF - 4));
  return (
    <span className={classes.interval}>
      {signed(interval[0])} to {signed(interval[1])}
      <svg width={WIDTH} height={12} aria-hidden="true">
        <line x1={HALF} x2={HALF} y1={0} y2={12} stroke="var(--lab-line-strong)" />
        <line x1={at(interval[0])} x2={at(interval[1])} y1={6} y2={6} stroke="var(--lab-text)" strokeWidth={2} />
        <circle cx={at(mean)} cy={6} r={3} fill="var(--lab-text)" />
      </svg>
    </span>
  );
}
