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
