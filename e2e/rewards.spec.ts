import { expect, test } from './lab-page';

test('two rewards are weighed, charted apart beside the truth, and one is taken out again', async ({ lab }) => {
  const { page } = lab;
  await page.getByTestId('reward-add').selectOption('length');
  const second = page.getByTestId('reward-select-2');
  await expect(second).toHaveValue('length');
  // What stands in the sum already is no choice for a second place.
  await expect(second.getByRole('option', { name: "The world's own score" })).toHaveCount(0);
  const weight = page.getByRole('textbox', { name: 'Weight' }).last();
  await weight.fill('0.5');
  await weight.press('Enter');
  await lab.train.click();
  // A completion of bins is one token, at .1 each.
  await expect.poll(() => lab.last('reward', 'reward/length'), { timeout: 40_000 }).toBeCloseTo(0.1, 5);
  await expect.poll(() => lab.last('reward', 'expected_true_reward')).not.toBeNaN();
  await lab.pause.click();
  const [sum, truth] = [await lab.last('reward', 'expected_reward'), await lab.last('reward', 'expected_true_reward')];
  expect(sum).toBeCloseTo(truth + 0.05, 3);
  await page.getByTestId('reward-remove-2').click();
  await expect(second).toHaveCount(0);
  await expect(page.getByTestId('reward-add')).toBeFocused();
  await expect(page.getByTestId('reward-select')).toHaveValue('world');
});
