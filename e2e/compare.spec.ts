import type { Browser, Locator, Page, TestInfo } from '@playwright/test';
import { barriers } from './barriers';
import { expect, type LabPage, test } from './lab-page';

const STEPS = 16;

/** Trains two learning rates, three seeds of each, and opens the page. */
async function trainSix(lab: LabPage): Promise<void> {
  const field = lab.setup.getByRole('textbox', { name: 'Steps', exact: true });
  await field.fill(String(STEPS));
  await field.press('Enter');
  await lab.page.getByTestId('seeds').fill('3');
  await lab.page.getByTestId('sweep').click();
  const dialog = lab.page.getByRole('dialog', { name: 'Seeds and sweeps' });
  await lab.page.getByTestId('sweep-search').fill('learning rate');
  await lab.page.getByTestId('sweep-search').press('Enter');
  await dialog.getByRole('textbox', { name: /^Values of Learning rate/ }).fill('0.01, 0.1');
  await lab.page.keyboard.press('Escape');
  await lab.train.click();
  await expect(lab.page.getByTestId('queue-counts')).toHaveText('6 of 6 done', { timeout: 100_000 });
}

const chart = (lab: LabPage, metric: string): Locator => lab.page.getByTestId(`compare-chart-${metric}`);
const REWARD = 'expected_reward';

/** The x at the left and the right end of a chart. */
async function ends(panel: Locator): Promise<[number, number]> {
  const plot = panel.getByRole('slider');
  return [Number(await plot.getAttribute('aria-valuemin')), Number(await plot.getAttribute('aria-valuemax'))];
}

/** Drags over a chart from one share of its plot to another. */
async function drag(lab: LabPage, panel: Locator, from: number, to: number): Promise<void> {
  const box = await panel.getByRole('slider').boundingBox();
  if (box === null) throw new Error('the chart is not on the screen');
  const at = (share: number): [number, number] => [box.x + 44 + share * (box.width - 54), box.y + box.height / 2];
  await lab.page.mouse.move(...at(from));
  await lab.page.mouse.down();
  await lab.page.mouse.move(...at((from + to) / 2));
  await lab.page.mouse.move(...at(to));
  await lab.page.mouse.up();
}

test('two arms of three seeds: bands, axes, zoom, numbers and differences, and a link to them', async ({ lab, browser }, info) => {
  test.slow();
  await lab.page.locator('body').press('c');
  await expect(lab.page.getByTestId('compare')).toContainText('Nothing to compare yet');
  await lab.page.getByRole('link', { name: 'lab', exact: true }).click();
  await trainSix(lab);
  await lab.page.locator('body').press('c');
  const page = lab.page.getByTestId('compare');
  await expect(page.getByTestId('compare-settings')).toContainText('Learning rate');

  // A mean for each arm, with its band, and on demand its runs.
  const reward = chart(lab, REWARD);
  await expect(reward.locator('[data-band]')).toHaveCount(2);
  await expect(reward.locator('[data-curve]')).toHaveCount(2);
  await expect(reward.locator('[data-metric]').first()).toContainText('±');
  await page.getByRole('button', { name: 'runs behind' }).click();
  await expect(reward.locator('[data-curve="run"]')).toHaveCount(6);
  await page.getByLabel('Band over seeds').selectOption('bootstrap');
  await expect(reward.locator('[data-metric]').first()).toContainText(' to ');
  await page.getByLabel('Band over seeds').selectOption('none');
  await expect(reward.locator('[data-band]')).toHaveCount(0);
  await expect(reward.locator('[data-curve="main"]')).toHaveCount(6);
  await page.getByLabel('Band over seeds').selectOption('sd');

  // Zoom by drag, in all charts at once, and back by a double click.
  await expect.poll(() => ends(reward)).toEqual([0, STEPS]);
  await drag(lab, reward, 0.25, 0.75);
  // The axis follows with the next drawing.
  await expect.poll(async () => (await ends(reward))[0]).toBeGreaterThan(0.15 * STEPS);
  const [from, to] = await ends(reward);
  expect(to).toBeLessThan(0.85 * STEPS);
  const another = page.locator('[data-testid^="compare-chart-"]').nth(1);
  await expect.poll(() => ends(another)).toEqual([from, to]);
  await reward.getByRole('slider').dblclick();
  await expect.poll(() => ends(reward)).toEqual([0, STEPS]);

  // The same by the keyboard, and what is read off is said.
  const plot = reward.getByRole('slider');
  await plot.focus();
  await plot.press('Home');
  await plot.press('ArrowRight');
  await expect(plot).toHaveAttribute('aria-valuetext', /^at step 1: /);
  await expect(another).toContainText('at step 1');
  await plot.press('+');
  await expect.poll(async () => (await ends(reward))[1]).toBeLessThan(STEPS);
  await plot.press('0');
  await expect.poll(() => ends(reward)).toEqual([0, STEPS]);

  // Axes: logarithms, and another x.
  await page.getByRole('button', { name: 'log x' }).click();
  await expect.poll(async () => (await ends(reward))[0]).toBeGreaterThan(0);
  await page.getByRole('button', { name: 'log x' }).click();
  await page.getByRole('button', { name: 'log y' }).click();
  await expect(reward.locator('[data-band]')).toHaveCount(2);
  await page.getByRole('button', { name: 'log y' }).click();
  await page.getByLabel('x axis').selectOption('reward_queries');
  await expect(reward).toContainText('by reward queries');
  await expect.poll(async () => (await ends(reward))[1]).toBeGreaterThan(STEPS);
  await page.getByLabel('x axis').selectOption('train_runtime');
  await expect(reward.locator('[data-curve="main"]')).toHaveCount(2);
  await page.getByLabel('x axis').selectOption('step');

  expect(await barriers(lab.page)).toEqual([]);
  for (const width of [1440, 820, 390]) {
    await lab.page.setViewportSize({ width, height: 900 });
    expect(await lab.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
    await lab.page.screenshot({ path: info.outputPath(`compare-${width}.png`) });
  }
  await lab.page.setViewportSize({ width: 1280, height: 800 });

  // The numbers, sorted, and the difference over three seeds.
  const numbers = page.getByRole('region', { name: 'Numbers by arm, table' });
  await expect(numbers.getByRole('row')).toHaveCount(3);
  await expect(numbers.getByText('n 3').first()).toBeVisible();
  await numbers.getByRole('button', { name: /Expected reward/ }).click();
  await expect(numbers.getByRole('columnheader', { name: /Expected reward/ })).toHaveAttribute('aria-sort', 'descending');
  await expect(numbers.getByRole('row').nth(1)).toContainText('learning rate 0.1');
  await expect(page.getByTestId('compare-differences')).toContainText(/of 3/);
  await page.getByTestId('compare-reading').selectOption('largest');
  await expect(numbers.getByText('n 3').first()).toBeVisible();

  // Taken away as CSV.
  const waiting = lab.page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save Numbers by arm as CSV' }).click();
  const file = await waiting;
  expect(file.suggestedFilename()).toBe('numbers-by-arm.csv');
  await shareIt(lab, browser, info);
});

/** The boxes of single runs that are ticked, arm by arm. */
const ticks = (page: Page): Promise<boolean[]> =>
  page
    .getByTestId('compare-selection')
    .locator('li input')
    .evaluateAll((boxes) => boxes.map((box) => (box as HTMLInputElement).checked));

/** Sends the comparison as a link to a browser without its runs, then the bundle, and opens the link where the runs are. */
async function shareIt(lab: LabPage, browser: Browser, info: TestInfo): Promise<void> {
  const { page } = lab;
  const base = page.getByTestId('compare-base');
  const second = (await base.locator('option').nth(1).getAttribute('value')) ?? '';
  await base.selectOption(second);
  await page.getByTestId('compare-selection').locator('li input').first().uncheck();
  const compared = [false, true, true, true, true, true];
  await expect.poll(() => ticks(page)).toEqual(compared);
  await expect.poll(() => page.url()).toContain(`base=${second}`);
  await page.getByTestId('share').click();
  const link = await page.getByTestId('share-link').inputValue();
  expect(link).toMatch(/&runs=[0-9a-f]{16}:[\d.]+:/);
  await page.keyboard.press('Escape');
  const waiting = page.waitForEvent('download');
  await page.getByTestId('compare-bundle').click();
  const bundle = await (await waiting).path();

  const elsewhere = await browser.newContext();
  const other = await elsewhere.newPage();
  await other.goto(link);
  const missing = other.getByTestId('compare-missing');
  await expect(missing).toContainText('5 runs of this link are not in this browser.', { timeout: 30_000 });
  await expect(missing).toContainText(/learning rate 0\.01, seeds 0, 1 and 2/i);
  await expect(missing).toContainText(/learning rate 0\.1, seeds 0 and 1, which the others are held against/i);
  expect(await barriers(other)).toEqual([]);
  for (const width of [1280, 390]) {
    await other.setViewportSize({ width, height: 800 });
    await other.screenshot({ path: info.outputPath(`compare-missing-${width}.png`) });
  }
  // The address holds them until they come, and over a reload.
  await other.reload();
  await expect(missing).toContainText('5 runs', { timeout: 30_000 });
  await other.getByTestId('compare-bundle-input').setInputFiles(bundle);
  await expect(missing).toHaveCount(0);
  await expect.poll(() => ticks(other)).toEqual([true, true, true, true, true]);
  await expect(other.getByTestId('compare-base')).toHaveValue(second);
  await expect(other.getByLabel('Band over seeds')).toHaveValue('sd');
  await elsewhere.close();

  // Where the runs are, a link ticks its own in place of the reader's, who can go back; a reload keeps what is there.
  const selection = page.getByTestId('compare-selection');
  await selection.getByRole('button', { name: 'none' }).click();
  await selection.locator('li input').first().check();
  // Written once all of it is stored.
  const isWritten = (): Promise<void> => expect.poll(() => page.url()).toMatch(/&runs=[0-9a-f]{16}:\d:[^;]*$/);
  await isWritten();
  await page.goto('about:blank');
  await page.goto(link);
  await lab.ready();
  await expect.poll(() => ticks(page)).toEqual(compared);
  await expect(page.getByTestId('compare-base')).toHaveValue(second);
  await page.getByRole('button', { name: 'Tick mine again' }).click();
  await expect.poll(() => ticks(page)).toEqual(compared.map((ticked) => !ticked));
  await isWritten();
  await page.reload();
  await lab.ready();
  await expect.poll(() => ticks(page)).toEqual(compared.map((ticked) => !ticked));
}

test('a chart becomes a table and is copied; a run that is not ticked is not drawn', async ({ lab, context }) => {
  test.slow();
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await lab.trainAndPause(12);
  await lab.page.locator('body').press('c');
  const reward = chart(lab, REWARD);
  await expect(reward.locator('[data-curve]')).toHaveCount(1);
  await reward.getByRole('button', { name: /as a table$/ }).click();
  await expect(reward.getByRole('columnheader', { name: 'step' })).toBeVisible();
  await reward.getByRole('button', { name: /^Copy/ }).click();
  await expect(reward.getByRole('status')).toContainText(/copied/);
  const copied = await lab.page.evaluate(() => navigator.clipboard.readText());
  expect(copied.split('\n')[0]).toMatch(/^step\t/);
  expect(copied.split('\n').length).toBeGreaterThan(2);
  await reward.getByRole('button', { name: /as a table$/ }).click();
  await lab.page.getByTestId('compare-selection').getByRole('checkbox').last().uncheck();
  await expect(lab.page.getByTestId('compare')).toContainText('No run is ticked');
});

test('a click in a chart of the lab goes to that step, and the slider leads back', async ({ lab }) => {
  await lab.trainAndPause(22);
  const plot = lab.chart('reward').getByRole('slider');
  await plot.focus();
  await plot.press('Home');
  await plot.press('Enter');
  await expect(lab.behaviour).toContainText('step 0');
  await lab.behaviour.getByRole('button', { name: 'to the newest' }).click();
  await expect(lab.behaviour).not.toContainText('step 0');
});
