/** What a result shows of each claim: threshold, effect, interval, seeds, null arm and the word for it; recorded and the reader's own. */
import type { ReactElement } from 'react';
import { niceAxis } from '../../charts/scale';
import type { Claim, Experiment } from '../../core/experiment';
import type { ArmCurves } from '../../core/lesson';
import { nullClaim, type Outcome } from '../../core/verdict';
import { judged } from '../../store/experiment-runs';
import { formatNumber, formatSetting, plural } from '../../store/format';
import classes from './experiments.module.css';

export interface VerdictsProps {
  readonly experiment: Experiment;
  readonly recorded: ArmCurves;
  /** What was recorded is told as it was recorded. */
  readonly outcomes: readonly Outcome[];
  readonly own: ArmCurves;
  readonly titleOf: (metric: string) => string;
  /** For a stage: what there is, in few words. */
  readonly brief?: boolean;
}

export function Verdicts({ experiment, recorded, outcomes, own, titleOf, brief = false }: VerdictsProps): ReactElement {
  return (
    <div className={classes.verdicts}>
      {experiment.claims.map((claim) => {
        const ofNull = nullClaim(claim, experiment);
        return (
          <article key={claim.text} className={classes.verdict} data-testid="verdict">
            <p className={classes.claimText}>{claim.text}</p>
            <p className={classes.dim}>
              {brief ? '' : `${effectInWords(claim, experiment, titleOf)} `}Threshold {formatSetting(claim.threshold)}, fixed before the
              run.
            </p>
            <div className={classes.sides}>
              <Side
                title="Recorded"
                outcome={outcomes.find((one) => one.claim.text === claim.text) ?? judged(claim, recorded)}
                ofNull={ofNull === null ? null : judged(ofNull, recorded)}
                empty={brief ? null : 'Nothing is recorded yet.'}
                brief={brief}
              />
              <Side
                title="Yours"
                outcome={judged(claim, own)}
                ofNull={ofNull === null ? null : judged(ofNull, own)}
                empty={brief ? null : 'Finished runs of these arms, unchanged, are judged here by the same rule.'}
                brief={brief}
              />
            </div>
          </article>
        );
      })}
    </div>
  );
}

function effectInWords({ arm, against, metric: id }: Claim, { arms }: Experiment, titleOf: (metric: string) => string): string {
  const metric = titleOf(id);
  const title = arms[arm]?.title ?? arm;
  if (against === 'nothing') return `${metric} of ${title}.`;
  if (against === 'start') return `${metric} of ${title}, end minus start.`;
  return `${metric} of ${title} minus that of ${arms[against.arm]?.title ?? against.arm}.`;
}

/** What the null arm makes of the claim: where it passes too, the claim tells nothing. */
function nullInWords({ mean, interval, verdict }: Outcome, brief: boolean): string {
  const range = brief ? '' : `, 95 % interval ${formatNumber(interval[0])} to ${formatNumber(interval[1])}`;
  return `Null arm ${formatNumber(mean)}${range}: ${verdict}${NULL_MEANS[verdict]}.`;
}

const PASSED = ', so that any update would have done it';
const FAILED = ', as it should be';
const NULL_MEANS = { shows: PASSED, reached: PASSED, 'does not show': FAILED, 'not reached': FAILED, inconclusive: '' } as const;

interface SideProps {
  readonly title: string;
  readonly outcome: Outcome | null;
  readonly ofNull: Outcome | null;
  /** What stands in its place; nothing for null. */
  readonly empty: string | null;
  readonly brief: boolean;
}

function Side({ title, outcome, ofNull, empty, brief }: SideProps): ReactElement | null {
  if (outcome === null && empty === null) return null;
  return (
    <div className={classes.side}>
      <h5 className={classes.sideTitle}>{title}</h5>
      {outcome === null ? (
        <p className={classes.dim}>{empty}</p>
      ) : (
        <>
          <p className={classes.word} data-verdict={outcome.verdict}>
            {outcome.verdict}
          </p>
          <Effects outcome={outcome} />
          <p className={classes.num}>
            effect <strong>{formatNumber(outcome.mean)}</strong>
            {outcome.effects.length < 2
              ? ', 1 seed'
              : `, 95 % interval ${formatNumber(outcome.interval[0])} to ${formatNumber(outcome.interval[1])}, ${plural(outcome.effects.length, 'seed')}`}
          </p>
          {ofNull === null ? null : <p className={classes.dim}>{nullInWords(ofNull, brief)}</p>}
          {outcome.effects.length < 10 && !brief ? (
            <p className={classes.dim}>Ten seeds decide whether it shows; fewer say what they did.</p>
          ) : null}
        </>
      )}
    </div>
  );
}

const WIDTH = 260;
const HEIGHT = 34;
const EDGE = 8;

/** The effect of each seed as a dot, their interval, and the threshold as an upright line. */
function Effects({ outcome: { effects, interval, mean, claim } }: { outcome: Outcome }): ReactElement {
  const all = [...effects, 0, claim.threshold];
  const { domain } = niceAxis(Math.min(...all), Math.max(...all), true);
  const x = (value: number): number => EDGE + ((WIDTH - 2 * EDGE) * (value - domain[0])) / (domain[1] - domain[0]);
  return (
    <svg className={classes.effects} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width="100%" aria-hidden="true">
      <line x1={EDGE} x2={WIDTH - EDGE} y1={HEIGHT / 2} y2={HEIGHT / 2} stroke="var(--lab-line)" />
      <line x1={x(0)} x2={x(0)} y1={HEIGHT / 2 - 4} y2={HEIGHT / 2 + 4} stroke="var(--lab-line-strong)" />
      <line x1={x(claim.threshold)} x2={x(claim.threshold)} y1={3} y2={HEIGHT - 3} stroke="var(--lab-text)" strokeDasharray="3 3" />
      {effects.length < 2 ? null : (
        <line
          x1={x(interval[0])}
          x2={x(interval[1])}
          y1={HEIGHT / 2}
          y2={HEIGHT / 2}
          stroke="var(--lab-dim)"
          strokeWidth={5}
          strokeOpacity={0.5}
        />
      )}
      <path
        d={effects.map((effect) => `M${x(effect)} ${HEIGHT / 2}h0`).join('')}
        stroke="var(--lab-text)"
        strokeOpacity={0.65}
        strokeWidth={6.4}
        strokeLinecap="round"
      />
      <line x1={x(mean)} x2={x(mean)} y1={HEIGHT / 2 - 8} y2={HEIGHT / 2 + 8} stroke="var(--lab-text)" strokeWidth={2} />
    </svg>
  );
}
