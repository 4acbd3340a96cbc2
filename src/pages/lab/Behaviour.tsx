/** What the policy does: its distribution where the world can be enumerated, else what it writes; at any recorded step. */
import { useElementSize } from '@mantine/hooks';
import { lazy, memo, type ReactElement, Suspense, useCallback, useState } from 'react';
import type { DistributionView } from '../../charts/DistributionChart';
import { ceilingOf } from '../../charts/distribution';
import { createHolder, type Holder } from '../../charts/holder';
import { Marker } from '../../charts/Marker';
import { useDrawing } from '../../charts/useDrawing';
import type { Sample } from '../../core/events';
import { distributionCsv, samplesCsv } from '../../store/exports';
import { lab, useLab } from '../../store/index';
import { accentOf } from '../../store/palette';
import type { Recording } from '../../store/recording';
import { shownRun } from '../../store/state';
import { ExportMenu } from '../../ui/ExportMenu';
import { SampleTable } from '../../ui/SampleTable';
import { holdStep, useHeldStep } from './held';
import classes from './lab.module.css';
import { heldIndex, Scrub } from './Scrub';

type Kind = 'distribution' | 'samples';
type PictureHolder = Holder<DistributionView | null>;

/** What React draws; the distribution itself goes to the chart directly. */
interface View {
  readonly kinds: readonly Kind[];
  readonly kind: Kind;
  readonly steps: readonly number[];
  readonly index: number;
  readonly samples: readonly Sample[] | null;
}

const KINDS: readonly [Kind, string][] = [
  ['distribution', 'distribution'],
  ['samples', 'samples'],
];

const DistributionChart = lazy(() => import('../../charts/DistributionChart').then((module) => ({ default: module.DistributionChart })));

const HEIGHT = 262;

export const Behaviour = memo(function Behaviour(): ReactElement {
  const run = useLab(shownRun);
  const runId = run?.id ?? null;
  const [wanted, setWanted] = useState<Kind>('distribution');
  const heldStep = useHeldStep(runId);
  const [view, setView] = useState<View | null>(null);
  const [pictures] = useState<PictureHolder>(() => createHolder<DistributionView | null>(null));
  const draw = useCallback(() => {
    const recording = runId === null ? undefined : lab.recordings.get(runId);
    const next = recording === undefined ? null : viewOf(recording, wanted, heldStep);
    pictures.set(recording === undefined || next?.kind !== 'distribution' ? null : pictureOf(recording, next.index));
    setView(next);
  }, [runId, wanted, heldStep, pictures]);
  useDrawing(lab.recordings, runId === null ? [] : [runId], draw);
  const { ref, width } = useElementSize();
  const accent = accentOf(run?.accent ?? 0);
  return (
    <section className={classes.panel} data-testid="behaviour" aria-label="Behaviour of the policy">
      <div className={classes.panelHead}>
        <h2 className={classes.panelTitle}>Behaviour</h2>
        {run === null || run.name === '' ? null : (
          <span className={classes.dim} style={{ display: 'inline-flex', alignItems: 'center', gap: 4 }}>
            <Marker accent={accent} size={9} /> {run.name}
          </span>
        )}
        <span className={classes.grow} />
        {view !== null && view.kinds.length > 1
          ? KINDS.map(([kind, title]) => (
              <button
                key={kind}
                type="button"
                className={classes.unitButton}
                aria-pressed={kind === view.kind}
                onClick={() => setWanted(kind)}
              >
                {title}
              </button>
            ))
          : null}
        {view === null || view.steps.length === 0 ? null : <SaveBehaviour view={view} pictures={pictures} name={run?.name ?? ''} />}
      </div>
      <div ref={ref} className={view?.samples ? classes.behaviourTable : undefined}>
        <Body view={view} pictures={pictures} width={width} colour={accent.colour} />
      </div>
      {view === null ? null : <Scrub steps={view.steps} index={view.index} onHold={(step) => holdStep(runId, step)} />}
    </section>
  );
});

interface SaveProps {
  readonly view: View;
  readonly pictures: PictureHolder;
  readonly name: string;
}

function SaveBehaviour({ view, pictures, name }: SaveProps): ReactElement {
  const title = [view.kind === 'samples' ? 'Samples' : 'Distribution', name, `step ${view.steps[view.index] ?? 0}`]
    .filter(Boolean)
    .join(', ');
  const plot = (): SVGSVGElement | null => document.querySelector('[data-testid="behaviour"] svg.recharts-surface');
  const csv = (): string => (view.samples === null ? distributionCsv(pictures.get()?.picture) : samplesCsv(view.samples));
  return view.samples === null ? <ExportMenu title={title} plot={plot} csv={csv} /> : <ExportMenu title={title} csv={csv} />;
}

interface BodyProps {
  readonly view: View | null;
  readonly pictures: PictureHolder;
  readonly width: number;
  readonly colour: string;
}

function Body({ view, pictures, width, colour }: BodyProps): ReactElement {
  if (view?.samples) return <SampleTable samples={view.samples} />;
  if (view?.kind === 'distribution' && view.steps.length > 0 && width > 0) {
    return (
      <Suspense fallback={<div style={{ height: HEIGHT }} />}>
        <DistributionChart holder={pictures} colour={colour} width={width} height={HEIGHT} />
      </Suspense>
    );
  }
  return (
    <p className={classes.behaviourEmpty}>
      What the policy does appears here with the first evaluation: its distribution over all answers where the world can be enumerated, else
      a table of what it writes, coloured by reward.
    </p>
  );
}

function viewOf(recording: Recording, wanted: Kind, heldStep: number | null): View {
  const { distributions, samples } = recording;
  const kinds: Kind[] = [];
  if (distributions.items.length > 0) kinds.push('distribution');
  if (samples.items.length > 0) kinds.push('samples');
  const kind = kinds.includes(wanted) ? wanted : (kinds[0] ?? 'distribution');
  const steps = (kind === 'distribution' ? distributions.items : samples.items).map((frame) => frame.step);
  const index = heldIndex(steps, heldStep);
  return {
    kinds,
    kind,
    steps,
    index,
    samples: kind === 'samples' ? (samples.items[index]?.value ?? null) : null,
  };
}

function pictureOf({ distributions }: Recording, index: number): DistributionView | null {
  const picture = distributions.items[index]?.value;
  if (picture === undefined) return null;
  const rewards = [...picture.reward];
  return { picture, ceiling: ceilingOf(distributions.items), rewards: [Math.min(0, ...rewards), Math.max(0, ...rewards)] };
}
