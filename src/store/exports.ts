/** Runs as tables for other tools. */
import type { Sample } from '../core/events';
import { csvTable, shortFloat32 } from '../data/export-csv';
import type { MetricsRun } from '../data/export-metrics';
import { armOf, groupsOf } from './arms';
import { armNames } from './compare';
import type { Lab } from './lab';
import type { Distribution } from './recording';
import { copyBlock } from './series';

export type ExportLab = Pick<Lab, 'store' | 'recordings' | 'load'>;

/** The runs as the exporters take them; their recordings are read where they are not at hand. */
export async function metricsRuns({ store, recordings, load }: ExportLab, runIds: readonly string[]): Promise<MetricsRun[]> {
  const { runs, catalogue } = store.getState();
  const listed = runIds.flatMap((id) => runs[id] ?? []);
  const names = armNames(groupsOf(listed), catalogue);
  const tables: MetricsRun[] = [];
  for (const run of listed) {
    await load(run.id);
    const series = recordings.get(run.id)?.series;
    if (series === undefined) continue;
    tables.push({
      run: run.name,
      run_id: run.id,
      seed: run.spec.seed,
      experiment: run.origin?.experiment ?? '',
      arm: names.get(armOf(run)) ?? '',
      world: run.spec.world.id,
      objective: run.spec.stages.map(({ objective }) => objective.id).join(' > '),
      // A run that trains goes on meanwhile.
      series: copyBlock(series, 0, series.length),
    });
  }
  return tables;
}

/** What a policy wrote, as CSV. */
export const samplesCsv = (samples: readonly Sample[]): string =>
  csvTable(
    ['prompt', 'completion', 'answer', 'reward', 'correct', 'ended'],
    samples.map(({ prompt, completion, answer, reward, correct, ended }) => [prompt, completion, answer, reward, correct, ended]),
  );

/** A distribution over enumerated completions, as CSV. */
export function distributionCsv(picture: Distribution | undefined): string {
  const header = ['completion', 'policy', 'reference', 'optimum', 'reward'];
  if (picture === undefined) return csvTable(header, []);
  const { labels, policy, reference, optimum, reward } = picture;
  const at = (values: Float32Array | null, i: number): number => shortFloat32(values?.[i] ?? Number.NaN);
  return csvTable(
    header,
    labels.map((label, i) => [label, at(policy, i), at(reference, i), at(optimum, i), at(reward, i)]),
  );
}

/** Runs that are drawn: the one that is looked at, then those on show. */
export function shownIds({ store }: Pick<ExportLab, 'store'>): string[] {
  const { runs, order, activeId } = store.getState();
  return order.filter((id) => id === activeId || runs[id]?.visible === true);
}
