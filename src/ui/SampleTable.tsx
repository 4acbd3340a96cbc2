/** What the policy wrote: prompt, completion, answer, coloured by reward with the number beside it. */
import { Box } from '@mantine/core';
import { memo, type ReactElement } from 'react';
import type { Sample } from '../core/events';
import { formatNumber } from '../store/format';
import { tint, tintRange, tintShare } from './tint';
import classes from './ui.module.css';

/** Rows drawn at once; a run shows a few dozen. */
const SHOWN = 64;

export const SampleTable = memo(function SampleTable({ samples }: { samples: readonly Sample[] }): ReactElement {
  const [low, high] = tintRange(samples.map((sample) => sample.reward));
  const answered = samples.some((sample) => sample.answer !== null);
  return (
    <Box component="section" tabIndex={0} className={classes.tableBox} aria-label="Samples of the policy">
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Prompt</th>
            <th scope="col">Completion</th>
            {answered ? <th scope="col">Answer</th> : null}
            <th scope="col" style={{ width: 76 }}>
              Reward
            </th>
            <th scope="col" style={{ width: 124 }}>
              Verdict
            </th>
          </tr>
        </thead>
        <tbody>
          {keyed(samples.slice(0, SHOWN)).map(([key, sample]) => (
            <SampleRow key={key} sample={sample} answered={answered} share={tintShare(sample.reward, low, high)} />
          ))}
        </tbody>
      </table>
    </Box>
  );
});

/** The same completion of the same prompt may be there several times. */
export function keyed<S extends Pick<Sample, 'prompt' | 'completion'>>(samples: readonly S[]): [string, S][] {
  const seen = new Map<string, number>();
  return samples.map((sample) => {
    const text = `${sample.prompt}\n${sample.completion}`;
    const count = seen.get(text) ?? 0;
    seen.set(text, count + 1);
    return [`${text}\n${count}`, sample];
  });
}

const SampleRow = memo(function SampleRow({ sample, answered, share }: { sample: Sample; answered: boolean; share: number }): ReactElement {
  return (
    <tr style={{ background: tint(share) }}>
      <td>
        <span className={classes.token} title={sample.prompt}>
          {sample.prompt}
        </span>
      </td>
      <td>
        <span className={classes.token} title={sample.completion}>
          {sample.completion === '' ? <span className={classes.nothing}>nothing</span> : sample.completion}
          {sample.ended ? '' : '…'}
        </span>
      </td>
      {answered ? (
        <td>
          <span className={classes.token} title={sample.answer ?? ''}>
            {sample.answer ?? ''}
          </span>
        </td>
      ) : null}
      <td className={classes.reward}>{formatNumber(sample.reward)}</td>
      <td>
        <span className={classes.mark}>
          <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true" fill="none" stroke="currentColor" strokeWidth="1.8">
            <path d={sample.correct ? 'M1 5.5 4 8.5 9 1.5' : 'M1.5 1.5l7 7M8.5 1.5l-7 7'} />
          </svg>
          {sample.correct ? 'right' : 'wrong'}
          {sample.ended ? '' : ', cut off'}
        </span>
      </td>
    </tr>
  );
});
