import { describe, expect, it } from 'vitest';
import { resolveSpec } from '../core/resolve';
import type { RunSpecInput } from '../core/spec';
import { armOf } from './arms';
import { CATALOGUE } from './catalogue.fixture';
import { playedLab } from './lab.fixture';
import { findRuns, lookForLinked, runsAt, runsPart, tickLinked, tickWhatCame } from './link-runs';
import { type LinkedArm, linkView } from './link-view';
import type { Run } from './run';
import { finishedRun } from './run.fixture';

const run = (id: string, seed: number, lr: number, more: Partial<Run> = {}): Run =>
  finishedRun(id, resolveSpec({ world: 'sums', seed, stages: [{ objective: 'sft', training: { lr } }] } as RunSpecInput, CATALOGUE), more);

const A = [run('a0', 0, 0.1), run('a1', 1, 0.1), run('a7', 7, 0.1)] as const;
const B = [run('b0', 0, 0.2), run('b1', 1, 0.2)] as const;
const hidden = <R extends Run>(one: R): R => ({ ...one, visible: false });
const [armA, armB] = [armOf(A[0]), armOf(B[0])];

const written = (runs: readonly Run[], missing: readonly LinkedArm[] = []) => runsPart(runs, missing, CATALOGUE).join('&');
/** What is read out of an address, with what is wrong with it. */
function read(query: string) {
  const problems: string[] = [];
  return { arms: runsAt(new URLSearchParams(query), problems), problems };
}
const noSteps = (): number => 0;

describe('the runs in a link', () => {
  it('are the ticked ones by arm and seed, with a name for each arm, and come back so', () => {
    const query = written([...A, hidden(B[0]), B[1]]);
    expect(query).toMatch(new RegExp(`^runs=${armA}:0\\.1\\.7:[^;]+;${armB}:1:[^;]+$`));
    const { arms, problems } = read(query);
    expect(problems).toEqual([]);
    expect(arms?.map(({ arm, seeds }) => [arm, seeds])).toEqual([
      [armA, [0, 1, 7]],
      [armB, [1]],
    ]);
    // Told apart by what differs, as on the page.
    expect(arms?.map(({ title }) => title)).toEqual([
      expect.stringContaining('learning rate 0.1'),
      expect.stringContaining('learning rate 0.2'),
    ]);
  });

  it('are none where nothing is ticked, and an address of before there were any says nothing of them', () => {
    expect(written(A.map(hidden))).toBe('');
    expect(read('x=num_tokens&band=sd')).toEqual({ arms: null, problems: [] });
  });

  it('keep those of an earlier link that are not here, arm by arm', () => {
    const missing = [
      { arm: armA, seeds: [3], title: 'another name' },
      { arm: 'f'.repeat(16), seeds: [0, 1], title: 'told; apart: 100 %' },
    ];
    const { arms, problems } = read(written([...A], missing));
    expect(problems).toEqual([]);
    expect(arms?.map(({ seeds }) => seeds)).toEqual([
      [0, 1, 3, 7],
      [0, 1],
    ]);
    expect(arms?.[1]?.title).toBe('told, apart: 100 %');
  });

  it.each([
    ['', /^runs: "" names no runs/],
    ['moon', /^runs: "moon" names no runs/],
    [`${armA}`, /names no runs/],
    [`${armA}:`, /names no runs/],
    [`${armA}:1.x:name`, /names no runs/],
    [`${armA}:4294967296:name`, /names no runs/],
    [`${armA.toUpperCase()}A:1:name`, /names no runs/],
  ])('%j says that it names none, and the rest is read', (part, why) => {
    const { arms, problems } = read(`runs=${part};${armB}:0:B`);
    expect(problems).toEqual([expect.stringMatching(why)]);
    expect(problems[0]).toMatch(/\.$/);
    expect(arms).toEqual([{ arm: armB, seeds: [0], title: 'B' }]);
    expect(read(`runs=${part}`).arms).toBeNull();
  });

  it('have a bound, and a name may be left out', () => {
    const many = Array.from({ length: 100 }, (_, i) => `${i.toString(16).padStart(16, '0')}:${'1.'.repeat(400)}2`).join(';');
    const { arms } = read(`runs=${many}`);
    expect(arms).toHaveLength(64);
    expect(arms?.[0]).toEqual({ arm: '0'.repeat(16), seeds: [1], title: '' });
  });
});

describe('runs are found', () => {
  it('by what they are, wherever they came from, and what is not here is said', () => {
    const linked = [
      { arm: armA, seeds: [0, 2, 3], title: 'A' },
      { arm: armB, seeds: [0, 1], title: 'B' },
      { arm: 'f'.repeat(16), seeds: [5], title: 'C' },
    ];
    const { here, missing } = findRuns(linked, [...A.map(hidden), ...B], noSteps);
    expect([...here]).toEqual(['a0', 'b0', 'b1']);
    expect(missing).toEqual([
      { arm: armA, seeds: [2, 3], title: 'A' },
      { arm: 'f'.repeat(16), seeds: [5], title: 'C' },
    ]);
  });

  it('once for each seed: those that are ticked, else the one that has come furthest', () => {
    const again = { ...A[0], id: 'again' };
    const linked = [{ arm: armA, seeds: [0], title: 'A' }];
    const steps = ({ id }: Run): number => (id === 'a0' ? 9 : 3);
    expect([...findRuns(linked, [hidden(A[0]), hidden(again)], steps).here]).toEqual(['a0']);
    expect([...findRuns(linked, [hidden(A[0]), again], steps).here]).toEqual(['again']);
    expect([...findRuns(linked, [A[0], again], steps).here]).toEqual(['a0', 'again']);
  });
});

describe('opening a link', () => {
  function bench(runs: readonly Run[]) {
    const { lab } = playedLab();
    const list = (all: readonly Run[]): void =>
      lab.store.setState({ runs: Object.fromEntries(all.map((one) => [one.id, one])), order: all.map(({ id }) => id) });
    list(runs);
    linkView.setState({ missing: [] });
    const ticked = (): string[] => Object.values(lab.store.getState().runs).flatMap(({ id, visible }) => (visible ? [id] : []));
    return { lab, list, ticked, missing: () => linkView.getState().missing, notices: () => lab.store.getState().notices };
  }
  const bOfZero = { arm: armB, seeds: [0], title: 'B' };

  it('ticks its runs and no others, with a way back to what was ticked', () => {
    const { lab, ticked, missing, notices } = bench([...A, ...B.map(hidden)]);
    tickLinked(lab, [bOfZero]);
    expect(ticked()).toEqual(['b0']);
    expect(missing()).toEqual([]);
    notices()[0]?.action?.run();
    expect(ticked()).toEqual(['a0', 'a1', 'a7']);
    expect(notices()).toEqual([]);
  });

  it('leaves the ticks alone where none of its runs is here, and says so', () => {
    const { lab, ticked, missing, notices } = bench([...A]);
    tickLinked(lab, [bOfZero]);
    expect(ticked()).toEqual(['a0', 'a1', 'a7']);
    expect(missing()).toEqual([bOfZero]);
    expect(notices()).toEqual([]);
    // As after a reload.
    linkView.setState({ missing: [] });
    lookForLinked(lab, [bOfZero, { arm: armA, seeds: [0], title: 'A' }]);
    expect(ticked()).toEqual(['a0', 'a1', 'a7']);
    expect(missing()).toEqual([bOfZero]);
  });

  it('takes in what was missing when it comes, and leaves the others as they are', () => {
    const { lab, list, ticked, missing } = bench([...A.map(hidden)]);
    tickLinked(lab, [
      { arm: armA, seeds: [0], title: 'A' },
      { arm: armB, seeds: [0, 1], title: 'B' },
    ]);
    expect(ticked()).toEqual(['a0']);
    list([...A, hidden(B[1])]);
    tickWhatCame(lab);
    expect(ticked()).toEqual(['a0', 'a1', 'a7', 'b1']);
    expect(missing()).toEqual([bOfZero]);
  });
});
