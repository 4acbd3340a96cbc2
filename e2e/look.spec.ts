import type { Page } from '@playwright/test';
import { barriers } from './barriers';
import { recordedBench } from './bench-page';
import { expect, test } from './lab-page';

const WIDTHS = [1600, 1280, 820, 390];

const overflow = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

for (const theme of ['light', 'dark'] as const) {
  test.describe(`in ${theme}`, () => {
    test.use({ colorScheme: theme });

    test('axe finds no barrier before and after training, at any width, and nothing is cut off', async ({ lab }, info) => {
      test.slow();
      expect(await barriers(lab.page)).toEqual([]);
      await lab.trainAndPause(12);
      for (const width of WIDTHS) {
        await lab.page.setViewportSize({ width, height: 900 });
        await expect(lab.behaviour).toBeVisible();
        await expect.poll(() => lab.cutOff()).toEqual([]);
        expect(await overflow(lab.page)).toBe(0);
        // For people to look at.
        await lab.page.screenshot({ path: info.outputPath(`lab-${theme}-${width}.png`) });
        expect(await barriers(lab.page)).toEqual([]);
      }
    });

    test('the other pages have no barrier', async ({ lab }, info) => {
      await lab.page.getByRole('link', { name: 'Experiments' }).click();
      await expect(lab.page.getByRole('heading', { name: 'Mode-seeking against maximum likelihood' })).toBeVisible();
      for (const width of WIDTHS) {
        await lab.page.setViewportSize({ width, height: 900 });
        expect(await overflow(lab.page)).toBe(0);
        await lab.page.screenshot({ path: info.outputPath(`experiments-${theme}-${width}.png`) });
      }
      expect(await barriers(lab.page)).toEqual([]);
      await recordedBench(lab.page);
      await lab.page.getByRole('link', { name: 'Bench' }).click();
      await expect(lab.page.getByTestId('growth').getByRole('img')).toHaveCount(4);
      for (const width of WIDTHS) {
        await lab.page.setViewportSize({ width, height: 900 });
        expect(await overflow(lab.page)).toBe(0);
        await lab.page.screenshot({ path: info.outputPath(`bench-${theme}-${width}.png`) });
        expect(await barriers(lab.page)).toEqual([]);
      }
    });
  });
}

test('the theme toggle switches between light and dark, and is remembered', async ({ lab }) => {
  const scheme = () => lab.page.locator('html').getAttribute('data-mantine-color-scheme');
  const before = await scheme();
  await lab.themeToggle.click();
  await expect.poll(scheme).not.toBe(before);
  const after = await scheme();
  await lab.page.reload();
  await lab.ready();
  expect(await scheme()).toBe(after);
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 800 }, hasTouch: true });

  test('tabs lead to setup, behaviour, charts and runs while a run trains', async ({ lab }) => {
    await lab.train.tap();
    await lab.tab('Charts').tap();
    await expect(lab.chart('reward')).toBeVisible();
    await expect(lab.behaviour).toBeHidden();
    await lab.tab('Runs').tap();
    await expect(lab.runRows).toHaveCount(1);
    await lab.tab('Setup').tap();
    await expect(lab.objective).toBeVisible();
    await lab.tab('Behaviour').tap();
    await expect(lab.behaviour).toBeVisible();
    await expect.poll(() => lab.steps()).toBeGreaterThan(3);
    // Once there is a pace to show, there still has to be room for everything.
    await expect(lab.page.getByText(/ steps\/s$/)).toBeAttached();
    expect(await overflow(lab.page)).toBe(0);
    await lab.page.setViewportSize({ width: 560, height: 800 });
    expect(await overflow(lab.page)).toBe(0);
  });
});
