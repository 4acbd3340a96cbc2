/** How long runs will take, judged by those that have been. */
import { type RunSpec, totalSteps } from '../core/spec';
import { armOf, armOfSpec } from './arms';
import type { Run } from './run';

/**
 * Steps per second that a spec may be expected to make: those of the latest run of its arm, else of its world, policy and
 * objectives, else of its policy. Null where none of them has trained on this device.
 */
export function expectedPace(spec: RunSpec, runs: readonly Run[], device: string): number | null {
  const measured = runs.filter((run) => run.pace !== undefined && run.device === device);
  const arm = armOfSpec(spec);
  const like = ({ world, policy, stages }: RunSpec): string =>
    JSON.stringify([world.id, policy, stages.map(({ objective }) => objective.id)]);
  const nearest =
    measured.findLast((run) => armOf(run) === arm) ??
    measured.findLast((run) => like(run.spec) === like(spec)) ??
    measured.findLast((run) => run.spec.world.id === spec.world.id && run.spec.policy.id === spec.policy.id);
  return nearest?.pace ?? null;
}

/** Seconds that all of these take one after another; null where the pace of any is unknown. */
export function expectedSeconds(specs: readonly RunSpec[], runs: readonly Run[], device: string): number | null {
  const paces = new Map<string, number | null>();
  let seconds = 0;
  for (const spec of specs) {
    const arm = armOfSpec(spec);
    const pace = paces.get(arm) ?? expectedPace(spec, runs, device);
    paces.set(arm, pace);
    if (pace === null) return null;
    seconds += totalSteps(spec) / pace;
  }
  return seconds;
}
