/**
 * The page with ten runs of 5,000 points overlaid in all its charts, and one more that trains: how much of the page each thing that
 * a reader does changes, and what stays behind. These are counts and bytes; the milliseconds are in performance.spec.ts, which is
 * not part of `npm test`.
 *
 * Memory is what is left on the page's heap after a garbage collection.
 * `OBJECTIVE_LAB_MINUTES=30 npx playwright test --config e2e/playwright.config.ts crowded` watches for that long.
 */
import type { CDPSession } from '@playwright/test';
import { leastChanges, watchChanges } from './changes';
import { ALL_IN_SIGHT, CHARTS, crowd, interactions, lookAtTraining, RUNS, trainOn } from './crowd';
import { expect, type LabPage, test } from './lab-page';

/** What may change in the page each time, apart from curves: twice what does. */
const CHANGES: Readonly<Record<string, number>> = { look: 400, menu: 16, toggle: 90, crosshair: 450 };
/** Characters of a curve. All of its points would be 50,000; what the pixels can show is 2,000. */
const CURVE = 4000;
const WATCHED_MINUTES = Number(process.env.OBJECTIVE_LAB_MINUTES ?? 0.3);
/** Steps trained between two looks at the heap: a few seconds here, and never so few that a long watch is many looks. */
const STEPS_BETWEEN = Math.round(40 * Math.max(1, WATCHED_MINUTES / 2));
/**
 * What a watch may add to the least that is held, in bytes. A page that keeps a picture of what it draws adds that within seconds; for
 * anything slower there is the long watch.
 */
const GROWTH = 10e6;

test.use(ALL_IN_SIGHT);

test('ten runs of 5,000 points beside one that trains: little of the page changes, memory is flat', async ({ lab }) => {
  test.setTimeout((WATCHED_MINUTES + 3) * 60_000);
  const { page } = lab;
  await watchChanges(page);
  await crowd(lab);
  const lengths = await page
    .locator('path[data-curve="main"]')
    .evaluateAll((paths) => paths.map((path) => path.getAttribute('d')?.length ?? 0));
  console.log(`The longest of ${lengths.length} curves has ${Math.max(...lengths)} characters.`);
  expect(lengths.length).toBeGreaterThanOrEqual(CHARTS * RUNS);
  expect(Math.max(...lengths)).toBeLessThan(CURVE);
  for (const { name, times, act } of await interactions(lab)) {
    const { curves, others } = await leastChanges(page, times, act);
    console.log(`${name.padEnd(10)} ${curves} curves drawn anew, ${others} other changes`);
    expect.soft(others, `changes of the page, ${name}`).toBeLessThan(CHANGES[name] ?? 0);
    // Those of the run that trains come anew of their own accord.
    expect.soft(curves, `curves drawn anew, ${name}`).toBeLessThan(RUNS);
  }
  await expect(lab.chart('reward')).toContainText(/at step \d/);
  await lookAtTraining(lab);
  await watchMemory(lab);
});

/** Bytes on the page's heap after a collection, with what the elements hold; typed arrays with the curves lie elsewhere. */
async function heap(devtools: CDPSession): Promise<number> {
  await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  return usedSize;
}

/** Elements, text and all else in the page's documents, those that nothing shows any more included. */
async function nodes(devtools: CDPSession): Promise<number> {
  const { metrics } = await devtools.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'Nodes')?.value ?? Number.NaN;
}

async function watchMemory(lab: LabPage): Promise<void> {
  const { page } = lab;
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('HeapProfiler.enable');
  await devtools.send('Performance.enable');
  const held: number[] = [];
  await heap(devtools);
  const before = await nodes(devtools);
  const from = Date.now();
  while ((Date.now() - from) / 60_000 < WATCHED_MINUTES) {
    await trainOn(lab, STEPS_BETWEEN);
    held.push(await heap(devtools));
  }
  const after = await nodes(devtools);
  // Some of what is held is on its way out, so that the least of each third says more than a line through all.
  const third = Math.ceil(held.length / 3);
  const grown = Math.min(...held.slice(-third)) - Math.min(...held.slice(0, third));
  console.log(
    `Heap ${held.map((bytes) => (bytes / 1e6).toFixed(0)).join(', ')} MB in ${WATCHED_MINUTES} min, ${(grown / 1e6).toFixed(1)} MB more in the last third ` +
      `than in the first; ${before} nodes, then ${after}; the device holds ${await page.getByTestId('memory').textContent()}`,
  );
  expect.soft(grown, 'growth of the heap').toBeLessThan(GROWTH);
  expect.soft(after, 'nodes').toBeLessThan(1.2 * before);
}
