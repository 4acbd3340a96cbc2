import { expect, test } from './lab-page';

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly args: { readonly name?: string };
  /** Microseconds of the processor, not counting the time in which other threads had it. */
  readonly tdur?: number;
}

/** Milliseconds of processor time of every task on the page's main thread. */
function mainThreadTasks(trace: Buffer): number[] {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const main = new Set(traceEvents.filter(({ args }) => args.name === 'CrRendererMain').map(({ pid, tid }) => `${pid} ${tid}`));
  return traceEvents
    .filter(({ name, pid, tid, tdur }) => name.endsWith('RunTask') && tdur !== undefined && main.has(`${pid} ${tid}`))
    .map(({ tdur = 0 }) => tdur / 1000);
}

// Processor time instead of the clock: a software GPU and whatever else runs beside the test take the cores away from the page.
test('the page holds no long task in a whole run', async ({ lab, browser }, info) => {
  await lab.ready();
  await browser.startTracing(lab.page, { categories: ['toplevel', 'disabled-by-default-devtools.timeline', '__metadata'] });
  await lab.train.click();
  await expect(lab.status).toContainText(/finished/i, { timeout: 50_000 });
  const tasks = mainThreadTasks(await browser.stopTracing());
  expect(tasks.length).toBeGreaterThan(100);
  const longest = tasks.toSorted((a, b) => b - a).slice(0, 5);
  info.annotations.push({ type: 'longest tasks, ms', description: longest.map((ms) => ms.toFixed(1)).join(', ') });
  console.log(`Longest tasks: ${longest.map((ms) => ms.toFixed(1)).join(', ')} ms of ${tasks.length}`);
  expect(tasks.filter((ms) => ms > 50)).toEqual([]);
});
