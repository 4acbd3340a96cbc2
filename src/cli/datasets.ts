/** The file world without a browser: its `dataset` parameter is the path of a JSONL file. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { RunSpec } from '../core/spec';
import type { Dataset, WorldContext } from '../core/world';
import { parseDataset } from '../data/jsonl';
import { UsageError } from './usage';

const LISTED = 10;

/**
 * Reads the files that the specs name, and says on standard error which of their lines cannot be used.
 * @throws UsageError where a file cannot be read or nothing in it can be used
 */
export async function loadDatasets(specs: readonly RunSpec[]): Promise<WorldContext> {
  const paths = new Set(specs.filter(({ world }) => world.id === 'file').map(({ world }) => String(world.params.dataset)));
  const loaded = new Map<string, Dataset>();
  for (const path of paths) loaded.set(path, await load(path));
  return { dataset: (id) => loaded.get(id) };
}

async function load(path: string): Promise<Dataset> {
  const bytes = await readFile(path).catch(() => {
    throw new UsageError(`world.params.dataset: the file ${JSON.stringify(path)} cannot be read.`);
  });
  const { dataset, problems, problemCount, error } = parseDataset(basename(path), bytes);
  if (dataset === null) throw new UsageError(`${path}: ${error ?? 'nothing in it can be used.'}`);
  for (const { line, reason } of problems.slice(0, LISTED)) process.stderr.write(`${path}:${line}: ${reason}\n`);
  const more = problemCount > LISTED ? `, ${problemCount - LISTED} of them not listed` : '';
  process.stderr.write(`${path}: ${dataset.rows.length} rows of kind ${dataset.kind}, ${problemCount} lines left out${more}\n`);
  return dataset;
}
