/** All experiments: what is asked, what the paper measured, what is measured here, and how the two differ. */
import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Experiment } from '../core/experiment';
import { EXPERIMENTS, openArm } from '../store/experiments';
import { formatSetting } from '../store/format';
import { lab, useLab } from '../store/index';
import classes from './experiments.module.css';
import { Recorded } from './Recorded';
import reading from './reading.module.css';

export default function ExperimentsPage({ labAddress }: { labAddress: string }): ReactElement {
  return (
    <main className={reading.page}>
      <h2 className={reading.title}>Experiments</h2>
      <p className={reading.lead}>
        Each is a small, runnable version of a published finding. Its threshold was fixed before the recorded runs, and a negative result is
        a result.
      </p>
      {EXPERIMENTS.map((experiment) => (
        <Card key={experiment.id} experiment={experiment} labAddress={labAddress} />
      ))}
    </main>
  );
}

function Card({ experiment, labAddress }: { experiment: Experiment; labAddress: string }): ReactElement {
  const catalogue = useLab((state) => state.catalogue);
  const { title, question, paper, theirs, ours, differs, arms, claims, opens, seeds } = experiment;
  const open = (arm: string): void => {
    if (catalogue === null) return;
    lab.open(() => openArm(experiment, arm, catalogue));
    window.location.hash = labAddress;
  };
  return (
    <article className={classes.card} id={experiment.id}>
      <header className={classes.head}>
        <h3 className={classes.cardTitle}>{title}</h3>
        <Button size="compact-sm" disabled={catalogue === null} onClick={() => open(opens)} aria-label={`Open ${title} in the lab`}>
          Open in the lab
        </Button>
      </header>
      <p className={classes.question}>{question}</p>
      <dl className={classes.facts}>
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
        <dt>Arms</dt>
        <dd>
          {Object.entries(arms).map(([id, arm], i) => (
            <span key={id}>
              {i === 0 ? '' : ', '}
              <button type="button" className={classes.arm} disabled={catalogue === null} onClick={() => open(id)}>
                {arm.title}
              </button>
            </span>
          ))}
        </dd>
        <dt>Claims</dt>
        <dd>
          <ul className={classes.claims}>
            {claims.map((claim) => (
              <li key={claim.text}>
                {claim.text}{' '}
                <span className={classes.threshold}>
                  Threshold {formatSetting(claim.threshold)}, {seeds} seeds.
                </span>
              </li>
            ))}
          </ul>
        </dd>
        <dt>Recorded</dt>
        <dd>
          <Recorded experimentId={experiment.id} />
        </dd>
      </dl>
    </article>
  );
}
