/** "Which objective?": a few questions about the signal at hand, and an objective that fits it with what to watch for. */
import { Button } from '@mantine/core';
import { type ReactElement, useEffect, useRef, useState } from 'react';
import { FAMILIES } from '../../core/catalogue';
import { openSetup } from '../../store/draft';
import { EXPERIMENTS, openArm } from '../../store/experiments';
import { lab, useLab } from '../../store/index';
import reading from '../reading.module.css';
import { ANSWERS, FIRST_QUESTION, type GuideAnswer, type GuideQuestion, QUESTIONS } from './guide';
import classes from './guide.module.css';

/** A question that was answered. */
interface Step {
  readonly question: GuideQuestion;
  readonly chosen: string;
}

const questionOf = (id: string): GuideQuestion | undefined => QUESTIONS.find((question) => question.id === id);

export default function GuidePage(): ReactElement {
  const [steps, setSteps] = useState<readonly Step[]>([]);
  const leads = steps.at(-1)?.question.options.find(({ text }) => text === steps.at(-1)?.chosen)?.leads ?? FIRST_QUESTION;
  const question = questionOf(leads);
  const answer = ANSWERS.find(({ id }) => id === leads);
  return (
    <main className={reading.page} data-testid="guide">
      <h2 className={reading.title}>Which objective?</h2>
      <p className={reading.lead}>Match the method to the signal that you have. Two or three questions lead to one that fits.</p>
      {steps.length === 0 ? null : (
        <ol className={classes.path} aria-label="Your answers">
          {steps.map(({ question: { id, text }, chosen }, i) => (
            <li key={id}>
              <span className={classes.dim}>{text}</span> {chosen}{' '}
              <button type="button" className={classes.change} onClick={() => setSteps(steps.slice(0, i))} aria-label={`Change: ${text}`}>
                change
              </button>
            </li>
          ))}
        </ol>
      )}
      {question === undefined ? null : (
        <Question
          key={question.id}
          question={question}
          first={steps.length === 0}
          onChoose={(chosen) => setSteps([...steps, { question, chosen }])}
        />
      )}
      {answer === undefined ? null : <Answer key={answer.id} answer={answer} />}
      {steps.length === 0 ? <All /> : null}
    </main>
  );
}

function Question({
  question,
  first,
  onChoose,
}: {
  question: GuideQuestion;
  first: boolean;
  onChoose: (text: string) => void;
}): ReactElement {
  const heading = useFocus(!first);
  return (
    <section className={classes.question} aria-labelledby="guide-question">
      <h3 id="guide-question" ref={heading} tabIndex={-1} className={classes.asked}>
        {question.text}
      </h3>
      <p className={classes.dim}>{question.help}</p>
      <ul className={classes.options}>
        {question.options.map(({ text, leads }) => (
          <li key={leads}>
            <button type="button" className={classes.option} onClick={() => onChoose(text)} data-leads={leads}>
              {text}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Answer({ answer }: { answer: GuideAnswer }): ReactElement {
  const heading = useFocus(true);
  const catalogue = useLab((state) => state.catalogue);
  const { title, family, objectives, why, watch } = answer;
  return (
    <section className={classes.answer} aria-labelledby="guide-answer" data-testid="guide-answer">
      <p className={classes.dim}>{FAMILIES[family]}</p>
      <h3 id="guide-answer" ref={heading} tabIndex={-1} className={classes.asked}>
        {title}
      </h3>
      <p className={classes.why}>{why}</p>
      <h4 className={classes.small}>What to watch for</h4>
      <ul className={classes.watch}>
        {watch.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
      <dl className={classes.objectives}>
        {objectives.map((id, i) => {
          const entry = catalogue?.objectives.find((candidate) => candidate.id === id);
          return (
            <div key={id}>
              <dt>
                {entry?.title ?? id} {i === 0 ? <span className={classes.dim}>to begin with</span> : null}
              </dt>
              <dd>
                {entry?.summary}{' '}
                {entry?.paper === undefined ? null : (
                  <a href={entry.paper.url} target="_blank" rel="noreferrer">
                    {entry.paper.title}
                  </a>
                )}
              </dd>
            </div>
          );
        })}
      </dl>
      <Open answer={answer} />
    </section>
  );
}

/** Opens the experiment that asks this, or a setup to begin with. */
function Open({ answer: { opens } }: { answer: GuideAnswer }): ReactElement {
  const catalogue = useLab((state) => state.catalogue);
  const experiment = 'experiment' in opens ? EXPERIMENTS.find(({ id }) => id === opens.experiment) : undefined;
  const open = (): void => {
    if (catalogue === null) return;
    if ('spec' in opens) lab.open(() => openSetup(opens.spec, null, catalogue));
    else if (experiment !== undefined) lab.open(() => openArm(experiment, opens.arm ?? experiment.opens, catalogue));
    window.location.hash = '#/';
  };
  return (
    <p className={classes.open}>
      <Button disabled={catalogue === null} onClick={open} data-testid="guide-open">
        Open in the lab
      </Button>
      <span className={classes.dim}>{'spec' in opens ? opens.title : experiment?.title}</span>
      {experiment === undefined ? null : <a href={`#/experiments/${experiment.id}`}>Read the experiment</a>}
    </p>
  );
}

/** Every answer at one look, for whoever knows the signal already. */
function All(): ReactElement {
  const catalogue = useLab((state) => state.catalogue);
  const titleOf = (id: string): string => catalogue?.objectives.find((entry) => entry.id === id)?.title ?? id;
  const families = Object.entries(FAMILIES).map(([family, title]) => ({
    title,
    answers: ANSWERS.filter((answer) => answer.family === family),
  }));
  return (
    <details className={classes.all}>
      <summary>All answers at one look</summary>
      {families.map(({ title, answers }) => (
        <section key={title} aria-label={title}>
          <h4 className={classes.small}>{title}</h4>
          <ul className={classes.watch}>
            {answers.map((answer) => (
              <li key={answer.id}>
                {answer.title} <span className={classes.dim}>{answer.objectives.map(titleOf).join(', ')}</span>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </details>
  );
}

/** Moves the focus to what has just appeared, so that a reader of the screen hears it. */
function useFocus(wanted: boolean) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (wanted) heading.current?.focus();
  }, [wanted]);
  return heading;
}
