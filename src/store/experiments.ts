/** The experiments, found by their files. */
import type { Catalogue } from '../core/catalogue';
import type { Experiment } from '../core/experiment';
import { SpecError } from '../core/params';
import { openSetup, type Setup } from './draft';

const modules = import.meta.glob<Experiment | undefined>(['../experiments/*.ts', '!../experiments/*.test.ts'], {
  eager: true,
  import: 'default',
});

/** All experiments in their order. */
export const EXPERIMENTS: readonly Experiment[] = Object.values(modules)
  .filter((experiment): experiment is Experiment => experiment !== undefined)
  .sort((a, b) => a.order - b.order);

/** The experiment that a newcomer meets. */
const FIRST = 'mode-seeking';

/** Opens an arm of an experiment. @throws SpecError where there is no such arm or its spec cannot be resolved. */
export function openArm(experiment: Experiment, arm: string, catalogue: Catalogue): Setup {
  const found = experiment.arms[arm];
  if (found === undefined) throw new SpecError('', `${experiment.title} has no arm called ${arm}`);
  return openSetup(found.spec, { experiment: experiment.id, arm }, catalogue);
}

/** What the lab opens with: the first experiment that the catalogue can run, else the first world as it suggests itself. */
export function openFirst(experiments: readonly Experiment[], catalogue: Catalogue): Setup {
  const first = experiments.find((experiment) => experiment.id === FIRST);
  for (const experiment of first === undefined ? experiments : [first, ...experiments]) {
    try {
      return openArm(experiment, experiment.opens, catalogue);
    } catch (error) {
      if (!(error instanceof SpecError)) throw error;
    }
  }
  const world = catalogue.worlds[0];
  if (world === undefined) throw new SpecError('world', 'the lab has no world');
  return openSetup({ world: world.id, stages: world.suggested.stages }, null, catalogue);
}
