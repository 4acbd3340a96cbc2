import { expect, test } from './lab-page';

test('the page holds no long task while a run trains', async ({ lab }) => {
  await lab.page.evaluate(() => {
    const seen: number[] = [];
    Object.assign(window, { longTasks: seen });
    new PerformanceObserver((list) => seen.push(...list.getEntries().map(({ duration }) => duration))).observe({
      entryTypes: ['longtask'],
    });
  });
  await lab.train.click();
  await expect.poll(() => lab.steps(), { timeout: 30_000 }).toBeGreaterThan(100);
  expect(await lab.page.evaluate(() => (window as unknown as { longTasks: number[] }).longTasks)).toEqual([]);
});
