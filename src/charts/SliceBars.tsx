/** How much of each slice of the parameters has changed, as f32 and as bf16. */
import { Box } from '@mantine/core';
import { memo, type ReactElement } from 'react';
import { formatNumber } from '../store/format';
import type { Slices } from '../store/recording';
import classes from './charts.module.css';

export const SliceBars = memo(function SliceBars({ slices, colour }: { slices: Slices; colour: string }): ReactElement {
  return (
    <Box component="section" className={classes.slices} tabIndex={0} aria-label="Fraction changed by slice, f32 then bf16">
      <ul className={classes.sliceList}>
        {slices.names.map((name, i) => (
          <li key={name} className={classes.slice} title={titleOf(slices, i)}>
            <span className={classes.sliceName}>{`\u200e${name}`}</span>
            <span className={classes.sliceBars} aria-hidden="true">
              <Bar share={slices.f32[i] ?? 0} colour={colour} faint />
              <Bar share={slices.bf16[i] ?? 0} colour={colour} />
            </span>
            <span className={classes.value}>
              {formatNumber(slices.f32[i] ?? 0)} · {formatNumber(slices.bf16[i] ?? 0)}
            </span>
          </li>
        ))}
      </ul>
    </Box>
  );
});

/** The name in full, and how far the slice has moved where that was measured. */
function titleOf({ names, l2, max }: Slices, i: number): string {
  const name = names[i] ?? '';
  if (l2?.[i] === undefined || max?.[i] === undefined) return name;
  return `${name}: L2 movement ${formatNumber(l2[i])}, largest change ${formatNumber(max[i])}`;
}

const Bar = ({ share, colour, faint = false }: { share: number; colour: string; faint?: boolean }): ReactElement => (
  <span className={classes.bar}>
    <span style={{ width: `${100 * share}%`, background: colour, opacity: faint ? 0.45 : 1 }} />
  </span>
);
