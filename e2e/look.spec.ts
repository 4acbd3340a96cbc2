import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './lab-page';

test.use({ reducedMotion: 'reduce' });

for (const theme of ['light', 'dark'] as const) {
  test.describe(`in ${theme}`, () => {
    test.use({ colorScheme: theme });

    test('axe has no serious finding before, during and after training', async ({ lab }) => {
      const serious = async () => {
        const { violations } = await new AxeBuilder({ page: lab.page }).analyze();
        return violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
      };
      expect(await serious()).toEqual([]);
      await lab.train.click();
      await expect.poll(() => lab.steps()).toBeGreaterThan(2);
      await lab.pause.click();
      expect(await serious()).toEqual([]);
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

for (const width of [1600, 1280, 820, 390]) {
  test(`nothing is cut off at ${width} pixels`, async ({ lab }, info) => {
    await lab.page.setViewportSize({ width, height: 900 });
    const overflow = await lab.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(overflow).toBe(0);
    await lab.page.screenshot({ path: info.outputPath(`lab-${width}.png`) });
  });
}
