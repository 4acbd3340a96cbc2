/** The number of seeds that Train takes. */
import { type ReactElement, useId } from 'react';
import { lab, useLab } from '../../store/index';
import { MAX_SEEDS } from '../../store/plan';
import runClasses from './runs.module.css';

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
