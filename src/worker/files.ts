/** From the bytes of a file to a dataset and what the page says about it. */
import { type Dataset, type DatasetRow, SPECIAL_TOKENS } from '../core/world';
import { parseDataset } from '../data/jsonl';
import type { DatasetReport } from './protocol';

const LISTED = 200;
const PREVIEWED = 5;

/** Reads a file; never throws, whatever is in it. */
export function reportOn(name: string, bytes: Uint8Array): { dataset: Dataset | null; report: DatasetReport } {
  const { dataset, characters, problems, problemCount, error } = parseDataset(name, bytes);
  const report: DatasetReport = {
    id: dataset?.id ?? '',
    name,
    kind: dataset?.kind ?? null,
    rows: dataset?.rows.length ?? 0,
    vocabSize: characters === 0 ? 0 : characters + SPECIAL_TOKENS.length,
    problems: problems.slice(0, LISTED),
    problemCount,
    error,
    preview: dataset?.rows.slice(0, PREVIEWED).map(preview) ?? [],
  };
  return { dataset, report };
}

function preview(row: DatasetRow): string {
  if (row.chosen !== undefined) return `${row.prompt} | chosen: ${row.chosen} | rejected: ${row.rejected ?? ''}`;
  const label = row.label === undefined ? '' : row.label ? ' | desirable' : ' | undesirable';
  return [row.prompt, row.completion ?? row.answer].filter((part) => part !== undefined && part !== '').join(' | ') + label;
}
