import { expect, it } from 'vitest';
import { type Choice, runFaster, type Ways } from './decode-choice';

/** Ways that take so many milliseconds, and what happened. */
function contest(ms: { steps: number; whole: number }, { dispatches = 100, same = true, compiles = true } = {}) {
  let clock = 0;
  let choice: Choice = 'unknown';
  const log: string[] = [];
  const way = (name: 'steps' | 'whole') => async (): Promise<string> => {
    log.push(name);
    clock += ms[name];
    return name;
  };
  const ways: Ways<string> = {
    dispatches,
    steps: way('steps'),
    whole: way('whole'),
    async compile() {
      log.push('compile');
      if (!compiles) throw new Error('does not compile');
    },
    async idle() {},
    same: () => same,
  };
  const run = (): Promise<string> =>
    runFaster(
      ways,
      choice,
      (next) => {
        choice = next;
      },
      () => clock,
    );
  return { run, log, choice: () => choice };
}

const runs = async (times: number, run: () => Promise<string>): Promise<string[]> => {
  const results: string[] = [];
  for (let i = 0; i < times; i++) results.push(await run());
  return results;
};

it('takes the single dispatch where starting dispatches takes the time and it is faster', async () => {
  const { run, log, choice } = contest({ steps: 1, whole: 0.5 });
  expect(await runs(4, run)).toEqual(['steps', 'steps', 'steps', 'whole']);
  expect(log).toEqual(['steps', 'steps', 'compile', 'steps', 'whole', 'steps', 'whole', 'steps', 'whole', 'whole']);
  expect(choice()).toBe('whole');
});

it('compiles nothing where dispatches are long', async () => {
  // 100 dispatches of .03 ms.
  const { run, log } = contest({ steps: 3, whole: 0.5 });
  await runs(4, run);
  expect(log).toEqual(['steps', 'steps', 'steps', 'steps']);
});

it.each([
  ['it is slower', { steps: 1, whole: 1.5 }, {}],
  ['a bit differs', { steps: 1, whole: 0.5 }, { same: false }],
  ['it does not compile', { steps: 1, whole: 0.5 }, { compiles: false }],
])('keeps the dispatches of a position where %s', async (_, ms, options) => {
  const { run, choice } = contest(ms, options);
  expect(await runs(4, run)).toEqual(['steps', 'steps', 'steps', 'steps']);
  expect(choice()).toBe('steps');
});
