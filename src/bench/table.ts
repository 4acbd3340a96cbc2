/** Results of the bench as Markdown tables, for a terminal and for the README. */
import type { BenchResult, EngineFigures, EngineId, GrowthCurve, WorkloadResult } from '../core/bench';
import type { Endurance } from './endurance';

const ENGINES: Readonly<Record<EngineId, string>> = { lab: 'the lab', tfjs: 'stock tfjs', jax: 'jax-js jit' };

/** Every workload and engine in a row of its own. */
export function benchTable({ adapter, runtime, rounds, workloads, growth = [] }: BenchResult): string {
  const header = [
    'workload',
    'engine',
    'dispatches',
    'submits',
    'uploaded',
    'read back',
    'encode ms',
    'ms per step (range)',
    'first step ms',
    'tokens/s',
    'lab faster by',
  ];
  const parts = [`${adapter}; ${runtime}; medians of ${rounds} interleaved rounds, fewer where a round is long`];
  if (workloads.length > 0) parts.push(markdown(header, workloads.flatMap(rowsOf)));
  if (growth.length > 0) parts.push(markdown(['axis', 'value', 'ms per step', 'MFLOP per step', 'GFLOP/s'], growth.flatMap(pointsOf)));
  return `${parts.join('\n\n')}\n`;
}

function rowsOf({ name, engines, ratio }: WorkloadResult): string[][] {
  const { lab, ...others } = engines;
  const rest = Object.entries(others) as [Exclude<EngineId, 'lab'>, EngineFigures][];
  const row = (id: EngineId, figures: EngineFigures, times: string): string[] => [
    name,
    ENGINES[id],
    String(figures.dispatches),
    String(figures.submits),
    bytes(figures.bytesUploaded),
    figures.readBacks === 0 ? '0' : `${bytes(figures.bytesReadBack)} in ${figures.readBacks}`,
    brief(figures.encodeMs),
    `${brief(figures.stepMs)} (${figures.stepMsRange.map(brief).join(' to ')})`,
    brief(figures.firstStepMs),
    brief(figures.tokensPerSecond),
    times,
  ];
  return [row('lab', lab, ''), ...rest.map(([id, figures]) => row(id, figures, `${brief(ratio[id] ?? Number.NaN)} times`))];
}

const pointsOf = ({ axis, points }: GrowthCurve): string[][] =>
  points.map(({ value, stepMs, flops }) => [axis, String(value), brief(stepMs), brief(flops / 1e6), brief(flops / 1e6 / stepMs)]);

/** Samples of an endurance run, and the verdict in a sentence. */
export function enduranceTable({ steps, samples, flat }: Endurance): string {
  const rows = samples.map(({ step, tensors, bytes: held, heap }) => [String(step), String(tensors), bytes(held), bytes(heap)]);
  const growing = Object.entries(flat).flatMap(([what, isFlat]) => (isFlat ? [] : [what]));
  const verdict = growing.length === 0 ? 'flat after the warm-up' : `not flat after the warm-up: ${growing.join(', ')}`;
  return `${markdown(['step', 'tensors', 'device', 'heap'], rows)}\n\n${steps} steps, ${verdict}.\n`;
}

/** Three significant digits, without an exponent. */
function brief(value: number): string {
  if (!Number.isFinite(value)) return '-';
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

const bytes = (count: number): string =>
  count < 1024 ? `${count} B` : count < 2 ** 20 ? `${brief(count / 1024)} KiB` : `${brief(count / 2 ** 20)} MiB`;

/** A table whose columns are padded to one width. */
function markdown(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) => Math.max(3, title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
