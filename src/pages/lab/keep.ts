/** Saving and opening, as buttons and menus ask for it. */
import { createHolder } from '../../charts/holder';
import { metricsRuns } from '../../store/exports';
import { lab } from '../../store/index';
import { addNotice } from '../../store/state';
import { createTurn } from '../../store/turn';
import { download } from '../../ui/download';

/** Whether the storage dialog is open. */
export const storageDialog = createHolder(false);

/** Whether a report is being made of the runs on show. */
export const reporting = createHolder(false);

/** Hands runs to the reader as one bundle. */
export async function saveBundle(runIds: readonly string[]): Promise<void> {
  try {
    const bundle = await lab.bundles.write(runIds);
    if (bundle !== null) download(bundle.name, bundle.bytes, 'application/zip');
  } catch {
    addNotice(lab.store, 'The bundle could not be written: the browser has too little memory for so many runs. Fewer at once may work.');
  }
}

/** Hands all metrics of runs to the reader as one table. */
export async function saveMetrics(runIds: readonly string[], kind: 'csv' | 'jsonl'): Promise<void> {
  const { metricsCsv, metricsJsonl } = await import('../../data/export-metrics');
  const runs = await metricsRuns(lab, runIds);
  const [first] = runs;
  if (first === undefined) return;
  const name = runs.length === 1 ? first.run : `${runs.length}-runs`;
  if (kind === 'csv') download(`${name}.csv`, await metricsCsv(runs, null, createTurn()), 'text/csv');
  else download(`${name}.jsonl`, await metricsJsonl(runs, createTurn()), 'application/jsonl');
}

/** The metrics of one chart as a table. */
export async function chartCsv(runIds: readonly string[], metrics: readonly string[]): Promise<string> {
  const { metricsCsv } = await import('../../data/export-metrics');
  return metricsCsv(await metricsRuns(lab, runIds), metrics, createTurn());
}

/** Files that were picked or dropped, one after another. */
export async function takeAll(files: readonly File[]): Promise<void> {
  for (const file of files) await lab.take(file);
}
