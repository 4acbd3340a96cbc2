/** What the reader predicts before the run, and how it compares with the result afterwards. */
import { type ReactElement, useId } from 'react';
import type { Experiment } from '../../core/experiment';
import {
  type ArmCurves,
  type ChoicePrediction,
  type Lesson,
  meanOf,
  type Points,
  type Prediction,
  rightOption,
  type SketchPrediction,
  scoreSketch,
  sketchInWords,
} from '../../core/lesson';
import type { Answers } from '../../store/lessons';
import classes from './experiments.module.css';
import { ResultChart } from './ResultChart';
import { Sketch } from './Sketch';

export interface PredictProps {
  readonly experiment: Experiment;
  readonly prediction: Prediction;
  readonly titleOf: (metric: string) => string;
  readonly recorded: ArmCurves;
  readonly own: ArmCurves;
  /** Whether the result may be seen. */
  readonly revealed: boolean;
  readonly answers: Answers;
  readonly onAnswer: (change: (answers: Answers) => Answers) => void;
  readonly width: number;
  readonly height: number;
  readonly scale?: number;
}

/** Whether everything that a lesson asks for has been predicted. */
export const isPredicted = ({ predictions }: Lesson, { choices, sketches }: Answers): boolean =>
  predictions.every(({ kind, id }) => (kind === 'choice' ? choices[id] !== undefined : sketches[id] !== undefined));

/** The reader's own runs decide where there are some; else the recorded ones. */
const decisive = (arms: readonly string[], own: ArmCurves, recorded: ArmCurves): ArmCurves =>
  arms.every((arm) => (own[arm]?.length ?? 0) > 0) ? own : recorded;

export function Predict(props: PredictProps): ReactElement {
  const { prediction } = props;
  return (
    <div className={classes.predict} data-testid={`predict-${prediction.id}`}>
      {prediction.kind === 'choice' ? <Choice {...props} prediction={prediction} /> : <Drawn {...props} prediction={prediction} />}
    </div>
  );
}

function Choice({ prediction, recorded, own, revealed, answers, onAnswer }: PredictProps & { prediction: ChoicePrediction }): ReactElement {
  const name = useId();
  const { id, question, options, answer, why } = prediction;
  const chosen = answers.choices[id];
  const arms = answer.by === 'highest' ? Object.values(answer.arms) : [answer.arm];
  const right = revealed ? rightOption(answer, decisive(arms, own, recorded)) : null;
  return (
    <fieldset className={classes.options}>
      <legend className={classes.asked}>{question}</legend>
      {options.map((option) => (
        <label key={option.id} className={classes.option} data-right={right === option.id || undefined}>
          <input
            type="radio"
            name={name}
            checked={chosen === option.id}
            disabled={revealed}
            onChange={() => onAnswer((before) => ({ ...before, choices: { ...before.choices, [id]: option.id } }))}
          />
          <span>
            {option.text}
            {revealed && chosen === option.id ? <em> Your prediction.</em> : null}
            {right === option.id ? <strong className={classes.said}> This is what happened.</strong> : null}
          </span>
        </label>
      ))}
      {revealed ? (
        <p className={classes.told} role="status">
          {chosen === undefined || right === null
            ? ''
            : chosen === right
              ? 'You saw it coming. '
              : 'It came out otherwise, and now you know where to look. '}
          {why}
        </p>
      ) : null}
    </fieldset>
  );
}

function Drawn(props: PredictProps & { prediction: SketchPrediction }): ReactElement {
  const { experiment, prediction, titleOf, recorded, own, revealed, answers, onAnswer, width, height, scale = 1 } = props;
  const { id, question, metric, arm, why } = prediction;
  const sketch = answers.sketches[id];
  const title = titleOf(metric);
  return (
    <div>
      <p className={classes.asked}>{question}</p>
      <p className={classes.dim}>
        {title}, {experiment.arms[arm]?.title}
      </p>
      {revealed ? (
        <>
          <ResultChart
            experiment={experiment}
            metric={metric}
            title={title}
            recorded={recorded}
            own={own}
            only={[arm]}
            {...(sketch === undefined ? {} : { prediction: sketch })}
            frame={prediction}
            width={width}
            height={height}
            scale={scale}
          />
          <p className={classes.told} role="status">
            {told(sketch, prediction, decisive([arm], own, recorded))} {why}
          </p>
        </>
      ) : (
        <Sketch
          experiment={experiment}
          prediction={prediction}
          title={title}
          recorded={recorded}
          sketch={sketch}
          onSketch={(drawn) => onAnswer((before) => ({ ...before, sketches: { ...before.sketches, [id]: drawn } }))}
          width={width}
          height={height}
          scale={scale}
        />
      )}
    </div>
  );
}

function told(sketch: Points | undefined, prediction: SketchPrediction, arms: ArmCurves): string {
  const score = sketch === undefined ? null : scoreSketch(sketch, prediction, meanOf(arms[prediction.arm] ?? [], prediction.metric));
  return score === null ? '' : sketchInWords(score);
}
