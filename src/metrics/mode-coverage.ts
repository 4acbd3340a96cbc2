/** How many of the right ways of answering the policy still uses. */
import type { SampleMetric } from '../core/metric';

export const modeCoverage: SampleMetric = {
  id: 'mode_coverage',
  title: 'Mode coverage',
  help: 'Share of the right ways of answering, such as formats, that at least one correct sample uses, over all prompts together.',
  chart: 'diversity',
  of: 'samples',
  compute: ({ world, completions, correct }) => {
    const modes = world.modes ?? [];
    const right = completions.flatMap((samples, i) => samples.filter((_, j) => correct[i]?.[j] === true));
    return modes.filter((mode) => right.some((completion) => mode.contains(completion))).length / modes.length;
  },
};
