/** What was recorded for an experiment's claims, with the device and the command beside it. */
import { type ReactElement, useEffect, useState } from 'react';
import type { Result } from '../core/result';
import { formatNumber } from '../store/format';
import { loadResult } from '../store/results';
import classes from './experiments.module.css';

export function Recorded({ experimentId }: { experimentId: string }): ReactElement {
  const [result, setResult] = useState<Result | null | 'loading'>('loading');
  useEffect(() => {
    let wanted = true;
    void loadResult(experimentId).then((found) => wanted && setResult(found));
    return () => {
      wanted = false;
    };
  }, [experimentId]);
  if (result === 'loading') return <span className={classes.threshold}>Loading</span>;
  if (result === null) return <span className={classes.threshold}>Nothing is recorded yet: run it to see.</span>;
  const { outcomes, device, date, command } = result;
  return (
    <>
      <ul className={classes.claims}>
        {outcomes.map(({ claim, mean, interval, effects, verdict }) => (
          <li key={claim.text}>
            <strong>{verdict}</strong>: {formatNumber(mean)} against a threshold of {formatNumber(claim.threshold)}; 95 % interval{' '}
            {formatNumber(interval[0])} to {formatNumber(interval[1])} over {effects.length} seeds.{' '}
            <span className={classes.threshold}>{claim.text}</span>
          </li>
        ))}
      </ul>
      <p className={classes.source}>
        {date}, {device.backend} on {device.name}: <code>{command}</code>
      </p>
    </>
  );
}
