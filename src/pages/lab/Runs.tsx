/** The right side: the runs, newest first, and what the open experiment claims. */
import { memo, type ReactElement } from 'react';
import { EXPERIMENTS } from '../../store/experiments';
import { formatSetting } from '../../store/format';
import { useLab } from '../../store/index';
import classes from './lab.module.css';
import { RunRow } from './RunRow';

export const Runs = memo(function Runs(): ReactElement {
  const order = useLab((state) => state.order);
  const runs = useLab((state) => state.runs);
  const activeId = useLab((state) => state.activeId);
  const catalogue = useLab((state) => state.catalogue);
  return (
    <section aria-label="Runs">
      <div className={classes.panelHead} style={{ padding: '12px 16px 4px' }}>
        <h2 className={classes.panelTitle}>Runs</h2>
      </div>
      <ul data-testid="runs" style={{ margin: 0, padding: 0, listStyle: 'none' }}>
        {order.length === 0 ? (
          <li className={`${classes.padded} ${classes.dim}`}>
            Each press of Train adds a run here, with a name, a colour and what differs from the run before.
          </li>
        ) : null}
        {[...order].reverse().map((id, i) => {
          const run = runs[id];
          const beforeId = order[order.length - 2 - i];
          if (run === undefined) return null;
          return (
            <RunRow
              key={id}
              run={run}
              before={beforeId === undefined ? null : (runs[beforeId] ?? null)}
              active={id === activeId}
              catalogue={catalogue}
            />
          );
        })}
      </ul>
      <Claims />
    </section>
  );
});

function Claims(): ReactElement | null {
  const opened = useLab((state) => state.setup?.opened?.experiment ?? null);
  const metrics = useLab((state) => state.catalogue?.metrics);
  const experiment = EXPERIMENTS.find((candidate) => candidate.id === opened);
  if (experiment === undefined) return null;
  return (
    <div className={classes.padded} style={{ borderTop: '1px solid var(--lab-line)', paddingTop: 12 }}>
      <h2 className={classes.panelTitle}>Question</h2>
      <p style={{ margin: '4px 0 12px' }}>{experiment.question}</p>
      <ul className={classes.claims}>
        {experiment.claims.map((claim) => (
          <li key={claim.text} className={classes.claim}>
            {claim.text}
            <div className={classes.claimFacts}>
              <span>
                threshold <strong className={classes.num}>{formatSetting(claim.threshold)}</strong>
              </span>
              <span>{metrics?.[claim.metric]?.title ?? claim.metric}</span>
            </div>
          </li>
        ))}
      </ul>
      <p className={classes.dim}>
        Thresholds were fixed before the recorded runs. <a href={experiment.paper.url}>{experiment.paper.title}</a>
      </p>
    </div>
  );
}
