/** One experiment: what is asked and how, a prediction, the result beside the reader's own runs, and what it shows. */
import { Button } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { type ReactElement, useMemo } from 'react';
import { Marker } from '../../charts/Marker';
import type { Experiment } from '../../core/experiment';
import type { ArmCurves, Lesson } from '../../core/lesson';
import type { Result } from '../../core/result';
import { claimedMetrics } from '../../store/experiment-runs';
import { openArm } from '../../store/experiments';
import { lab, useLab } from '../../store/index';
import type { Answers } from '../../store/lessons';
import { accentOf } from '../../store/palette';
import reading from '../reading.module.css';
import { Checks } from './Checks';
import classes from './experiments.module.css';
import { isPredicted, Predict } from './Predict';
import { ResultChart } from './ResultChart';
import { RunIt } from './RunIt';
import { experimentOf, metricsFor, useAnswers, useLesson, useOwnCurves, useRecordedCurves, useResult } from './useExperiment';
import { Verdicts } from './Verdicts';

export default function ExperimentPage({ id }: { id: string }): ReactElement {
  const experiment = experimentOf(id);
  if (experiment === undefined) {
    return (
      <main className={reading.page}>
        <h2 className={reading.title}>No such experiment</h2>
        <p className={reading.lead}>
          The lab has none called {JSON.stringify(id)}. <a href="#/experiments">All experiments</a>
        </p>
      </main>
    );
  }
  return <Whole experiment={experiment} />;
}

function Whole({ experiment }: { experiment: Experiment }): ReactElement {
  const { id, title, question, arms, opens } = experiment;
  const catalogue = useLab((state) => state.catalogue);
  const result = useResult(id);
  const lesson = useLesson(id);
  const metrics = useMemo(() => metricsFor(experiment, lesson), [experiment, lesson]);
  const recorded = useRecordedCurves(result);
  const own = useOwnCurves(experiment, metrics);
  const [answers, onAnswer] = useAnswers(id);
  const open = (arm: string): void => {
    if (catalogue === null) return;
    lab.open(() => openArm(experiment, arm, catalogue));
    window.location.hash = '#/';
  };
  const titleOf = (metric: string): string => catalogue?.metrics[metric]?.title ?? metric;
  const revealed = lesson === null || answers.shown;
  return (
    <main className={reading.page} data-testid="experiment">
      <p className={classes.crumb}>
        <a href="#/experiments">All experiments</a>
      </p>
      <h2 className={reading.title}>{title}</h2>
      <p className={classes.lead}>{question}</p>
      <div className={classes.actions}>
        <RunIt experiment={experiment} />
        <Button variant="default" disabled={catalogue === null} onClick={() => open(opens)} aria-label={`Open ${title} in the lab`}>
          Open in the lab
        </Button>
        <Button variant="default" component="a" href={`#/present/${id}`} title="Present ( p )">
          Present
        </Button>
        {lesson ? (
          <Button variant="default" component="a" href={`#/experiments/${id}/worksheet`}>
            Worksheet
          </Button>
        ) : null}
      </div>
      <Facts experiment={experiment} />
      <Arms arms={arms} disabled={catalogue === null} onOpen={open} />
      {lesson ? (
        <LessonPart
          experiment={experiment}
          lesson={lesson}
          titleOf={titleOf}
          recorded={recorded}
          own={own}
          answers={answers}
          onAnswer={onAnswer}
        />
      ) : null}
      {lesson === undefined || !revealed ? null : (
        <Outcome experiment={experiment} result={result} recorded={recorded} own={own} titleOf={titleOf} />
      )}
      {lesson && revealed ? <Checks checks={lesson.checks} answers={answers} onAnswer={onAnswer} /> : null}
    </main>
  );
}

function Facts({ experiment: { theirs, ours, differs, paper } }: { experiment: Experiment }): ReactElement {
  return (
    <dl className={`${classes.facts} ${classes.card}`}>
      <dt>The paper measured</dt>
      <dd>
        {theirs}{' '}
        <a href={paper.url} target="_blank" rel="noreferrer">
          {paper.title}
        </a>
      </dd>
      <dt>We measure</dt>
      <dd>{ours}</dd>
      <dt>How the two differ</dt>
      <dd>{differs}</dd>
    </dl>
  );
}

function Arms({ arms, disabled, onOpen }: { arms: Experiment['arms']; disabled: boolean; onOpen: (arm: string) => void }): ReactElement {
  return (
    <section className={classes.card} aria-label="Arms">
      <h3 className={classes.cardTitle}>Arms</h3>
      <ul className={classes.arms}>
        {Object.entries(arms).map(([arm, { title }], i) => (
          <li key={arm}>
            <Marker accent={accentOf(i)} size={10} />
            {title}
            <button
              type="button"
              className={classes.arm}
              disabled={disabled}
              onClick={() => onOpen(arm)}
              aria-label={`Open ${title} in the lab`}
            >
              open
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface LessonProps {
  readonly experiment: Experiment;
  readonly lesson: Lesson;
  readonly titleOf: (metric: string) => string;
  readonly recorded: ArmCurves;
  readonly own: ArmCurves;
  readonly answers: Answers;
  readonly onAnswer: (change: (answers: Answers) => Answers) => void;
}

const HEIGHT = 240;

function LessonPart({ experiment, lesson, titleOf, recorded, own, answers, onAnswer }: LessonProps): ReactElement {
  const { ref, width } = useElementSize();
  const predicted = isPredicted(lesson, answers);
  return (
    <section className={classes.card} aria-label="Predict" data-testid="lesson">
      <h3 className={classes.cardTitle}>{answers.shown ? 'What you predicted' : 'Predict first'}</h3>
      {answers.shown ? null : (
        <p className={classes.dim}>
          The result is covered until you have committed yourself. A prediction that turns out wrong is worth more than none.
        </p>
      )}
      <div ref={ref}>
        {width === 0
          ? null
          : lesson.predictions.map((prediction) => (
              <Predict
                key={prediction.id}
                experiment={experiment}
                prediction={prediction}
                titleOf={titleOf}
                recorded={recorded}
                own={own}
                revealed={answers.shown}
                answers={answers}
                onAnswer={onAnswer}
                width={Math.min(width, 640)}
                height={HEIGHT}
              />
            ))}
      </div>
      {answers.shown ? (
        <button
          type="button"
          className={classes.arm}
          onClick={() => onAnswer(() => ({ choices: {}, sketches: {}, checks: {}, shown: false }))}
        >
          Predict anew
        </button>
      ) : (
        <div className={classes.runRow}>
          <Button disabled={!predicted} onClick={() => onAnswer((before) => ({ ...before, shown: true }))} data-testid="reveal">
            Show the result
          </Button>
          {predicted ? null : (
            <button type="button" className={classes.arm} onClick={() => onAnswer((before) => ({ ...before, shown: true }))}>
              Show it without predicting
            </button>
          )}
        </div>
      )}
    </section>
  );
}

interface OutcomeProps {
  readonly experiment: Experiment;
  readonly result: Result | null | undefined;
  readonly recorded: ArmCurves;
  readonly own: ArmCurves;
  readonly titleOf: (metric: string) => string;
}

function Outcome({ experiment, result, recorded, own, titleOf }: OutcomeProps): ReactElement {
  const { ref, width } = useElementSize();
  const metrics = claimedMetrics(experiment);
  const columns = width > 760 && metrics.length > 1 ? 2 : 1;
  const empty = result === null && Object.keys(own).length === 0;
  return (
    <section className={classes.card} aria-label="Result" data-testid="result">
      <h3 className={classes.cardTitle}>Result</h3>
      {result === undefined ? <p className={classes.dim}>Fetching what was recorded.</p> : null}
      {empty ? <p className={classes.dim}>Nothing is recorded yet. Run it, and your own result stands here.</p> : null}
      <div ref={ref} className={classes.resultCharts} style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
        {width === 0 || empty
          ? null
          : metrics.map((metric) => (
              <div key={metric}>
                <h4 className={classes.chartTitle}>
                  {titleOf(metric)} <span className={classes.dim}>over steps; the shade is from the lowest to the highest seed</span>
                </h4>
                <ResultChart
                  experiment={experiment}
                  metric={metric}
                  title={titleOf(metric)}
                  recorded={recorded}
                  own={own}
                  width={(width - 16 * (columns - 1)) / columns}
                  height={HEIGHT}
                />
              </div>
            ))}
      </div>
      <h4 className={classes.chartTitle}>{experiment.claims.length === 1 ? 'The claim' : 'The claims'}</h4>
      <Verdicts experiment={experiment} recorded={recorded} outcomes={result?.outcomes ?? []} own={own} titleOf={titleOf} />
      {result ? (
        <p className={classes.source}>
          Recorded {result.date}, {result.device.backend} on {result.device.name}: <code>{result.command}</code>
        </p>
      ) : null}
    </section>
  );
}
