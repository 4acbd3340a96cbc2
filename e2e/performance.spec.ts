/**
 * The page with ten runs of 5,000 points overlaid in all its charts, and one more that trains.
 *
 * What is measured, and why so. A reader's laptop gives the page a core; here a software GPU, and in CI whatever else there is, take
 * turns on two. By the clock the same click takes 30 ms or 300, so the bars are in processor time of the page's main thread, out
 * of a trace: no task over 50 ms; no interaction over 100 ms from the event to the end of its frame, waiting behind the page's own
 * tasks included. These are the bars of the issue, in milliseconds of this machine's core, so a slower core makes them harder.
 * Drawing on the GPU is not in them. A change that makes the page slower without passing a bar shows in the ratios: each figure
 * over the processor time of a fixed piece of JavaScript in the same page and run, against those of performance.json, which
 * `OBJECTIVE_LAB_RECORD=1 npx playwright test --config e2e/playwright.config.ts performance` records anew. By the clock, next to an empty page
 * that is clicked under the same load, the figures are printed for people.
 *
 * Memory is what is left on the page's heap after a garbage collection.
 * `OBJECTIVE_LAB_MINUTES=30` in front of the command watches for that long.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CDPSession, Locator, Page } from '@playwright/test';
import { storeRuns } from './crowd';
import { expect, type LabPage, test } from './lab-page';
import { BLANK, calibrate, installProbe, timed } from './probe';
import { CATEGORIES, median, workOf } from './tasks';

interface Baseline {
  readonly command: string;
  /** Processor time over that of the fixed piece of JavaScript. */
  readonly ratios: Readonly<Record<string, number>>;
}

const BASELINE = fileURLToPath(new URL('./performance.json', import.meta.url));
const COMMAND = 'OBJECTIVE_LAB_RECORD=1 npx playwright test --config e2e/playwright.config.ts performance';
/** How far a ratio may be above the recorded one: caches and clock speeds make a third; twice is a fault. */
const SLACK = 2;
const RUNS = 10;
const POINTS = 5000;
const TASK_MS = 50;
const INTERACTION_MS = 100;
const WATCHED_MINUTES = Number(process.env.OBJECTIVE_LAB_MINUTES ?? 0.3);
/** Steps trained between two looks at the heap: a few seconds here, and never so few that a long watch is many looks. */
const STEPS_BETWEEN = Math.round(40 * Math.max(1, WATCHED_MINUTES / 2));
/**
 * What a watch may add to the least that is held, in bytes. A page that keeps a picture of what it draws adds that within seconds; for
 * anything slower there is the long watch.
 */
const GROWTH = 10e6;

// A collection of garbage or a busy machine can make one task long; what is slow is slow twice.
test.describe.configure({ retries: 1 });
// Every chart on the screen at once; Playwright's own recording would do more in the page than the page does.
test.use({ viewport: { width: 1600, height: 1400 }, trace: 'off' });

/** Ten runs on show, and an eleventh that trains for as long as the test takes. */
async function crowd(lab: LabPage): Promise<void> {
  const { page } = lab;
  const steps = lab.setup.getByRole('textbox', { name: 'Steps' });
  await steps.fill('40');
  await lab.train.click();
  await expect(lab.status).toContainText(/finished/i, { timeout: 50_000 });
  // A reload writes what is left to be written.
  await page.reload();
  await lab.ready();
  await storeRuns(page, RUNS, POINTS);
  await page.reload();
  await lab.ready();
  await steps.fill('100000');
  await lab.train.click();
  await expect.poll(() => lab.steps(), { timeout: 60_000 }).toBeGreaterThan(20);
  const charts = page.locator('[data-testid^="chart-"]');
  expect(await charts.count()).toBeGreaterThanOrEqual(8);
  for (const chart of (await charts.all()).slice(0, 8)) {
    await expect.poll(() => chart.locator('path[data-curve="main"]').count()).toBeGreaterThanOrEqual(RUNS);
  }
}

/** Leaves the page to itself until so many steps more are trained. */
async function trainOn(lab: LabPage, more: number): Promise<void> {
  const from = await lab.steps();
  await expect.poll(() => lab.steps(), { timeout: 60_000 + 1000 * more, intervals: [500] }).toBeGreaterThanOrEqual(from + more);
}

/** Where something is: to look for it each time would be work of the page's. */
async function centre(of: Locator): Promise<{ x: number; y: number }> {
  await of.scrollIntoViewIfNeeded();
  const box = await of.boundingBox();
  if (box === null) throw new Error('It is not on the screen.');
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

const inWords = (values: readonly number[]): string =>
  `${median(values).toFixed(0).padStart(5)} median ${Math.max(...values)
    .toFixed(0)
    .padStart(5)} worst`;

/** What a click and a move take on a page that is empty, while the lab trains behind it; by the clock. */
async function emptyPage(page: Page): Promise<void> {
  const blank = await page.context().newPage();
  await installProbe(blank);
  await blank.goto(BLANK);
  const { x, y } = await centre(blank.getByRole('button'));
  const clicks = await timed(blank, 'click', 12, () => blank.mouse.click(x, y));
  const moves = await timed(blank, 'move', 12, (i) => blank.mouse.move(x + 3 * i, y + 50));
  console.log(`An empty page, by the clock:  click ${inWords(clicks)}, move ${inWords(moves)} ms`);
  await blank.close();
  await page.bringToFront();
}

/** Everything that a reader does while runs are compared; by the clock, by its name. */
async function interact(lab: LabPage): Promise<Record<string, number[]>> {
  const { page } = lab;
  const button = (name: string): Locator => page.getByRole('button', { name, exact: true });
  const row = (i: number): Promise<{ x: number; y: number }> => centre(lab.runs.getByRole('button', { name: `crowd-${i}`, exact: true }));
  const [first, second] = [await row(8), await row(6)];
  const more = await centre(button('More for crowd-7'));
  const toggle = await centre(button('Show crowd-7 in the charts'));
  const press = ({ x, y }: { x: number; y: number }): Promise<void> => page.mouse.click(x, y);
  const clocks: Record<string, number[]> = {};
  clocks.look = await timed(page, 'look', 10, (i) => press(i % 2 === 0 ? first : second));
  clocks.menu = await timed(page, 'menu', 8, async (i) => {
    if (i > 0) await page.keyboard.press('Escape');
    await press(more);
  });
  await page.keyboard.press('Escape');
  clocks.toggle = await timed(page, 'toggle', 10, () => press(toggle));
  // What was looked at may have had something to say above the charts.
  const plot = await centre(lab.chart('loss').getByRole('slider'));
  clocks.crosshair = await timed(page, 'crosshair', 30, (i) => page.mouse.move(plot.x - 36 + 2 * i, plot.y));
  await expect(lab.chart('reward')).toContainText(/at step \d/);
  return clocks;
}

test('ten runs of 5,000 points beside one that trains: short tasks, quick answers, flat memory', async ({ lab, browser }) => {
  test.setTimeout((WATCHED_MINUTES + 3) * 60_000);
  const { page } = lab;
  await installProbe(page);
  await crowd(lab);
  await emptyPage(page);

  await browser.startTracing(page, { categories: CATEGORIES });
  await calibrate(page, 7);
  await trainOn(lab, 50);
  const clocks = await interact(lab);
  const { tasks, marked } = workOf(await browser.stopTracing());
  await lab.runs.locator('[data-run-focus]').filter({ hasNotText: 'crowd-' }).click();
  expect(tasks.length).toBeGreaterThan(100);
  const unit = median(marked.get('calibrate') ?? []);
  const figures: Record<string, number> = { task: tasks[0] ?? Number.NaN };
  console.log(`A fixed piece of JavaScript: ${unit.toFixed(1)} ms of processor time; the longest tasks: ${rounded(tasks.slice(0, 6))} ms`);
  for (const [name, clock] of Object.entries(clocks)) {
    const cpu = marked.get(name) ?? [];
    expect(cpu).toHaveLength(clock.length);
    figures[name] = median(cpu);
    console.log(`${name.padEnd(10)} processor ${inWords(cpu)}, clock ${inWords(clock)} ms`);
    expect.soft(Math.max(...cpu), `${name}, from the event to the end of its frame`).toBeLessThan(INTERACTION_MS);
  }
  expect.soft(figures.task, 'the longest task').toBeLessThan(TASK_MS);
  compare(Object.fromEntries(Object.entries(figures).map(([name, ms]) => [name, ms / unit])));
  await watchMemory(lab);
});

const rounded = (values: readonly number[]): string => values.map((ms) => ms.toFixed(0)).join(', ');

/** Holds the ratios against the recorded ones, or records them. */
function compare(ratios: Readonly<Record<string, number>>): void {
  if (process.env.OBJECTIVE_LAB_RECORD) {
    const kept = Object.fromEntries(Object.entries(ratios).map(([name, ratio]) => [name, Number(ratio.toFixed(2))]));
    writeFileSync(BASELINE, `${JSON.stringify({ command: COMMAND, ratios: kept } satisfies Baseline, null, 2)}\n`);
    return;
  }
  const { ratios: recorded } = JSON.parse(readFileSync(BASELINE, 'utf8')) as Baseline;
  for (const [name, ratio] of Object.entries(ratios)) {
    const allowed = SLACK * (recorded[name] ?? 0);
    console.log(`${name.padEnd(10)} ratio ${ratio.toFixed(2)}, recorded ${recorded[name]}`);
    expect.soft(ratio, `${name}, as a ratio`).toBeLessThan(allowed);
  }
}

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
    `Heap ${rounded(held.map((bytes) => bytes / 1e6))} MB in ${WATCHED_MINUTES} min, ${(grown / 1e6).toFixed(1)} MB more in the last third ` +
      `than in the first; ${before} nodes, then ${after}; the device holds ${await page.getByTestId('memory').textContent()}`,
  );
  expect.soft(grown, 'growth of the heap').toBeLessThan(GROWTH);
  expect.soft(after, 'nodes').toBeLessThan(1.2 * before);
}
