import { expect, test } from './lab-page';

test('a GPU process that crashes fails the run with a sentence, and the run goes on from its last checkpoint', async ({ lab, browser }) => {
  const paused = await lab.trainAndPause(6);
  const name = await lab.runName();
  await lab.train.click();
  await expect.poll(() => lab.steps()).toBeGreaterThan(paused);
  await expect(lab.page.getByTestId('memory')).toContainText(/\d [kM]B/);

  const devtools = await browser.newBrowserCDPSession();
  await devtools.send('Browser.crashGpuProcess');
  await expect(lab.banner.first()).toContainText(/GPU lost\. The graphics device was lost: .+\./);
  await expect(lab.status).toHaveText('GPU lost');
  // What was drawn is still there.
  await expect(lab.runRows).toHaveCount(1);
  expect(await lab.last('reward', 'expected_reward')).not.toBeNaN();

  await lab.page.getByRole('button', { name: 'Go on from the last checkpoint' }).click();
  await expect.poll(() => lab.steps(), { timeout: 40_000 }).toBeGreaterThan(paused + 3);
  await expect(lab.runRows).toHaveCount(1);
  expect(await lab.runName()).toBe(name);
});

test('a run that diverges says so, and keeps its curves and the checkpoint before', async ({ lab }) => {
  await lab.page.getByTestId('policy-select').selectOption('mlp');
  // A step this long takes samples so far from the reference that the estimate of the KL overflows.
  for (const [setting, value] of [
    ['Learning rate', '1'],
    ['Beta', '10'],
  ] as const) {
    const field = lab.page.getByRole('textbox', { name: setting, exact: true });
    await field.fill(value);
    await field.press('Enter');
  }
  await lab.step.click();
  await expect.poll(() => lab.steps(), { timeout: 40_000 }).toBe(1);
  await expect(lab.status).toContainText(/paused/i);
  await lab.train.click();
  await expect(lab.page.getByTestId('run-banner')).toContainText(/Diverged\. The run diverged: \w+ is -?(NaN|Infinity) at step \d+\./, {
    timeout: 40_000,
  });
  await expect(lab.status).toHaveText('Diverged');
  await expect(lab.runRows).toContainText('The run diverged');

  const kept = await lab.page.evaluate(
    () =>
      new Promise<{ step: number; finite: boolean }>((resolve, reject) => {
        const opening = indexedDB.open('objective-lab');
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const reading = opening.result.transaction('checkpoints').objectStore('checkpoints').getAll();
          reading.onerror = () => reject(reading.error);
          reading.onsuccess = () => {
            const [{ step, theta }] = reading.result as [{ step: number; theta: Float32Array }];
            resolve({ step, finite: theta.every(Number.isFinite) });
          };
        };
      }),
  );
  expect(kept).toEqual({ step: 1, finite: true });
});
