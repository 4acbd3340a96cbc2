/** Quick checks after the run: one answer each, explained. */
import { type ReactElement, useId } from 'react';
import type { Check } from '../../core/lesson';
import type { Answers } from '../../store/lessons';
import classes from './experiments.module.css';

export interface ChecksProps {
  readonly checks: readonly Check[];
  readonly answers: Answers;
  readonly onAnswer: (change: (answers: Answers) => Answers) => void;
}

export function Checks({ checks, answers, onAnswer }: ChecksProps): ReactElement {
  const given = checks.filter(({ id }) => answers.checks[id] !== undefined);
  const right = given.filter(({ id, answers: known }) => known[answers.checks[id] as number]?.right === true);
  return (
    <section className={classes.card} aria-label="Quick check">
      <h3 className={classes.cardTitle}>Quick check</h3>
      {checks.map((check) => (
        <One
          key={check.id}
          check={check}
          given={answers.checks[check.id]}
          onGive={(index) => onAnswer((before) => ({ ...before, checks: { ...before.checks, [check.id]: index } }))}
        />
      ))}
      {given.length < checks.length ? null : (
        <p className={classes.told} role="status">
          {right.length === checks.length
            ? 'All of them at the first look. '
            : `${right.length} of ${checks.length}. Each answer says why; choosing another one shows its reason too. `}
        </p>
      )}
    </section>
  );
}

function One({ check, given, onGive }: { check: Check; given: number | undefined; onGive: (index: number) => void }): ReactElement {
  const name = useId();
  const answer = given === undefined ? undefined : check.answers[given];
  return (
    <fieldset className={classes.options} data-testid={`check-${check.id}`}>
      <legend className={classes.asked}>{check.question}</legend>
      {check.answers.map(({ text }, i) => (
        <label key={text} className={classes.option}>
          <input type="radio" name={name} checked={given === i} onChange={() => onGive(i)} />
          <span>{text}</span>
        </label>
      ))}
      <p className={classes.told} role="status">
        {answer === undefined ? '' : `${answer.right ? 'Right.' : 'Not quite.'} ${answer.because}`}
      </p>
    </fieldset>
  );
}
