/** One panel of a presentation. */
import type { ReactElement } from 'react';
import type { Experiment } from '../../core/experiment';
import type { ArmCurves, Lesson } from '../../core/lesson';
import type { Result } from '../../core/result';
import { useLab } from '../../store/index';
import type { Answers } from '../../store/lessons';
import { Predict } from '../experiments/Predict';
import { ResultChart } from '../experiments/ResultChart';
import { Verdicts } from '../experiments/Verdicts';
import type { Slide } from './panels';
import classes from './present.module.css';

export interface PanelProps {
  readonly slide: Slide;
  readonly experiment: Experiment;
  readonly lesson: Lesson | null;
  readonly result: Result | null | undefined;
  readonly recorded: ArmCurves;
  readonly own: ArmCurves;
  readonly answers: Answers;
  readonly onAnswer: (change: (answers: Answers) => Answers) => void;
  readonly width: number;
  readonly height: number;
  readonly scale: number;
}

/** Share of the panel that a chart takes; its legend and the words around it take the rest. */
const CHART = 0.62;

export function Panel(props: PanelProps): ReactElement {
  const { slide, experiment, lesson, result, recorded, own, answers, onAnswer, width, height, scale } = props;
  const metrics = useLab((state) => state.catalogue?.metrics);
  const titleOf = (metric: string): string => metrics?.[metric]?.title ?? metric;
  if (slide.prediction !== undefined) {
    return (
      <Predict
        experiment={experiment}
        prediction={slide.prediction}
        titleOf={titleOf}
        recorded={recorded}
        own={own}
        revealed={slide.revealed === true}
        answers={answers}
        onAnswer={onAnswer}
        width={width}
        height={Math.max(180, height * (CHART - 0.1))}
        scale={scale}
      />
    );
  }
  switch (slide.panel) {
    case 'chart': {
      const metric = experiment.claims[0]?.metric;
      if (metric === undefined) return <p className={classes.large}>This experiment has no claim to draw.</p>;
      return (
        <>
          <h2 className={classes.heading}>{titleOf(metric)}</h2>
          <ResultChart
            experiment={experiment}
            metric={metric}
            title={titleOf(metric)}
            recorded={recorded}
            own={own}
            width={width}
            height={Math.max(180, height * CHART)}
            scale={scale}
          />
        </>
      );
    }
    case 'verdict':
      return <Verdicts experiment={experiment} recorded={recorded} outcomes={result?.outcomes ?? []} own={own} titleOf={titleOf} brief />;
    case 'notes':
      return (
        <ul className={classes.takeaways}>
          {lesson?.takeaways.map((takeaway) => (
            <li key={takeaway}>{takeaway}</li>
          ))}
        </ul>
      );
    default:
      return (
        <>
          <h2 className={classes.asked}>{experiment.question}</h2>
          <p className={classes.source}>After {experiment.paper.title}</p>
        </>
      );
  }
}
