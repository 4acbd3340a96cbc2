/** The numbers of a chart in its place. */
import { Box } from '@mantine/core';
import { type ReactElement, useCallback, useState } from 'react';
import type { MetricChartProps } from '../charts/MetricChart';
import { type CurveTable, curveTable, someRows } from '../charts/table';
import { useDrawing } from '../charts/useDrawing';
import { xAxisOf } from '../charts/xaxis';
import { formatNumber } from '../store/format';
import classes from './controls.module.css';
import { TakeTable } from './TakeTable';
import uiClasses from './ui.module.css';

/** Rows on the page; all of them are copied. */
const SHOWN = 100;

type ChartTableProps = Pick<
  MetricChartProps,
  'title' | 'lines' | 'runs' | 'recordings' | 'metrics' | 'view' | 'empty' | 'visible' | 'height'
>;

export default function ChartTable(props: ChartTableProps): ReactElement {
  const { title, lines, runs, recordings, metrics, view, empty, visible, height } = props;
  const make = useCallback((): CurveTable => {
    const all = runs.flatMap(({ id }) => recordings.get(id)?.series ?? []);
    return curveTable(lines(), { ...view, axis: xAxisOf(view.x, all, metrics), smoothing: 0 });
  }, [lines, runs, recordings, metrics, view]);
  const [table, setTable] = useState<CurveTable | null>(null);
  const draw = useCallback(() => setTable(make()), [make]);
  useDrawing(
    recordings,
    runs.map((run) => run.id),
    draw,
    visible,
  );
  if (table === null || table.rows.length === 0) return <p className={uiClasses.note}>{empty}</p>;
  const shown = someRows(table.rows, SHOWN);
  return (
    <div className={classes.curveTable} style={{ height }}>
      <div className={classes.curveTableHead}>
        <span className={uiClasses.unit}>
          {shown.length === table.rows.length ? `${shown.length} rows` : `${shown.length} of ${table.rows.length} rows; all are copied`}
        </span>
        <TakeTable title={title} table={make} />
      </div>
      {/* Scrolled by the keyboard, as there is nothing inside to go to. */}
      <Box component="section" className={classes.curveTableBody} tabIndex={0} aria-label={`${title}, table`}>
        <table>
          <thead>
            <tr>
              {table.header.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={String(row[0])}>
                {row.map((cell, i) => (
                  <td key={table.header[i]}>{typeof cell === 'number' ? (i === 0 ? cell : formatNumber(cell)) : ''}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Box>
    </div>
  );
}
