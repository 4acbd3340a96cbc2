/** What a link holds, in words. */
import type { Catalogue } from '../core/catalogue';
import type { Experiment } from '../core/experiment';
import { ownSources } from '../core/own';
import { type Difference, diffSpecs } from './diff';
import { checkDraft, entryOf, type Setup } from './draft';
import { DATASET_PARAM } from './files';
import { editsIn } from './link';

export interface LinkWords {
  /** What it opens: an experiment's arm, or a world. */
  readonly opens: string;
  readonly seed: string;
  readonly differences: readonly Difference[];
  /** Names of the reader's own code in it. */
  readonly code: readonly string[];
  /** Whether it needs a file that is not in it. */
  readonly needsFile: boolean;
  /** Why the setup cannot be run; whoever opens the link gets the rest of it. */
  readonly problem: string | null;
}

export function linkInWords(setup: Setup, catalogue: Catalogue, experiments: readonly Experiment[]): LinkWords {
  const { draft, opened } = setup;
  const { spec, problem } = checkDraft(draft, catalogue);
  const base = checkDraft({ ...editsIn(setup, catalogue, experiments).base, seed: spec?.seed ?? 0 }, catalogue).spec;
  const experiment = experiments.find(({ id }) => id === opened?.experiment);
  const arm = opened === null ? undefined : experiment?.arms[opened.arm];
  const world = entryOf(catalogue.worlds, draft.world.id);
  const file = draft.world.params[DATASET_PARAM];
  return {
    opens: experiment === undefined || arm === undefined ? `The world ${world.title}` : `${experiment.title}, ${arm.title}`,
    seed: String(draft.seed),
    differences: spec === null || base === null ? [] : diffSpecs(base, spec, catalogue),
    code: spec === null ? [] : ownSources(spec).map(({ id }) => id),
    needsFile: file !== undefined && file !== '',
    problem: problem === null ? null : `${problem.where === '' ? '' : `${problem.where}: `}${problem.what}`,
  };
}
