/** The samples that were trained on, with what training makes of them. */
import { Box } from '@mantine/core';
import { memo, type ReactElement } from 'react';
import type { PoolSeen } from '../../core/diagnosis';
import { formatNumber, plural } from '../../store/format';
import { keyed } from '../../ui/SampleTable';
import { tint, tintRange, tintShare } from '../../ui/tint';
import uiClasses from '../../ui/ui.module.css';
import classes from './lab.module.css';

export interface TrainedTableProps {
  readonly pool: PoolSeen;
  /** The step of an earlier look that they are from; null where they are of the look on show. */
  readonly seenAt: number | null;
}

export const TrainedTable = memo(function TrainedTable({ pool: { samples, drawnAt }, seenAt }: TrainedTableProps): ReactElement {
  const [low, high] = tintRange(samples.map(({ reward }) => reward));
  const judged = samples.some(({ reward, trueReward }) => reward !== trueReward);
  const weighed = samples.some(({ advantage }) => advantage !== null);
  const heads = [
    'Prompt',
    'Completion',
    'Reward',
    ...(judged ? ['True reward'] : []),
    ...(weighed ? ['Advantage'] : []),
    'Tokens',
    'Verdict',
  ];
  return (
    <section className={classes.panel} style={{ marginTop: 8 }} aria-label="Samples trained on" data-testid="diagnosis-samples">
      <div className={classes.panelHead}>
        <h3 className={classes.chartTitle}>Samples trained on</h3>
        <span className={classes.dim}>
          the first {samples.length}, drawn after {plural(drawnAt, 'step')} of the stage
          {seenAt === null ? '' : `; as last seen at step ${seenAt}, until the run that was taken up draws again`}
        </span>
      </div>
      <Box
        component="section"
        tabIndex={0}
        className={`${uiClasses.tableBox} ${classes.trainedTable}`}
        aria-label="Samples with their advantages"
      >
        <table className={uiClasses.table}>
          <thead>
            <tr>
              {heads.map((head, i) => (
                <th key={head} scope="col" style={i < 2 ? {} : { width: head === 'Verdict' ? 124 : 84 }}>
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {keyed(samples).map(([key, sample]) => {
              const { prompt, completion, reward, trueReward, advantage, length, correct, truncated } = sample;
              return (
                <tr key={key} style={{ background: tint(tintShare(reward, low, high)) }}>
                  <td>
                    <span className={uiClasses.token} title={prompt}>
                      {prompt}
                    </span>
                  </td>
                  <td>
                    <span className={uiClasses.token} title={completion}>
                      {completion === '' ? <span className={uiClasses.nothing}>nothing</span> : completion}
                      {truncated ? '…' : ''}
                    </span>
                  </td>
                  <td className={uiClasses.reward}>{formatNumber(reward)}</td>
                  {judged ? <td className={uiClasses.reward}>{formatNumber(trueReward)}</td> : null}
                  {weighed ? <td className={uiClasses.reward}>{advantage === null ? '' : signed(advantage)}</td> : null}
                  <td className={uiClasses.reward}>{length}</td>
                  <td className={uiClasses.reward}>
                    {correct ? 'right' : 'wrong'}
                    {truncated ? ', cut off' : ''}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </Box>
    </section>
  );
});

const signed = (value: number): string => (value > 0 ? `+${formatNumber(value)}` : formatNumber(value));
