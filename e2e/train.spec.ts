import { expect, test } from './lab-page';

test('one press of Train moves the distribution within two seconds and raises the reward', async ({ lab }) => {
  await expect(lab.page.getByTestId('experiment-select')).toBeVisible();
  // Time from the press itself to the first change of what is drawn.
  const moved = await lab.firstMove();
  expect(moved).toBeLessThan(2000);
  await expect.poll(() => lab.last('reward'), { timeout: 30_000 }).toBeGreaterThan(0.2);
  expect(await lab.steps()).toBeGreaterThan(10);
});

test('pause holds the run, step takes one, resume goes on, reset starts afresh', async ({ lab }) => {
  await lab.train.click();
  await expect.poll(() => lab.steps()).toBeGreaterThan(2);
  await lab.pause.click();
  await expect(lab.status).toContainText(/paused/i);
  const paused = await lab.steps();
  await lab.step.click();
  await expect.poll(() => lab.steps()).toBe(paused + 1);
  await expect(lab.status).toContainText(/paused/i);
  await lab.train.click();
  await expect.poll(() => lab.steps()).toBeGreaterThan(paused + 2);
  await lab.reset.click();
  await expect.poll(() => lab.steps()).toBe(0);
});

test('another objective trains', async ({ lab }) => {
  await lab.choose(lab.objective, /^DPO/);
  await lab.train.click();
  await expect.poll(() => lab.last('logratio')).not.toBeNaN();
  await expect(lab.runRows.first()).toContainText(/DPO/);
});

test('the keyboard trains, pauses, steps and resets', async ({ lab }) => {
  await lab.page.locator('body').press('Space');
  await expect.poll(() => lab.steps()).toBeGreaterThan(2);
  await lab.page.locator('body').press('Space');
  await expect(lab.status).toContainText(/paused/i);
  const paused = await lab.steps();
  await lab.page.locator('body').press('.');
  await expect.poll(() => lab.steps()).toBe(paused + 1);
  await lab.page.locator('body').press('r');
  await expect.poll(() => lab.steps()).toBe(0);
});

test('runs and their curves survive a reload', async ({ lab }) => {
  await lab.train.click();
  await expect.poll(() => lab.steps()).toBeGreaterThan(5);
  await lab.pause.click();
  await expect(lab.status).toContainText(/paused/i);
  const [name, steps, reward] = [await lab.runRows.first().textContent(), await lab.steps(), await lab.last('reward')];
  await lab.page.reload();
  await lab.ready();
  await expect(lab.runRows).toHaveCount(1);
  expect(name).toBeTruthy();
  expect(await lab.steps()).toBe(steps);
  await expect.poll(() => lab.last('reward')).toBe(reward);
});
