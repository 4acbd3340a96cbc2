/** From runs to what charts draw as one. */
import type { Catalogue } from '../core/catalogue';
import { groupsOf } from '../store/arms';
import { armNames, oneForEachSeed } from '../store/compare';
import type { Run } from '../store/run';
import { type ChartRun, type Entry, entryOf } from './lines';

/** As much of a run as charts show. */
export function chartRunOf({ id, name, accent, totalSteps, spec }: Run, catalogue: Catalogue | null): ChartRun {
  const stages = spec.stages.map(({ objective, training }) => {
    const rollouts = catalogue?.objectives.find((entry) => entry.id === objective.id)?.data === 'rollouts';
    return { steps: training.steps, samples: training.batchSize * (rollouts ? training.group : 1) };
  });
  return { id, name, accent, totalSteps, stages };
}

/** What the arm of a run is called as an entry. */
export const armEntryId = (arm: string): string => `arm:${arm}`;

/** One entry for each arm, with one run for each seed. */
export function armEntries(runs: readonly Run[], catalogue: Catalogue | null, stepsOf: (run: Run) => number): Entry[] {
  const groups = groupsOf(runs);
  const names = armNames(groups, catalogue);
  return groups.map(({ arm, runs: members, accent }) => {
    const chosen = oneForEachSeed(members, stepsOf).map((run) => chartRunOf(run, catalogue));
    const [only] = chosen;
    // An arm of one run is that run, under the name that it has everywhere else.
    if (chosen.length === 1 && only !== undefined && members.length === 1) return { ...entryOf(only), id: armEntryId(arm) };
    return { id: armEntryId(arm), name: names.get(arm) ?? arm, accent, runs: chosen };
  });
}
