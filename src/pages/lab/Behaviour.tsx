/** What the policy does: its distribution where the world can be enumerated, else what it writes; at any recorded step. */
import { SegmentedControl } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { memo, type ReactElement, useCallback, useState } from 'react';
import { DistributionChart } from '../../charts/DistributionChart';
import { Marker } from '../../charts/Marker';
import { useDrawing } from '../../charts/useDrawing';
import type { Sample } from '../../core/events';
import { lab, useLab } from '../../store/index';
import { accentOf } from '../../store/palette';
import type { Distribution, Recording } from '../../store/recording';
import { shownRun } from '../../store/state';
import { SampleTable } from '../../ui/SampleTable';
import uiClasses from '../../ui/ui.module.css';
import classes from './lab.module.css';

type Kind = 'distribution' | 'samples';

interface View {
  readonly kinds: readonly Kind[];
  readonly kind: Kind;
  readonly steps: readonly number[];
  readonly index: number;
  readonly distribution: Distribution | null;
  readonly ceiling: number;
  readonly samples: readonly Sample[] | null;
}

const HEIGHT = 262;

export const Behaviour = memo(function Behaviour(): ReactElement {
  const run = useLab(shownRun);
  const runId = run?.id ?? null;
  const [wanted, setWanted] = useState<Kind>('distribution');
  /** Step that is looked at; null follows the run. */
  const [held, setHeld] = useState<{ readonly runId: string | null; readonly step: number } | null>(null);
  const heldStep = held?.runId === runId ? held.step : null;
  const [view, setView] = useState<View | null>(null);
  const draw = useCallback(() => {
    const recording = runId === null ? undefined : lab.recordings.get(runId);
    setView(recording === undefined ? null : viewOf(recording, wanted, heldStep));
  }, [runId, wanted, heldStep]);
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
        {view !== null && view.kinds.length > 1 ? (
          <SegmentedControl
            size="xs"
            aria-label="What to show"
            value={view.kind}
            data={[
              { value: 'distribution', label: 'Distribution' },
              { value: 'samples', label: 'Samples' },
            ]}
            onChange={(kind) => setWanted(kind as Kind)}
          />
        ) : null}
      </div>
      <div ref={ref} className={classes.behaviourBody} data-kind={view?.samples === null ? 'picture' : 'table'}>
        <Body view={view} width={width} colour={accent.colour} />
      </div>
      <Scrub view={view} onHold={(step) => setHeld(step === null ? null : { runId, step })} />
    </section>
  );
});

function Body({ view, width, colour }: { view: View | null; width: number; colour: string }): ReactElement {
  if (view?.samples) return <SampleTable samples={view.samples} />;
  if (view?.distribution && width > 0) {
    return <DistributionChart picture={view.distribution} ceiling={view.ceiling} colour={colour} width={width} height={HEIGHT} />;
  }
  return (
    <p className={classes.behaviourEmpty}>
      What the policy does appears here with the first evaluation: its distribution over all answers where the world can be enumerated, else
      a table of what it writes, coloured by reward.
    </p>
  );
}

function Scrub({ view, onHold }: { view: View | null; onHold: (step: number | null) => void }): ReactElement | null {
  if (view === null || view.steps.length === 0) return null;
  const last = view.steps.length - 1;
  const step = view.steps[view.index] ?? 0;
  return (
    <div className={classes.scrub}>
      <span className={`${classes.num} ${classes.scrubStep}`}>step {step}</span>
      <input
        type="range"
        className={uiClasses.slider}
        min={0}
        max={Math.max(1, last)}
        disabled={last === 0}
        value={view.index}
        aria-label="Recorded step"
        aria-valuetext={`step ${step}`}
        onChange={(event) => {
          const index = Number(event.currentTarget.value);
          onHold(index >= last ? null : (view.steps[index] ?? null));
        }}
      />
      <button type="button" className={uiClasses.link} disabled={view.index === last} onClick={() => onHold(null)}>
        {view.index === last ? 'newest' : 'to the newest'}
      </button>
    </div>
  );
}

function viewOf(recording: Recording, wanted: Kind, heldStep: number | null): View {
  const { distributions, samples } = recording;
  const kinds: Kind[] = [];
  if (distributions.items.length > 0) kinds.push('distribution');
  if (samples.items.length > 0) kinds.push('samples');
  const kind = kinds.includes(wanted) ? wanted : (kinds[0] ?? 'distribution');
  const steps = (kind === 'distribution' ? distributions.items : samples.items).map((frame) => frame.step);
  const found = heldStep === null ? -1 : steps.findLastIndex((step) => step <= heldStep);
  const index = found < 0 ? steps.length - 1 : found;
  return {
    kinds,
    kind,
    steps,
    index,
    distribution: kind === 'distribution' ? (distributions.items[index]?.value ?? null) : null,
    ceiling: ceilingOf(recording),
    samples: kind === 'samples' ? (samples.items[index]?.value ?? null) : null,
  };
}

/**
 * The largest probability that any recorded frame shows, so that the axis stays still; a spike of the closed form may
 * be cut off at three times what the policy and the reference reach.
 */
function ceilingOf({ distributions }: Recording): number {
  let own = 0;
  let optimal = 0;
  for (const { value } of distributions.items) {
    own = Math.max(own, largest(value.policy), largest(value.reference));
    if (value.optimum !== null) optimal = Math.max(optimal, largest(value.optimum));
  }
  return Math.max(own, Math.min(optimal, 3 * own), 1e-6);
}

const maxima = new WeakMap<Float32Array, number>();

function largest(values: Float32Array): number {
  let known = maxima.get(values);
  if (known === undefined) {
    known = values.reduce((a, b) => Math.max(a, b), 0);
    maxima.set(values, known);
  }
  return known;
}
