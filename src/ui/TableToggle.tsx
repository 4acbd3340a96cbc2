/** Shows the numbers of a chart in its place, and the chart again. */
import type { ReactElement } from 'react';
import { Icon } from './icons';

export interface TableToggleProps {
  /** Of the chart. */
  readonly title: string;
  readonly asTable: boolean;
  readonly onChange: (asTable: boolean) => void;
  readonly className: string | undefined;
}

export const TableToggle = ({ title, asTable, onChange, className }: TableToggleProps): ReactElement => (
  <button
    type="button"
    className={className}
    aria-pressed={asTable}
    aria-label={`${title} as a table`}
    title="The numbers in place of the chart"
    onClick={() => onChange(!asTable)}
  >
    <Icon name="table" size={14} />
  </button>
);
