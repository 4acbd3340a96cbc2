/** The bench: the reader's own figures, engine beside engine, with the recorded ones. */
import { type ReactElement, useEffect, useState } from 'react';
import { type BenchResult, WORKLOADS } from '../../core/bench';
import { useBench } from '../../store/bench-binding';
import { loadRecordedBench, type RecordedBench } from '../../store/bench-recorded';
import reading from '../reading.module.css';
import classes from './bench.module.css';
import { Copy } from './Copy';
import { Growth } from './Growth';
import { Measure } from './Measure';
import { type Source, sourcesOf } from './sources';
import { Workload } from './Workload';

export default function BenchPage(): ReactElement {
  const own = useBench((state) => state.result);
  const recorded = useRecorded();
  const sources = sourcesOf(own, recorded);
  const shown = WORKLOADS.filter((id) => sources.some(({ result }) => result.workloads.some(({ name }) => name === id)));
  return (
    <main className={reading.page}>
      <h2 className={reading.title}>Bench</h2>
      <p className={reading.lead}>
        How long one step takes, and what it asks of the GPU. Every engine gets the same model, the same weights and the same data, is
        checked against the others, and takes its turn in every round.
      </p>
      <Measure />
      {own === null ? null : <Adapter own={own} />}
      {shown.map((id) => (
        <Workload key={id} id={id} sources={sources} />
      ))}
      <Growth sources={sources} />
      {shown.length === 0 ? <Empty /> : <Provenance sources={sources} />}
    </main>
  );
}

function useRecorded(): readonly RecordedBench[] {
  const [recorded, setRecorded] = useState<readonly RecordedBench[]>([]);
  useEffect(() => {
    let wanted = true;
    void loadRecordedBench().then((found) => wanted && setRecorded(found));
    return () => {
      wanted = false;
    };
  }, []);
  return recorded;
}

const Adapter = ({ own }: { own: BenchResult }): ReactElement => (
  <div className={classes.ownHead}>
    <p className={classes.own}>
      <strong>{own.adapter}</strong>, {own.runtime}, {own.date}. Medians of {own.rounds} rounds, fewer where a round is long.
    </p>
    <Copy />
  </div>
);

const Empty = (): ReactElement => (
  <p className={classes.empty}>
    Nothing is measured yet. Each workload appears here as soon as it is done: the first step compiles, the second is counted, and then the
    engines take turns.
  </p>
);

/** Where the recorded figures come from. */
function Provenance({ sources }: { sources: readonly Source[] }): ReactElement | null {
  const recorded = sources.filter(({ own }) => !own);
  if (recorded.length === 0) return null;
  return (
    <section className={classes.provenance} aria-label="Recorded figures">
      <h3 className={classes.cardTitle}>Recorded figures</h3>
      <ul>
        {recorded.map(({ key, result: { adapter, runtime, date, command } }) => (
          <li key={key}>
            {adapter}; {runtime}; {date}: <code>{command}</code>
          </li>
        ))}
      </ul>
    </section>
  );
}
