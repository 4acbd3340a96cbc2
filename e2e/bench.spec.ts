import { barriers } from './barriers';
import { choose, recordedBench } from './bench-page';
import { expect, test } from './lab-page';

test('a press measures a rollout: figures in a table beside the recorded ones, and a copy of them', async ({ lab, context }) => {
  const { page } = lab;
  const errors: string[] = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const pasted = (): Promise<string> => page.evaluate(() => navigator.clipboard.readText());
  await recordedBench(page);
  // The address of the page itself, as from a bookmark.
  await page.goto(`${page.url().split('#')[0]}#/bench`);
  await page.reload();
  await lab.ready();
  await expect(page.getByTestId('workload-train-2x64')).toContainText('An adapter that is made up');

  await choose(page, ['rollout-2x64']);
  await page.getByTestId('measure').click();
  await expect(page.getByRole('progressbar')).toBeVisible();
  expect(await barriers(page)).toEqual([]);
  const card = page.getByTestId('workload-rollout-2x64');
  await expect(card.getByTestId('lab-submissions')).toHaveText('1', { timeout: 40_000 });
  await expect(card.getByTestId('lab-dispatches')).toHaveText(/^[1-9]/);
  await expect(page.getByTestId('measure')).toBeEnabled();
  expect(await barriers(page)).toEqual([]);

  await page.getByTestId('copy-json').click();
  await expect(page.getByText('JSON copied')).toBeVisible();
  const { adapter, workloads } = JSON.parse(await pasted());
  expect(adapter).toMatch(/swiftshader/i);
  expect(workloads).toMatchObject([{ name: 'rollout-2x64', engines: { lab: { submits: 1, readBacks: 1 } } }]);
  await page.getByTestId('copy-text').click();
  await expect(page.getByText('Text copied')).toBeVisible();
  expect(await pasted()).toMatch(/\| rollout-2x64 +\| the lab/);
  expect(errors).toEqual([]);
});

test('measuring pauses the run that trains, and can be cancelled', async ({ lab }) => {
  await lab.train.click();
  await expect.poll(() => lab.steps()).toBeGreaterThan(0);
  await lab.page.getByRole('link', { name: 'Bench' }).click();
  await expect(lab.page.getByTestId('bench-hint')).toContainText(/pauses it/);
  await lab.page.getByTestId('measure').click();
  await lab.page.getByTestId('cancel').click();
  await expect(lab.page.getByTestId('bench-hint')).toContainText(/Cancelled/);
  await lab.page.getByRole('link', { name: 'Lab', exact: true }).click();
  await expect(lab.status).toContainText(/paused/i);
});
