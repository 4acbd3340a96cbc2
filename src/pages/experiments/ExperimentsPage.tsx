/** All experiments as short cards, each a link to its page. */
import { type ReactElement, useEffect, useState } from 'react';
import type { Experiment } from '../../core/experiment';
import type { Result } from '../../core/result';
import type { Outcome } from '../../core/verdict';
import { EXPERIMENTS } from '../../store/experiments';
import { plural } from '../../store/format';
import { LESSONS } from '../../store/lessons';
import { loadResult } from '../../store/results';
import reading from '../reading.module.css';
import classes from './experiments.module.css';

export default function ExperimentsPage(): ReactElement {
  return (
    <main className={reading.page}>
      <h2 className={reading.title}>Experiments</h2>
      <p className={reading.lead}>
        Each is a small, runnable version of a published finding. Its threshold was fixed before the recorded runs, and a negative result is
        a result. Not sure where to begin? <a href="#/guide">Which objective?</a>
      </p>
      <ul className={classes.cards}>
        {EXPERIMENTS.map((experiment) => (
          <Card key={experiment.id} experiment={experiment} />
        ))}
      </ul>
    </main>
  );
}

function Card({ experiment: { id, title, question, arms, claims } }: { experiment: Experiment }): ReactElement {
  const several = Object.keys(arms).length;
  return (
    <li className={classes.card}>
      <h3 className={classes.cardTitle}>
        <a href={`#/experiments/${id}`} className={classes.cardLink}>
          {title}
        </a>
      </h3>
      <p className={classes.question}>{question}</p>
      <p className={classes.dim}>
        {plural(several, 'arm')}, {plural(claims.length, 'claim')}
        {LESSONS.has(id) ? ', with a lesson' : ''}. <Recorded id={id} />
      </p>
    </li>
  );
}

/** The words for a recorded result's claims; where there is a lesson they would give it away. */
function Recorded({ id }: { id: string }): ReactElement {
  const [result, setResult] = useState<Result | null | undefined>(undefined);
  const lesson = LESSONS.has(id);
  useEffect(() => {
    let wanted = true;
    if (!lesson) void loadResult(id).then((found) => wanted && setResult(found));
    return () => {
      wanted = false;
    };
  }, [id, lesson]);
  if (lesson) return <span>The result is on its page, after the prediction.</span>;
  if (result === undefined) return <span>Fetching what was recorded.</span>;
  if (result === null) return <span>Nothing is recorded yet.</span>;
  const seeds = Math.max(0, ...result.outcomes.map(({ effects }) => effects.length));
  return (
    <span>
      Recorded over {plural(seeds, 'seed')}: {verdictsInWords(result)}.
    </span>
  );
}

const AS_PARTICIPLE: Readonly<Record<Outcome['verdict'], string>> = {
  shows: 'shown',
  'does not show': 'not shown',
  inconclusive: 'inconclusive',
  reached: 'reached',
  'not reached': 'not reached',
};

/** How many claims have each verdict: `2 shown, 1 not shown`. */
function verdictsInWords({ outcomes }: Result): string {
  const verdicts = [...new Set(outcomes.map(({ verdict }) => verdict))];
  return verdicts
    .map((verdict) => `${outcomes.filter((outcome) => outcome.verdict === verdict).length} ${AS_PARTICIPLE[verdict]}`)
    .join(', ');
}
