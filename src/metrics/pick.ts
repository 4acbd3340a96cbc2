/** Looking at some of the samples only: the right ones, or no more than a metric can afford. */
import type { SampleMetric, SampleSet } from '../core/metric';

/** Completions that a metric looks at in one evaluation where its cost grows faster than their number. */
const MOST = 64;

/** The samples that are kept; a prompt that loses all of them stays, empty. */
function pick(set: SampleSet, keep: (prompt: number, sample: number) => boolean): SampleSet {
  const kept = <T>(rows: readonly (readonly T[])[]): T[][] => rows.map((row, i) => row.filter((_, j) => keep(i, j)));
  const { likelihood } = set;
  return {
    ...set,
    completions: kept(set.completions),
    correct: kept(set.correct),
    ...(likelihood === undefined ? {} : { likelihood: kept(likelihood) }),
  };
}

/** The first completions of a set, prompt by prompt, up to `most`. */
export function atMost(set: SampleSet, most = MOST): SampleSet {
  let left = most;
  const room = set.completions.map(({ length }) => {
    const taken = Math.min(left, length);
    left -= taken;
    return taken;
  });
  return pick(set, (prompt, sample) => sample < (room[prompt] as number));
}

/** Only the completions that are right. */
export const rightOnly = (set: SampleSet): SampleSet => pick(set, (prompt, sample) => set.correct[prompt]?.[sample] === true);

/**
 * A diversity metric among the completions that are right, so that nonsense does not pass for variety. Unless a unit is given it has
 * one of its own, so that it does not stand among the curves of all samples.
 */
export const gated = (metric: SampleMetric, unit = 'right samples'): SampleMetric => ({
  ...metric,
  id: `${metric.id}/correct`,
  title: `${metric.title}, right samples`,
  help: `${metric.help} Right samples only.`,
  unit,
  compute: (set) => metric.compute(rightOnly(set)),
});
