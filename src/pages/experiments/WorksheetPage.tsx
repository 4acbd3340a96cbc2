/** A worksheet for paper: the question, a box for each prediction, a table for the results, and questions to answer in writing. */
import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Experiment } from '../../core/experiment';
import type { Lesson, Prediction } from '../../core/lesson';
import { claimedMetrics } from '../../store/experiment-runs';
import { formatSetting } from '../../store/format';
import { useLab } from '../../store/index';
import { experimentOf, useLesson } from './useExperiment';
import classes from './worksheet.module.css';

export default function WorksheetPage({ id }: { id: string }): ReactElement {
  const experiment = experimentOf(id);
  const lesson = useLesson(id);
  if (lesson === undefined) return <main className={classes.page} />;
  if (experiment === undefined || lesson === null) {
    return (
      <main className={classes.page}>
        <p>
          There is no worksheet for {JSON.stringify(id)}. <a href="#/experiments">All experiments</a>
        </p>
      </main>
    );
  }
  return (
    <main className={classes.page}>
      <div className={classes.tools}>
        <a href={`#/experiments/${id}`}>Back to the experiment</a>
        <Button size="compact-md" onClick={() => window.print()}>
          Print
        </Button>
      </div>
      <Sheet experiment={experiment} lesson={lesson} />
    </main>
  );
}

function Sheet({ experiment, lesson }: { experiment: Experiment; lesson: Lesson }): ReactElement {
  const metrics = useLab((state) => state.catalogue?.metrics);
  const titleOf = (metric: string): string => metrics?.[metric]?.title ?? metric;
  const { title, question, paper, ours, arms, claims, seeds } = experiment;
  return (
    <article className={classes.sheet} data-testid="worksheet">
      <header className={classes.head}>
        <h2>{title}</h2>
        <p className={classes.fields}>
          <span>Name</span>
          <span>Date</span>
          <span>{lesson.minutes} minutes</span>
        </p>
      </header>
      <h3>Question</h3>
      <p>{question}</p>
      <p className={classes.small}>
        We measure: {ours} After {paper.title}.
      </p>
      <h3>Afterwards you can</h3>
      <ul>
        {lesson.aims.map((aim) => (
          <li key={aim}>{aim}</li>
        ))}
      </ul>
      <h3>1. Predict, before anything is run</h3>
      {lesson.predictions.map((prediction) => (
        <Box key={prediction.id} prediction={prediction} titleOf={titleOf} />
      ))}
      <h3>2. Run and record</h3>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Arm</th>
            <th scope="col">Measured at the end</th>
            {Array.from({ length: seeds }, (_, i) => i).map((seed) => (
              <th key={seed} scope="col">
                seed {seed}
              </th>
            ))}
            <th scope="col">mean</th>
          </tr>
        </thead>
        <tbody>
          {claimedMetrics(experiment).flatMap((metric) =>
            Object.entries(arms).map(([arm, { title: armTitle }]) => (
              <tr key={`${arm} ${metric}`}>
                <th scope="row">{armTitle}</th>
                <td>{titleOf(metric)}</td>
                {Array.from({ length: seeds + 1 }, (_, i) => i).map((cell) => (
                  <td key={cell} />
                ))}
              </tr>
            )),
          )}
        </tbody>
      </table>
      <h3>3. Judge</h3>
      <ul className={classes.claims}>
        {claims.map((claim) => (
          <li key={claim.text}>
            {claim.text} <span className={classes.small}>Threshold {formatSetting(claim.threshold)}.</span>
            <p className={classes.blank}>Effect:</p>
            <p className={classes.blank}>Does it reach the threshold in every seed?</p>
          </li>
        ))}
      </ul>
      <h3>4. In your own words</h3>
      <ol className={classes.claims}>
        {lesson.worksheet.map((asked) => (
          <li key={asked}>
            {asked}
            <p className={classes.lines} />
          </li>
        ))}
      </ol>
    </article>
  );
}

function Box({ prediction, titleOf }: { prediction: Prediction; titleOf: (metric: string) => string }): ReactElement {
  return (
    <div className={classes.box}>
      <p>{prediction.question}</p>
      {prediction.kind === 'choice' ? (
        <ul className={classes.ticks}>
          {prediction.options.map(({ id, text }) => (
            <li key={id}>{text}</li>
          ))}
        </ul>
      ) : (
        <Axes title={titleOf(prediction.metric)} from={prediction.from} to={prediction.to} low={prediction.low} high={prediction.high} />
      )}
    </div>
  );
}

/** Empty axes to draw on. */
function Axes({ title, from, to, low, high }: { title: string; from: number; to: number; low: number; high: number }): ReactElement {
  const lines = [0, 0.25, 0.5, 0.75, 1];
  return (
    <svg viewBox="0 0 600 190" width="100%" role="img" aria-label={`Empty axes: ${title} over steps ${from} to ${to}`}>
      {lines.map((share) => (
        <g key={share}>
          <line x1={50} x2={590} y1={160 - 145 * share} y2={160 - 145 * share} stroke="#bbb" strokeWidth={share === 0 ? 1.4 : 0.6} />
          <text x={44} y={164 - 145 * share} textAnchor="end" fontSize={11} fill="#333">
            {formatSetting(low + (high - low) * share)}
          </text>
          <text x={50 + 540 * share} y={177} textAnchor={share === 1 ? 'end' : 'middle'} fontSize={11} fill="#333">
            {formatSetting(from + (to - from) * share)}
          </text>
        </g>
      ))}
      <line x1={50} x2={50} y1={10} y2={160} stroke="#777" />
      <text x={590} y={188} textAnchor="end" fontSize={11} fill="#333">
        steps
      </text>
      <text x={56} y={12} fontSize={11} fill="#333">
        {title}
      </text>
    </svg>
  );
}
