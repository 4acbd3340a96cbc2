/** A table that is sorted by the column whose head is pressed, and can be taken away. */
import { Box } from '@mantine/core';
import { type ReactElement, type ReactNode, useState } from 'react';
import type { Cell } from '../../data/export-csv';
import { TakeTable } from '../../ui/TakeTable';
import classes from './compare.module.css';

export interface TableColumn<Row> {
  readonly id: string;
  readonly title: string;
  readonly help?: string;
  readonly numeric: boolean;
  /** What it is sorted by; NaN and null come last. */
  readonly value: (row: Row) => Cell;
  readonly cell: (row: Row) => ReactNode;
  /** What is taken away, where it is more than the value: headed columns. */
  readonly taken?: readonly { readonly title: string; readonly value: (row: Row) => Cell }[];
}

export interface SortableTableProps<Row> {
  readonly title: string;
  readonly columns: readonly TableColumn<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
}

interface Order {
  readonly id: string;
  readonly down: boolean;
}

export function SortableTable<Row>({ title, columns, rows, keyOf }: SortableTableProps<Row>): ReactElement {
  const [order, setOrder] = useState<Order | null>(null);
  const by = columns.find(({ id }) => id === order?.id);
  const sorted = by === undefined || order === null ? rows : rows.toSorted((a, b) => compareCells(by.value(a), by.value(b), order.down));
  /** First the larger numbers, then the smaller ones, then as it was. */
  const press = ({ id, numeric }: TableColumn<Row>): void =>
    setOrder(order?.id !== id ? { id, down: numeric } : order.down === numeric ? { id, down: !numeric } : null);
  const taken = columns.flatMap(({ title: head, value, taken: several }) => several ?? [{ title: head, value }]);
  return (
    <>
      <Box component="section" className={classes.tableBox} tabIndex={0} aria-label={`${title}, table`}>
        <table className={classes.table}>
          <thead>
            <tr>
              {columns.map((column) => (
                <th
                  key={column.id}
                  scope="col"
                  data-numeric={column.numeric || undefined}
                  aria-sort={order?.id !== column.id ? 'none' : order.down ? 'descending' : 'ascending'}
                >
                  <button type="button" className={classes.sort} title={column.help} onClick={() => press(column)}>
                    {column.title}
                    <span aria-hidden="true">{order?.id !== column.id ? '' : order.down ? ' ↓' : ' ↑'}</span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sorted.map((row) => (
              <tr key={keyOf(row)}>
                {columns.map((column, i) =>
                  i === 0 ? (
                    <th key={column.id} scope="row">
                      {column.cell(row)}
                    </th>
                  ) : (
                    <td key={column.id} data-numeric={column.numeric || undefined}>
                      {column.cell(row)}
                    </td>
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </Box>
      <div className={classes.tableFoot}>
        <TakeTable
          title={title}
          table={() => ({
            header: taken.map((column) => column.title),
            rows: sorted.map((row) => taken.map(({ value }) => value(row))),
          })}
        />
      </div>
    </>
  );
}

/** Nothing comes last, whichever way it is sorted. */
export function compareCells(a: Cell, b: Cell, down: boolean): number {
  const nothing = (cell: Cell): boolean => cell === null || Number.isNaN(cell);
  if (nothing(a) || nothing(b)) return Number(nothing(a)) - Number(nothing(b));
  const order = typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));
  return down ? -order : order;
}
