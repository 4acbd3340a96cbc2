/** The window of notes beside a presentation: what to say now, what comes next, and how long it has been. It has no lab in it. */
import { type ReactElement, useEffect, useMemo, useRef, useState } from 'react';
import { formatDuration } from '../../store/format';
import { experimentOf, useLesson } from '../experiments/useExperiment';
import { channelOf, notesFor, type StageMessage, slidesOf, turnOf } from './panels';
import classes from './present.module.css';

type At = Extract<StageMessage, { type: 'at' }>;

export default function NotesPage({ id }: { id: string }): ReactElement {
  const experiment = experimentOf(id);
  const lesson = useLesson(id);
  const slides = useMemo(() => slidesOf(lesson ?? null), [lesson]);
  const { at, go } = useStage(id);
  const now = useClock();
  if (experiment === undefined || lesson === undefined) return <main className={classes.notes} />;
  const slide = at === null ? undefined : slides[at.index];
  const next = at === null ? undefined : slides[at.index + 1];
  if (at === null || slide === undefined) {
    return (
      <main className={classes.notes}>
        <p>Waiting for the presentation of {experiment.title}. It has to be open in this browser.</p>
      </main>
    );
  }
  return (
    <main className={classes.notes} data-testid="notes">
      <p className={classes.clock}>
        <span>
          {at.index + 1} / {slides.length}
        </span>
        <span>{formatDuration(Math.max(0, Math.floor((now - at.startedAt) / 1000)))}</span>
        {lesson === null ? null : <span>of {lesson.minutes} min</span>}
      </p>
      <h1 className={classes.heading}>{slide.title}</h1>
      <ul className={classes.said}>
        {notesFor(slide, lesson, experiment).map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
      <p className={classes.next}>{next === undefined ? 'This is the last panel.' : `Next: ${next.title}`}</p>
      <nav className={classes.bar} aria-label="Panels">
        <button type="button" onClick={() => go(-1)} disabled={at.index === 0}>
          Back
        </button>
        <button type="button" onClick={() => go(1)} disabled={next === undefined}>
          Next
        </button>
      </nav>
    </main>
  );
}

/** Where the stage is, and a way to turn it from here. */
function useStage(id: string): { at: At | null; go: (by: number) => void } {
  const [at, setAt] = useState<At | null>(null);
  const channel = useRef<BroadcastChannel | null>(null);
  const [go] = useState(() => (by: number): void => {
    const message: StageMessage = { type: 'go', by };
    channel.current?.postMessage(message);
  });
  useEffect(() => {
    const opened = new BroadcastChannel(channelOf(id));
    channel.current = opened;
    opened.onmessage = ({ data }: MessageEvent<StageMessage>) => {
      if (data.type === 'at') setAt(data);
    };
    opened.postMessage({ type: 'hello' } satisfies StageMessage);
    const onKey = (event: KeyboardEvent): void => {
      const by = turnOf(event.key);
      if (by === 0 || (event.key === 'Enter' && event.target instanceof HTMLButtonElement)) return;
      event.preventDefault();
      go(by);
    };
    window.addEventListener('keydown', onKey);
    return () => {
      opened.close();
      window.removeEventListener('keydown', onKey);
    };
  }, [id, go]);
  return { at, go };
}

function useClock(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
