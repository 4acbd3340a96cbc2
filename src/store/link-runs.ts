/**
 * Which runs are compared, as parts of an address and back:
 *
 *     runs=1f2e3d4c5b6a7988:0.1.2:DPO;…   the arm of the ticked runs, their seeds, and what the arm is called
 *     &base=1f2e3d4c5b6a7988              the arm that the others are held against
 *
 * Runs lie with whoever trained them. What an address can name is what a run is, its settings and its seed: so it finds the same run in
 * another browser, whether it came there in a bundle or was trained there. What is not there is said, and is taken in when it comes.
 */
import type { Catalogue } from '../core/catalogue';
import { groupsOf } from './arms';
import { armNames, oneForEachSeed } from './compare';
import type { Lab } from './lab';
import { isArm } from './link-charts';
import { type LinkedArm, linkView, quoted } from './link-view';
import type { Run } from './run';
import { addNotice, removeNotice } from './state';

const MOST_ARMS = 64;
const MOST_SEEDS = 256;
const LONGEST_TITLE = 80;

const SEEDS = /^\d{1,10}(\.\d{1,10})*$/;

/**
 * The ticked runs of a list, and those of an earlier link that are not in it.
 * @param runs all that are listed, the oldest first
 */
export function runsPart(runs: readonly Run[], missing: readonly LinkedArm[], catalogue: Catalogue): string[] {
  const names = armNames(groupsOf(runs.toReversed()), catalogue);
  const ticked = groupsOf(runs.filter(({ visible }) => visible)).map(
    ({ arm, seeds }): LinkedArm => ({ arm, seeds, title: names.get(arm) ?? '' }),
  );
  const arms = merged([...ticked, ...missing]).slice(0, MOST_ARMS);
  const parts = arms.map(
    ({ arm, seeds, title }) => `${arm}:${seeds.slice(0, MOST_SEEDS).join('.')}:${inAddress(title.slice(0, LONGEST_TITLE))}`,
  );
  return parts.length === 0 ? [] : [`runs=${parts.join(';')}`];
}

const inAddress = (title: string): string => encodeURIComponent(title.replaceAll(';', ','));

/** One entry for each arm, with all its seeds. */
function merged(arms: readonly LinkedArm[]): LinkedArm[] {
  const found = new Map<string, LinkedArm>();
  for (const { arm, seeds, title } of arms) {
    const other = found.get(arm);
    const all = [...new Set([...(other?.seeds ?? []), ...seeds])].sort((a, b) => a - b);
    found.set(arm, { arm, seeds: all, title: other?.title ?? title });
  }
  return [...found.values()];
}

/** The runs that an address asks for; null where it says nothing of them, or nothing that can be read. */
export function runsAt(query: URLSearchParams, problems: string[]): readonly LinkedArm[] | null {
  const given = query.get('runs');
  if (given === null) return null;
  const arms: LinkedArm[] = [];
  for (const part of given.split(';').slice(0, MOST_ARMS)) {
    const [arm = '', seeds = '', ...title] = part.split(':');
    const numbers = SEEDS.test(seeds) ? seeds.split('.').map(Number) : [];
    if (isArm(arm) && numbers.length > 0 && numbers.every((seed) => seed <= 0xffffffff)) {
      arms.push({ arm, seeds: numbers.slice(0, MOST_SEEDS), title: title.join(':').trim().slice(0, LONGEST_TITLE) });
    } else problems.push(`runs: ${quoted(part)} names no runs; the link may have been cut off on its way.`);
  }
  return arms.length === 0 ? null : merged(arms);
}

export interface Found {
  /** Ids of the runs that are meant. */
  readonly here: ReadonlySet<string>;
  readonly missing: readonly LinkedArm[];
}

/**
 * Finds the runs of a link among those that are listed. Where several are of one arm and seed, those that are ticked are meant, else the
 * one that the charts would take.
 */
export function findRuns(linked: readonly LinkedArm[], runs: readonly Run[], stepsOf: (run: Run) => number): Found {
  const here = new Set<string>();
  const missing: LinkedArm[] = [];
  const byArm = new Map(groupsOf(runs).map((group) => [group.arm, group.runs]));
  for (const { arm, seeds, title } of linked) {
    const members = byArm.get(arm) ?? [];
    const left = seeds.filter((seed) => {
      const same = members.filter(({ spec }) => spec.seed === seed);
      const ticked = same.filter(({ visible }) => visible);
      for (const { id } of ticked.length > 0 ? ticked : oneForEachSeed(same, stepsOf)) here.add(id);
      return same.length === 0;
    });
    if (left.length > 0) missing.push({ arm, seeds: left, title });
  }
  return { here, missing };
}

const listed = ({ store }: Lab): Run[] => {
  const { runs, order } = store.getState();
  return order.flatMap((id) => runs[id] ?? []);
};

const found = (lab: Lab, linked: readonly LinkedArm[]): Found =>
  findRuns(linked, listed(lab), (run) => lab.recordings.get(run.id)?.step ?? run.lastStep ?? 0);

/** Ticks the runs of a link and no others, as far as they are here; where none is, what was ticked stays. There is a way back. */
export function tickLinked(lab: Lab, linked: readonly LinkedArm[]): void {
  const { here, missing } = found(lab, linked);
  linkView.setState({ missing });
  if (here.size === 0) return;
  const before = listed(lab);
  for (const { id, visible } of before) if (visible !== here.has(id)) lab.library.setVisible(id, here.has(id));
  if (!before.some(({ id, visible }) => visible && !here.has(id))) return;
  const notice = addNotice(lab.store, 'The link has ticked its own runs in place of yours.', {
    label: 'Tick mine again',
    run: () => {
      removeNotice(lab.store, notice);
      for (const { id, visible } of before) {
        const now = lab.store.getState().runs[id];
        if (now !== undefined && now.visible !== visible) lab.library.setVisible(id, visible);
      }
    },
  });
}

/** Looks again for runs that were missing, and ticks those that have come. */
export function tickWhatCame(lab: Lab): void {
  const { missing } = linkView.getState();
  const now = found(lab, missing);
  if (now.here.size === 0) return;
  linkView.setState({ missing: now.missing });
  for (const id of now.here) if (lab.store.getState().runs[id]?.visible === false) lab.library.setVisible(id, true);
}

/** Says what of a link that was opened before is not here, and leaves the ticks alone. */
export const lookForLinked = (lab: Lab, linked: readonly LinkedArm[]): void => linkView.setState({ missing: found(lab, linked).missing });
