/** A chart, or its numbers in its place. What writes the numbers is fetched when they are asked for. */
import { lazy, type ReactElement, Suspense } from 'react';
import { MetricChart, type MetricChartProps } from '../charts/MetricChart';

const ChartTable = lazy(() => import('./ChartTable'));

export function ChartOrTable({ asTable, ...props }: MetricChartProps & { readonly asTable: boolean }): ReactElement {
  if (!asTable) return <MetricChart {...props} />;
  return (
    <Suspense>
      <ChartTable {...props} />
    </Suspense>
  );
}
