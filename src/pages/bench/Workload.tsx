/** One workload: the engines side by side on the reader's GPU, and how others compare. */
import { Box } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { Marker } from '../../charts/Marker';
import type { EngineFigures, EngineId, WorkloadId, WorkloadResult } from '../../core/bench';
import { ENGINE_WORDS, WORKLOAD_WORDS } from '../../store/bench-words';
import { formatBytes, formatCount, formatNumber } from '../../store/format';
import classes from './bench.module.css';
import type { Source } from './sources';

const ENGINES: readonly EngineId[] = ['lab', 'tfjs', 'jax'];

type Column = readonly [EngineId, EngineFigures];

const columnsOf = ({ engines }: WorkloadResult): Column[] =>
  ENGINES.flatMap((id): Column[] => {
    const figures = engines[id];
    return figures === undefined ? [] : [[id, figures]];
  });

export function Workload({ id, sources }: { id: WorkloadId; sources: readonly Source[] }): ReactElement {
  const { title, help } = WORKLOAD_WORDS[id];
  const measured = sources.flatMap((source) => {
    const workload = source.result.workloads.find(({ name }) => name === id);
    return workload === undefined ? [] : [{ source, workload }];
  });
  const own = measured.find(({ source }) => source.own)?.workload;
  return (
    <section className={classes.card} aria-label={title} data-testid={`workload-${id}`}>
      <div className={classes.cardHead}>
        <h3 className={classes.cardTitle}>{title}</h3>
        <code className={classes.dim}>{id}</code>
      </div>
      <p className={classes.dim}>{help}</p>
      {own === undefined ? null : (
        <div className={classes.halves}>
          <Figures workload={own} title={title} />
          {columnsOf(own).length > 1 ? <Bars workload={own} /> : null}
        </div>
      )}
      {measured.some(({ source }) => !source.own) ? <Comparison title={title} measured={measured} /> : null}
    </section>
  );
}

/** A count with three significant digits. */
const rounded = (value: number): string => formatCount(Number(value.toPrecision(3)));

interface RowSpec {
  readonly title: string;
  readonly unit: string;
  readonly cell: (figures: EngineFigures) => ReactNode;
}

/** A number with what it is counted in: times in milliseconds. */
const ROWS: readonly RowSpec[] = [
  { title: 'Dispatches', unit: '', cell: ({ dispatches }) => formatCount(dispatches) },
  { title: 'Submissions', unit: '', cell: ({ submits }) => formatCount(submits) },
  { title: 'Uploaded', unit: '', cell: ({ bytesUploaded }) => formatBytes(bytesUploaded) },
  {
    title: 'Read back',
    unit: '',
    cell: ({ bytesReadBack, readBacks }) => (readBacks === 0 ? 'nothing' : `${formatBytes(bytesReadBack)} in ${readBacks}`),
  },
  { title: 'Encoding', unit: 'ms', cell: ({ encodeMs }) => formatNumber(encodeMs) },
  {
    title: 'Step',
    unit: 'ms',
    cell: ({ stepMs, stepMsRange: [low, high] }) => (
      <>
        <strong>{formatNumber(stepMs)}</strong>{' '}
        <span className={classes.spread}>
          {formatNumber(low)} to {formatNumber(high)}
        </span>
      </>
    ),
  },
  { title: 'First step', unit: 'ms', cell: ({ firstStepMs }) => formatNumber(firstStepMs) },
  { title: 'Tokens', unit: 'per s', cell: ({ tokensPerSecond }) => rounded(tokensPerSecond) },
];

function Figures({ workload, title }: { workload: WorkloadResult; title: string }): ReactElement {
  const columns = columnsOf(workload);
  return (
    <table className={classes.figures}>
      <caption className={classes.caption}>{title} on this GPU</caption>
      <thead>
        <tr>
          <td />
          {columns.map(([id]) => (
            <th key={id} scope="col" title={ENGINE_WORDS[id].help}>
              {ENGINE_WORDS[id].title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {ROWS.map((row) => (
          <tr key={row.title}>
            <th scope="row">
              {row.title} <span className={classes.unit}>{row.unit}</span>
            </th>
            {columns.map(([id, figures]) => (
              <td key={id} data-testid={`${id}-${row.title.toLowerCase().replace(' ', '-')}`}>
                {row.cell(figures)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** How long a step takes in each engine, as bars in proportion. */
function Bars({ workload }: { workload: WorkloadResult }): ReactElement {
  const columns = columnsOf(workload);
  const longest = Math.max(...columns.map(([, { stepMs }]) => stepMs));
  return (
    <ul className={classes.bars} aria-label="Time of a step">
      {columns.map(([id, { stepMs }]) => (
        <li key={id}>
          <span className={classes.barName}>
            <Marker accent={ENGINE_WORDS[id].accent} size={9} />
            {ENGINE_WORDS[id].title}
            <span className={classes.grow} />
            <span className={classes.ratio}>{timesOf(workload, id)}</span>
          </span>
          <span className={classes.bar} aria-hidden="true">
            <span style={{ width: `${(100 * stepMs) / longest}%`, background: ENGINE_WORDS[id].accent.colour }} />
          </span>
        </li>
      ))}
    </ul>
  );
}

/** `17.2 times as long`, by the median over the rounds. */
function timesOf({ ratio }: WorkloadResult, id: EngineId): string {
  const times = id === 'lab' ? undefined : ratio[id];
  return times === undefined ? '' : `${formatNumber(times)} times as long`;
}

interface Measured {
  readonly source: Source;
  readonly workload: WorkloadResult;
}

/** The same workload elsewhere. */
function Comparison({ title, measured }: { title: string; measured: readonly Measured[] }): ReactElement {
  return (
    <Box component="section" className={classes.scroll} tabIndex={0} aria-label={`${title}, GPU by GPU`}>
      <table className={classes.comparison}>
        <thead>
          <tr>
            <th scope="col">GPU</th>
            <th scope="col">
              Step <span className={classes.unit}>ms</span>
            </th>
            <th scope="col">
              Tokens <span className={classes.unit}>per s</span>
            </th>
            {(['tfjs', 'jax'] as const).map((id) => (
              <th key={id} scope="col">
                {ENGINE_WORDS[id].title} <span className={classes.unit}>times as long</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {measured.map(({ source, workload: { engines, ratio } }) => (
            <tr key={source.key} data-own={source.own || undefined}>
              <th scope="row">
                <Marker accent={source.accent} size={9} /> {source.title}
              </th>
              <td>{formatNumber(engines.lab.stepMs)}</td>
              <td>{rounded(engines.lab.tokensPerSecond)}</td>
              <td>{ratio.tfjs === undefined ? '–' : formatNumber(ratio.tfjs)}</td>
              <td>{ratio.jax === undefined ? '–' : formatNumber(ratio.jax)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Box>
  );
}
