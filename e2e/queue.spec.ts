import { expect, type LabPage, test } from './lab-page';

const queue = (lab: LabPage) => lab.page.getByTestId('queue');
const items = (lab: LabPage) => lab.page.getByTestId('queue-item');
const counts = (lab: LabPage) => lab.page.getByTestId('queue-counts');

/** Runs of so many steps each. */
async function shorten(lab: LabPage, steps: number): Promise<void> {
  const field = lab.setup.getByRole('textbox', { name: 'Steps', exact: true });
  await field.fill(String(steps));
  await field.press('Enter');
}

/** Three seeds of two learning rates, ready to be trained. */
async function planSix(lab: LabPage): Promise<void> {
  await lab.page.getByTestId('seeds').fill('3');
  await lab.page.getByTestId('sweep').click();
  const dialog = lab.page.getByRole('dialog', { name: 'Seeds and sweeps' });
  await lab.page.getByTestId('sweep-search').fill('learning rate');
  await lab.page.getByTestId('sweep-search').press('Enter');
  const values = dialog.getByRole('textbox', { name: /^Values of Learning rate/ });
  await values.fill('0.01, 2');
  await expect(dialog.getByRole('alert')).toContainText('Learning rate: expected a number from');
  await expect(lab.page.getByTestId('sweep-train')).toBeDisabled();
  await values.fill('0.01, 0.1');
  await expect(lab.page.getByTestId('sweep-total')).toContainText('6 runs (3 seeds × 2 values)');
  await lab.page.keyboard.press('Escape');
  await expect(lab.train).toHaveText('Train 6 runs');
}

test('three seeds of two values train one after another, and stand in two groups', async ({ lab }) => {
  test.slow();
  await shorten(lab, 20);
  await planSix(lab);
  await lab.train.click();
  await expect(items(lab)).toHaveCount(6);
  await expect(counts(lab)).toHaveText('0 of 6 done');
  await expect(lab.page.getByTestId('queue-progress')).toHaveAttribute('aria-valuemax', '120');
  await expect(counts(lab)).toHaveText('6 of 6 done', { timeout: 100_000 });
  await expect(queue(lab)).toHaveAttribute('data-phase', 'idle');
  await expect(lab.page.getByTestId('queue-progress')).toHaveAttribute('aria-valuenow', '120');
  const groups = lab.page.getByTestId('run-group');
  await expect(groups).toHaveCount(2);
  await expect(groups.first()).toContainText('Learning rate 0.1');
  await expect(groups.first()).toContainText('3 seeds: 3 finished');
  await expect(groups.last()).toContainText('Learning rate 0.01');
  await expect(lab.runRows).toHaveCount(6);
  await expect(lab.runRows.getByText('seed 2')).toHaveCount(2);
  await lab.page.getByTestId('queue-clear').click();
  await expect(queue(lab)).toBeHidden();
});

test('the queue pauses, takes turns, changes its order, gives up runs and brings them back', async ({ lab }) => {
  test.slow();
  await shorten(lab, 400);
  await planSix(lab);
  await lab.train.click();
  await expect.poll(() => lab.steps()).toBeGreaterThan(2);
  await lab.page.getByTestId('queue-pause').click();
  await expect(lab.status).toContainText(/paused/i);
  await expect(queue(lab)).toHaveAttribute('data-phase', 'paused');
  const steps = await lab.stillSteps();

  await items(lab)
    .last()
    .getByRole('button', { name: /^Earlier/ })
    .focus();
  await lab.page.keyboard.press('Enter');
  await expect(items(lab).nth(4)).toContainText('Learning rate 0.1 · seed 2');
  await items(lab).nth(4).dragTo(items(lab).nth(1));
  await expect(items(lab).nth(1)).toContainText('Learning rate 0.1 · seed 2');

  await items(lab)
    .last()
    .getByRole('button', { name: /^Cancel/ })
    .click();
  await expect(items(lab)).toHaveCount(5);
  await lab.page.getByRole('button', { name: 'Undo', exact: true }).click();
  await expect(items(lab)).toHaveCount(6);

  await lab.page.getByTestId('queue-order').selectOption('interleaved');
  await lab.page.getByTestId('queue-resume').click();
  await expect(lab.runRows).toHaveCount(2, { timeout: 40_000 });
  await lab.page.getByTestId('queue-pause').click();
  expect(steps).toBeLessThan(400);

  await lab.page.getByTestId('queue-cancel').click();
  await expect(items(lab)).toHaveCount(0);
  await expect(queue(lab)).toBeHidden();
  await expect(lab.page.getByTestId('run-group').or(lab.runRows).first()).toContainText(/stopped/i);
});

test('a queue outlives a reload, and goes on when it is told to', async ({ lab }) => {
  test.slow();
  await shorten(lab, 60);
  await lab.page.getByTestId('seeds').fill('2');
  await lab.train.click();
  await expect(counts(lab)).toHaveText('1 of 2 done', { timeout: 60_000 });
  await lab.page.getByTestId('queue-pause').click();
  await expect(lab.status).toContainText(/paused/i);
  await expect
    .poll(() =>
      lab.page.evaluate(
        () =>
          new Promise<string>((resolve) => {
            const opening = indexedDB.open('objective-lab');
            opening.onsuccess = () => {
              const reading = opening.result.transaction('settings').objectStore('settings').get('queue');
              reading.onsuccess = () => {
                opening.result.close();
                resolve((reading.result as { phase: string } | undefined)?.phase ?? '');
              };
            };
          }),
      ),
    )
    .toBe('paused');
  await lab.page.reload();
  await lab.ready();
  await expect(queue(lab)).toContainText('The page was opened anew');
  await expect(counts(lab)).toHaveText('1 of 2 done');
  await lab.page.getByTestId('queue-resume').click();
  await expect(counts(lab)).toHaveText('2 of 2 done', { timeout: 60_000 });
  await expect(lab.runRows).toHaveCount(2);
});

test('all arms of the opened experiment are queued in one press, with the same seeds', async ({ lab }) => {
  await lab.setup.getByRole('spinbutton', { name: 'Seeds of each arm' }).fill('2');
  await lab.page.getByTestId('all-arms').click();
  await expect(items(lab)).toHaveCount(10);
  await expect(items(lab).nth(4)).toContainText('Offline best-of-n · seed 0');
  await expect(items(lab).nth(5)).toContainText('On-policy GRPO · seed 1');
  await lab.page.getByTestId('queue-cancel').click();
  await expect(queue(lab)).toBeHidden();
});

test('runs are found, starred, annotated, selected and deleted by the keyboard', async ({ lab }) => {
  test.slow();
  await shorten(lab, 5);
  await lab.page.getByTestId('seeds').fill('3');
  await lab.train.click();
  await expect(counts(lab)).toHaveText('3 of 3 done', { timeout: 60_000 });
  const names = await lab.runRows.locator('[data-run-focus]').allTextContents();
  await lab.page.getByRole('button', { name: `Star ${names[0]}` }).click();
  await lab.page.getByRole('button', { name: `More for ${names[1]}` }).click();
  await lab.page.getByRole('menuitem', { name: 'Add a note' }).click();
  await lab.page.getByRole('textbox', { name: `Note on ${names[1]}` }).fill('the odd one\nlook again');
  await lab.page.keyboard.press('Control+Enter');
  await expect(lab.page.getByTestId('run-note')).toHaveText('the odd one\nlook again');
  await lab.page.getByTestId('run-filter').fill('odd one');
  await expect(lab.runRows).toHaveCount(1);
  await lab.page.getByTestId('run-filter').fill('seed=1');
  await expect(lab.runRows).toHaveCount(1);
  await lab.page.getByTestId('run-filter').fill('');
  await lab.page.getByRole('button', { name: 'Starred runs only' }).click();
  await expect(lab.runRows).toHaveCount(1);
  await lab.page.getByRole('button', { name: 'Starred runs only' }).click();

  await lab.runRows.first().locator('[data-run-focus]').focus();
  await lab.page.keyboard.press('Shift+ArrowDown');
  await expect(lab.page.getByTestId('selection')).toContainText('2 selected');
  await lab.page.keyboard.press('Delete');
  await expect(lab.runRows).toHaveCount(1);
  await lab.page.getByRole('button', { name: 'Undo', exact: true }).click();
  await expect(lab.runRows).toHaveCount(3);
});
