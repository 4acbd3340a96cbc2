/** An experiment on a stage: one panel at a time, in large type. Everything that a panel shows is at hand before it is turned to. */
import { useElementSize, useViewportSize } from '@mantine/hooks';
import { type ReactElement, useEffect, useMemo, useRef } from 'react';
import type { Experiment } from '../../core/experiment';
import type { Lesson } from '../../core/lesson';
import { openArm } from '../../store/experiments';
import { lab, useLab } from '../../store/index';
import { Icon } from '../../ui/icons';
import { experimentOf, metricsFor, useAnswers, useLesson, useOwnCurves, useRecordedCurves, useResult } from '../experiments/useExperiment';
import { LiveRun, trainOrPause } from './LiveRun';
import { type Slide, slidesOf } from './panels';
import classes from './present.module.css';
import { Panel, type PanelProps } from './SlidePanel';
import { toggleFullscreen, usePresentation } from './usePresentation';

export default function PresentPage({ id }: { id: string }): ReactElement {
  const experiment = experimentOf(id);
  const lesson = useLesson(id);
  if (experiment === undefined) {
    return (
      <main className={classes.stage}>
        <p className={classes.large}>
          The lab has no experiment called {JSON.stringify(id)}. <a href="#/experiments">All experiments</a>
        </p>
      </main>
    );
  }
  return lesson === undefined ? <main className={classes.stage} /> : <Stage experiment={experiment} lesson={lesson} />;
}

function Stage({ experiment, lesson }: { experiment: Experiment; lesson: Lesson | null }): ReactElement {
  const { id } = experiment;
  const slides = useMemo(() => slidesOf(lesson), [lesson]);
  const stage = useRef<HTMLElement>(null);
  const metrics = useMemo(() => metricsFor(experiment, lesson), [experiment, lesson]);
  const result = useResult(id);
  const recorded = useRecordedCurves(result);
  const own = useOwnCurves(experiment, metrics);
  const [answers, onAnswer] = useAnswers(id);
  useReadyRun(experiment);
  const leave = (): void => {
    window.location.hash = `#/experiments/${id}`;
  };
  const notes = (): void => {
    const { origin, pathname, search } = window.location;
    window.open(`${origin}${pathname}${search}#/notes/${id}`, `notes ${id}`, 'popup,width=640,height=560');
  };
  const { index, blank, turn } = usePresentation(id, slides.length, stage, {
    onSpace: (at) => slides[at]?.panel === 'run' && trainOrPause(),
    onLeave: leave,
    onNotes: notes,
  });
  const slide = slides[index] as Slide;
  const { ref, width, height } = useElementSize();
  const viewport = useViewportSize();
  const scale = Math.max(1.1, Math.min(2, Math.min(viewport.width / 760, viewport.height / 480)));
  const panel: Omit<PanelProps, 'slide'> = { experiment, lesson, result, recorded, own, answers, onAnswer, width, height, scale };
  return (
    <main ref={stage} className={classes.stage} data-testid="present">
      <header className={classes.top}>
        <span>{experiment.title}</span>
        <span>{slide.title}</span>
      </header>
      <section className={classes.panel} aria-label={slide.title} aria-live="polite" style={{ fontSize: `${13 * scale}px` }}>
        <div ref={ref} className={classes.inner}>
          {width === 0 ? null : slide.panel === 'run' ? (
            <LiveRun experiment={experiment} scale={scale} />
          ) : (
            <Panel key={index} slide={slide} {...panel} />
          )}
        </div>
      </section>
      <nav className={classes.bar} aria-label="Panels">
        <button type="button" onClick={() => turn(-1)} disabled={index === 0}>
          Back
        </button>
        <span data-testid="panel-count">
          {index + 1} / {slides.length}
        </span>
        <button type="button" onClick={() => turn(1)} disabled={index === slides.length - 1}>
          Next
        </button>
        <span className={classes.grow} />
        <button type="button" onClick={notes} title="Notes in a second window ( n )">
          Notes
        </button>
        <button type="button" onClick={toggleFullscreen} title="Full screen ( f )">
          Full screen
        </button>
        <button type="button" onClick={leave} aria-label="Leave" title="Leave ( Escape )">
          <Icon name="close" />
        </button>
      </nav>
      {blank ? <div className={classes.blank} data-testid="blank" /> : null}
    </main>
  );
}

/** Has the arm that the experiment opens with prepared in the worker while the first panels are shown. */
function useReadyRun(experiment: Experiment): void {
  const catalogue = useLab((state) => state.catalogue);
  const ready = useLab((state) => state.setup !== null);
  const opened = useRef(false);
  useEffect(() => {
    if (catalogue === null || !ready || opened.current) return;
    opened.current = true;
    if (lab.store.getState().setup?.opened?.experiment === experiment.id) lab.look(null);
    else lab.open(() => openArm(experiment, experiment.opens, catalogue));
  }, [catalogue, ready, experiment]);
}
