import { expect, test } from './lab-page';

test('without WebGPU the lab says so and trains on the processor', async ({ lab }) => {
  await expect(lab.banner).toContainText(/WebGPU/);
  await expect(lab.page.getByTestId('device')).toContainText('WebAssembly');
  await lab.train.click();
  await expect.poll(() => lab.last('reward', 'expected_reward'), { timeout: 40_000 }).toBeGreaterThan(0.5);
});
