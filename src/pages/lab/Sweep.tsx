/** How many runs Train makes of the setup: the number of seeds, and the way to the sweeps. */
import { Button } from '@mantine/core';
import { lazy, memo, type ReactElement, Suspense, useId, useState } from 'react';
import { lab, useLab } from '../../store/index';
import { MAX_SEEDS } from '../../store/plan';
import runClasses from './runs.module.css';

const SweepDialog = lazy(() => import('./SweepDialog'));
const SweepAsk = lazy(() => import('./SweepAsk'));

export const Sweep = memo(function Sweep(): ReactElement {
  const sweeps = useLab((state) => state.plan.sweeps);
  const asked = useLab((state) => state.asked !== null);
  const ready = useLab((state) => state.setup !== null && state.catalogue !== null);
  const [open, setOpen] = useState(false);
  const over = sweeps.map(({ spec }) => spec.title).join(' × ');
  return (
    <>
      <SeedCount />
      <Button
        size="compact-md"
        variant={sweeps.length === 0 ? 'default' : 'light'}
        data-testid="sweep"
        aria-haspopup="dialog"
        disabled={!ready}
        title={over === '' ? 'Train over several values of any setting' : `Sweeps over ${over}`}
        onClick={() => setOpen(true)}
      >
        {sweeps.length === 0 ? 'Sweep' : sweeps.length === 1 ? `Sweep: ${over}` : `${sweeps.length} sweeps`}
      </Button>
      <Suspense>
        {open ? <SweepDialog onClose={() => setOpen(false)} /> : null}
        {asked ? <SweepAsk /> : null}
      </Suspense>
    </>
  );
});

/** Seeds are counted up from the setup's own. */
export function SeedCount(): ReactElement {
  const id = useId();
  const seeds = useLab((state) => state.plan.seeds);
  const wrong = typeof seeds !== 'number' || !Number.isInteger(seeds) || seeds < 1 || seeds > MAX_SEEDS;
  return (
    <span className={runClasses.seeds}>
      <label htmlFor={id} title={`Train the same setup with 1 to ${MAX_SEEDS} seeds, counted up from its own`}>
        Seeds
      </label>
      <input
        id={id}
        type="number"
        className={runClasses.seedCount}
        data-testid="seeds"
        min={1}
        max={MAX_SEEDS}
        step={1}
        value={seeds as number | string}
        aria-invalid={wrong}
        onChange={({ currentTarget }) => {
          const typed = currentTarget.value;
          lab.setPlan({ ...lab.store.getState().plan, seeds: typed === '' ? '' : Number(typed) });
        }}
      />
    </span>
  );
}
