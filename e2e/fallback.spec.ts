import { expect, test } from './lab-page';

test('without WebGPU the lab says so and trains on the processor', async ({ lab }) => {
  await expect(lab.banner).toContainText(/WebGPU/);
  await expect(lab.page.getByTestId('device')).toContainText('WebAssembly');
  await lab.train.click();
  await expect.poll(() => lab.last('reward', 'expected_reward'), { timeout: 40_000 }).toBeGreaterThan(0.5);
});

test('without WebGPU the bench says that there is nothing to measure', async ({ lab }) => {
  await lab.page.getByRole('link', { name: 'Bench' }).click();
  await expect(lab.page.getByTestId('bench-hint')).toContainText(/no WebGPU/);
  await expect(lab.page.getByTestId('measure')).toBeDisabled();
});

test.describe('without a network either', () => {
  test.use({ serviceWorkers: 'allow' });

  test('the kept WebAssembly trains', async ({ lab, context }) => {
    const { page } = lab;
    await page.getByRole('button', { name: 'Keys and help' }).click();
    await expect(page.getByTestId('kept')).toContainText('The lab is kept in this browser', { timeout: 40_000 });
    await context.setOffline(true);
    await page.reload();
    await lab.ready();
    await expect(page.getByTestId('device')).toContainText('WebAssembly');
    await lab.train.click();
    await expect.poll(() => lab.steps(), { timeout: 40_000 }).toBeGreaterThan(2);
  });
});
