/** How many runs Train makes of the setup: the number of seeds, and the way to the sweeps. */
import { Button } from '@mantine/core';
import { lazy, memo, type ReactElement, Suspense, useState } from 'react';
import { useLab } from '../../store/index';
import { SeedCount } from './SeedCount';

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
