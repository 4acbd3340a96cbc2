import { expect, test } from './lab-page';
import { CATEGORIES, workOf } from './tasks';

// Processor time instead of the clock: a software GPU and whatever else runs beside the test take the cores away from the page.
test('the page holds no long task in a whole run', async ({ lab, browser }, info) => {
  await lab.ready();
  await browser.startTracing(lab.page, { categories: CATEGORIES });
  await lab.train.click();
  await expect(lab.status).toContainText(/finished/i, { timeout: 50_000 });
  const { tasks } = workOf(await browser.stopTracing());
  expect(tasks.length).toBeGreaterThan(100);
  const longest = tasks.slice(0, 5);
  info.annotations.push({ type: 'longest tasks, ms', description: longest.map((ms) => ms.toFixed(1)).join(', ') });
  console.log(`Longest tasks: ${longest.map((ms) => ms.toFixed(1)).join(', ')} ms of ${tasks.length}`);
  expect(tasks.filter((ms) => ms > 50)).toEqual([]);
});
