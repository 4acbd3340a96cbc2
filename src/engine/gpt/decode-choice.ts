/**
 * Which way of sampling is faster on a device, for rollouts of one shape. Where a dispatch costs little beside what it
 * computes, the dispatches of a position each are kept; where starting them is what takes the time, the single dispatch is
 * compiled beside the run and timed against them. Both write the same bits, so that the choice shows in nothing but time.
 */

/** How far the choice has come. */
export type Choice = 'unknown' | 'warm' | 'compiling' | 'compiled' | 'steps' | 'whole';

/** The two ways, for the request at hand. */
export interface Ways<R> {
  readonly dispatches: number;
  steps(): Promise<R>;
  /** Only called once it is compiled. */
  whole(): Promise<R>;
  compile(): Promise<void>;
  /** Waits until the device has nothing left to do. */
  idle(): Promise<void>;
  same(a: R, b: R): boolean;
}

/** Milliseconds below which a dispatch is mostly its own start: published figures are .024 to .071. */
const LAUNCH = 0.03;

/** Times of each way when they are compared; the faster one of them counts. */
const ROUNDS = 2;

/**
 * Runs a request and takes the choice a step further.
 * @param choose called with how far it is now
 */
export async function runFaster<R>(
  ways: Ways<R>,
  choice: Choice,
  choose: (next: Choice) => void,
  now: () => number = () => performance.now(),
): Promise<R> {
  const timed = async (way: () => Promise<R>): Promise<{ result: R; ms: number }> => {
    await ways.idle();
    const before = now();
    const result = await way();
    return { result, ms: now() - before };
  };
  switch (choice) {
    case 'unknown': {
      // The first time, shaders may be compiled and memory is taken.
      const result = await ways.steps();
      choose('warm');
      return result;
    }
    case 'warm': {
      const { result, ms } = await timed(() => ways.steps());
      if (ms >= LAUNCH * ways.dispatches) choose('steps');
      else {
        choose('compiling');
        ways.compile().then(
          () => choose('compiled'),
          () => choose('steps'),
        );
      }
      return result;
    }
    case 'compiled': {
      const result = await ways.steps();
      if (!ways.same(await ways.whole(), result)) choose('steps');
      else {
        const ms = { steps: Number.POSITIVE_INFINITY, whole: Number.POSITIVE_INFINITY };
        for (let round = 0; round < ROUNDS; round++) {
          for (const way of ['steps', 'whole'] as const) ms[way] = Math.min(ms[way], (await timed(() => ways[way]())).ms);
        }
        choose(ms.whole < ms.steps ? 'whole' : 'steps');
      }
      return result;
    }
    case 'whole':
      return ways.whole();
    case 'compiling':
    case 'steps':
      return ways.steps();
    default:
      return choice satisfies never;
  }
}
