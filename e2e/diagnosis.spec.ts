import { barriers } from './barriers';
import { expect, test } from './lab-page';

test('DPO shows log-ratios and margins of its pairs, which scrub with the behaviour', async ({ lab }) => {
  await lab.chooseObjective('dpo');
  await lab.page.getByTestId('view-diagnosis').click();
  await expect(lab.diagnosis).toContainText('appears with the first look');
  await lab.trainAndPause(8);
  const margins = lab.page.getByTestId('diagnosis-margins');
  await expect(margins).toContainText(/% of \d+ pairs? ahead/);
  await expect(margins.locator('svg rect')).not.toHaveCount(0);
  await expect(lab.page.getByTestId('diagnosis-pairs')).toContainText('chosen');
  await expect(lab.page.getByTestId('diagnosis-samples').getByRole('row')).not.toHaveCount(0);
  const newest = await lab.diagnosis.getByRole('slider').getAttribute('aria-valuetext');
  await lab.behaviour.getByRole('slider').press('ArrowLeft');
  await lab.behaviour.getByRole('slider').press('ArrowLeft');
  await expect(lab.diagnosis.getByRole('slider')).not.toHaveAttribute('aria-valuetext', newest ?? '');
  expect(await barriers(lab.page)).toEqual([]);
  await lab.page.reload();
  await lab.ready();
  await lab.page.getByTestId('view-diagnosis').click();
  await expect(margins).toContainText(/% of \d+ pairs? ahead/);
  await expect(lab.diagnosis.getByRole('slider')).toHaveAttribute('aria-valuetext', newest ?? '');
});

test('GRPO on old samples shows its ratios, and is warned of with a way to the setting', async ({ lab }) => {
  await lab.set('Fresh samples every', '0');
  await lab.set('Learning rate', '0.3');
  await lab.train.click();
  const warning = lab.page.getByTestId('warnings').locator('[data-warning="ratios-clipped"]');
  await expect(warning).toContainText('of the ratios lie beyond the clip bounds', { timeout: 40_000 });
  await lab.pause.click();
  await expect(lab.runRows.first()).toContainText(/warning|clipped away/);
  await lab.page.getByTestId('view-diagnosis').click();
  const ratios = lab.page.getByTestId('diagnosis-ratios');
  await expect(ratios).toContainText(/Clipped low .+ % .+ high .+ %/);
  await expect(ratios.locator('svg rect')).not.toHaveCount(0);
  expect(await barriers(lab.page)).toEqual([]);
  await warning.getByRole('button', { name: 'Draw fresh samples more often' }).click();
  const asked = lab.page.getByTestId('asked-setting');
  await expect(asked).toContainText('Fresh samples every');
  await expect(asked.locator('input').first()).toBeFocused();
});

test('the list of objectives is searched, with the keyboard alone', async ({ lab }) => {
  const first = lab.page.getByRole('listbox').getByRole('option').first();
  await lab.objective.focus();
  await lab.page.keyboard.press('Enter');
  await lab.page.keyboard.type('flipped labels');
  await expect(first).toHaveAttribute('data-id', 'robust');
  expect(await barriers(lab.page)).toEqual([]);
  await lab.page.keyboard.press('ControlOrMeta+a');
  await lab.page.keyboard.type('simpo');
  await expect(first).toHaveAttribute('data-id', 'simpo');
  await lab.page.keyboard.press('Enter');
  await expect(lab.objective).toHaveAttribute('data-value', 'simpo');
  await expect(lab.objective).toBeFocused();
});
