/** Links, frames, lessons, presentations and the guide, as a class meets them. */
import type { Page } from '@playwright/test';
import { barriers } from './barriers';
import { expect, LabPage, test } from './lab-page';

const site = (): string => process.env.OBJECTIVE_LAB_ADDRESS ?? '';
const overflow = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
const go = (page: Page, hash: string) => page.evaluate((to) => window.location.assign(to), hash);

test.describe('a link', () => {
  test('opens the setup with its seed, hides what it says, and follows every change', async ({ lab, page }) => {
    await go(page, '#/?experiment=sums-dpo&arm=dpo&seed=7&hide=setup.policy,chart.loss,page.bench');
    await expect(lab.world).toHaveValue('sums');
    await expect(page.getByText('seed 7', { exact: true })).toBeVisible();
    await expect(page.getByTestId('policy-select')).toHaveCount(0);
    await expect(page.getByTestId('chart-loss')).toHaveCount(0);
    await expect(page.getByTestId('chart-reward')).toBeVisible();
    await expect(page.getByRole('link', { name: 'Bench' })).toHaveCount(0);
    await lab.world.selectOption('bins');
    await expect.poll(() => page.url()).toContain('#/?world=bins');
    expect(page.url()).toContain('hide=setup.policy,chart.loss,page.bench');
  });

  test('copied in one browser opens the same setup in another', async ({ lab, page, browser }) => {
    await lab.chooseObjective('dpo');
    await page.locator('body').press('s');
    const link = await page.getByTestId('share-link').inputValue();
    await expect(page.getByTestId('share-words')).toContainText('DPO');
    expect(await barriers(page)).toEqual([]);
    await page.getByText('Hide from whoever opens it').click();
    await page.getByRole('checkbox', { name: 'Speed' }).check();
    await expect(page.getByTestId('share-link')).toHaveValue(/hide=chart\.speed/);
    const other = new LabPage(await browser.newPage());
    await other.page.goto(link);
    await other.ready();
    await expect(other.objective).toHaveAttribute('data-value', 'dpo');
    await other.page.close();
  });

  test('with mistakes says each in a sentence and opens the rest', async ({ lab, page }) => {
    await go(page, '#/?world=shop&seed=many&hide=moon');
    await expect(page.getByTestId('link-note')).toContainText('seed: expected a number');
    await expect(page.getByTestId('link-note')).toContainText('hide: the lab has no part called "moon"');
    await expect(lab.world).toHaveValue('shop');
    expect(await barriers(page)).toEqual([]);
  });

  test('survives a reload without undoing what was changed since, and so does the way back', async ({ lab, page }) => {
    await go(page, '#/?world=sums');
    await expect(lab.world).toHaveValue('sums');
    await lab.world.selectOption('shop');
    await expect.poll(() => page.url()).toContain('world=shop');
    await page.reload();
    await lab.ready();
    await expect(lab.world).toHaveValue('shop');
    // The way back is still there, and from there the way forth.
    await page.getByTestId('undo').click();
    await expect(lab.world).toHaveValue('sums');
    await expect.poll(() => page.url()).toContain('world=sums');
    await page.reload();
    await lab.ready();
    await expect(lab.world).toHaveValue('sums');
    await page.getByTestId('redo').click();
    await expect(lab.world).toHaveValue('shop');
  });

  test('that waits for the storage does not call back a reader who has gone elsewhere', async ({ lab, page }) => {
    // No transaction ends before it is let go.
    await page.evaluate(() => {
      const listen = IDBTransaction.prototype.addEventListener;
      const held: (() => void)[] = [];
      const letGo = (): void => {
        IDBTransaction.prototype.addEventListener = listen;
        for (const end of held) end();
      };
      Object.assign(window, { held, letGo });
      IDBTransaction.prototype.addEventListener = function (this: IDBTransaction, type: string, listener: unknown) {
        const hear = listener as (event: Event) => void;
        listen.call(this, type, type === 'complete' ? (event) => held.push(() => hear.call(this, event)) : hear);
      };
    });
    await lab.world.selectOption('shop');
    await page.waitForFunction(() => (window as unknown as { held: unknown[] }).held.length > 0);
    await go(page, '#/guide');
    const hash = await page.evaluate(async () => {
      (window as unknown as { letGo: () => void }).letGo();
      // Whatever waited for the storage has its turn before this.
      for (let turn = 0; turn < 5; turn++) await indexedDB.databases();
      return window.location.hash;
    });
    expect(hash).toBe('#/guide');
    await page.getByRole('link', { name: 'Lab', exact: true }).click();
    await expect.poll(() => page.url()).toContain('world=shop');
  });
});

test('in a frame of another page an experiment stands by itself, ready to train', async ({ page }) => {
  await page.route('**/course.html', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<h1>Course</h1><iframe title="lab" width="900" height="700" src="${site()}#/?experiment=mode-seeking&arm=on-policy-dpo&embed=1"></iframe>`,
    }),
  );
  await page.goto(`${site()}course.html`);
  const frame = page.frameLocator('iframe');
  await expect(frame.getByTestId('embed')).toBeVisible();
  await expect(frame.getByTestId('setup')).toHaveCount(0);
  await expect(frame.getByTestId('embed-arm')).toHaveValue('on-policy-dpo');
  await expect(frame.getByTestId('train')).toBeEnabled({ timeout: 30_000 });
  await frame.getByTestId('train').click();
  await expect(frame.getByTestId('step-counter')).toContainText(/step [1-9]/, { timeout: 30_000 });
  const whole = frame.getByRole('link', { name: 'Open in Objective Lab' });
  await expect(whole).toHaveAttribute('href', /experiment=mode-seeking/);
  expect(await whole.getAttribute('href')).not.toContain('embed');
});

test('a lesson covers the result until it is predicted, then lays the prediction over it', async ({ page }) => {
  await page.goto(`${site()}#/experiments/sums-grpo`);
  await expect(page.getByTestId('result')).toHaveCount(0);
  await expect(page.getByTestId('reveal')).toBeDisabled();
  const sketch = page.getByTestId('sketch');
  await sketch.focus();
  await sketch.press('ArrowUp');
  await sketch.press('ArrowLeft');
  await sketch.press('ArrowUp');
  await expect(sketch).toHaveAttribute('aria-valuetext', /step 375: 0\.6/);
  const box = (await sketch.boundingBox()) as { x: number; y: number; width: number; height: number };
  await page.mouse.move(box.x + 0.6 * box.width, box.y + 0.3 * box.height);
  await page.mouse.down();
  await page.mouse.move(box.x + 0.95 * box.width, box.y + 0.1 * box.height, { steps: 8 });
  await page.mouse.up();
  await expect(sketch).toHaveAttribute('aria-valuetext', /step (375|400): 0\.9/);
  await page.getByTestId('predict-diversity').getByRole('radio').last().check();
  await page.getByTestId('predict-coin').getByRole('radio').last().check();
  await page.getByTestId('reveal').click();
  await expect(page.getByTestId('result')).toContainText('reached');
  await expect(page.getByTestId('predict-accuracy')).toContainText('Your prediction');
  await expect(page.getByTestId('predict-accuracy')).toContainText(/% of the axis away/);
  await expect(page.getByTestId('predict-diversity')).toContainText('This is what happened');
  const check = page.getByTestId('check-zero');
  await check.getByRole('radio').first().check();
  await expect(check).toContainText('Not quite.');
  await check.getByRole('radio').nth(1).check();
  await expect(check).toContainText('Right.');
  await page.reload();
  await expect(page.getByTestId('result')).toBeVisible();
});

test('an experiment is run from its page, all arms over its seeds', async ({ lab, page }) => {
  await go(page, '#/experiments/mode-seeking');
  await page.getByTestId('experiment-seeds').fill('2');
  await page.getByTestId('run-experiment').click();
  await expect(page.getByText(/0 of 10 runs done, 1 training, 9 waiting/)).toBeVisible();
  await page.getByRole('button', { name: 'Show it without predicting' }).click();
  await expect(page.getByTestId('verdict').first()).toContainText('judged here by the same rule');
  await page.getByRole('link', { name: 'Watch in the lab' }).click();
  await expect(lab.runRows.first()).toBeVisible();
});

test('a presentation is turned by keys and clicker, and its notes follow in a second window', async ({ lab, page, context }) => {
  await go(page, '#/experiments/sums-dpo');
  await page.locator('body').press('p');
  const count = page.getByTestId('panel-count');
  await expect(count).toHaveText('1 / 9');
  const opened = context.waitForEvent('page');
  await page.keyboard.press('n');
  const notes = await opened;
  await expect(notes.getByTestId('notes')).toContainText('Question');
  for (const [key, at] of [
    ['ArrowRight', 2],
    ['PageDown', 3],
    ['PageUp', 2],
    ['End', 9],
    ['Home', 1],
  ] as const) {
    await page.keyboard.press(key);
    await expect(count).toHaveText(`${at} / 9`);
  }
  await notes.keyboard.press('PageDown');
  await expect(count).toHaveText('2 / 9');
  await expect(notes.getByTestId('notes')).toContainText('2 / 9');
  expect(await barriers(notes)).toEqual([]);
  await notes.close();
  await page.keyboard.press('PageDown');
  await page.keyboard.press('PageDown');
  await expect(page.getByTestId('status')).toHaveText('Ready', { timeout: 30_000 });
  await page.keyboard.press(' ');
  await expect(page.getByTestId('step-counter')).toContainText(/step [1-9]/, { timeout: 30_000 });
  await page.keyboard.press(' ');
  await expect(lab.status).toContainText(/paused/i);
  await page.keyboard.press('b');
  await expect(page.getByTestId('blank')).toBeVisible();
  await page.keyboard.press('b');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('experiment')).toBeVisible();
});

test('the guide leads by a few questions to an objective and its experiment', async ({ lab, page }) => {
  await go(page, '#/guide');
  await page.getByRole('button', { name: /verifier/ }).click();
  await page
    .getByRole('button', { name: 'change' })
    .or(page.getByRole('button', { name: /^Change/ }))
    .click();
  await page.getByRole('button', { name: /verifier/ }).click();
  await page.getByRole('button', { name: /ranking/ }).click();
  const answer = page.getByTestId('guide-answer');
  await expect(answer).toContainText('NDCG');
  await expect(answer.getByRole('heading').first()).toBeFocused();
  await page.getByTestId('guide-open').click();
  await expect(lab.world).toHaveValue('shop');
});

test('a worksheet prints without the page around it', async ({ lab, page }) => {
  await lab.page.goto(`${site()}#/experiments/mode-seeking/worksheet`);
  await page.emulateMedia({ media: 'print' });
  await expect(page.getByTestId('worksheet')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Back to the experiment' })).toBeHidden();
  await expect(page.getByRole('navigation', { name: 'Pages' })).toBeHidden();
  await expect(page.getByTestId('worksheet').getByRole('row')).toHaveCount(6);
});

const PAGES: readonly (readonly [string, string])[] = [
  ['experiments', '#/experiments'],
  ['experiment', '#/experiments/mode-seeking'],
  ['worksheet', '#/experiments/sums-dpo/worksheet'],
  ['guide', '#/guide'],
  ['present', '#/present/mode-seeking'],
  ['embed', '#/?experiment=mode-seeking&embed=1'],
];

for (const theme of ['light', 'dark'] as const) {
  test.describe(`in ${theme}`, () => {
    test.use({ colorScheme: theme });

    test('no page of these has a barrier or sticks out, at any width', async ({ page }, info) => {
      test.slow();
      for (const [name, hash] of PAGES) {
        await page.goto('about:blank');
        await page.goto(`${site()}${hash}`);
        const lab = new LabPage(page);
        await lab.ready();
        for (const width of [1440, 820, 390]) {
          await page.setViewportSize({ width, height: 900 });
          expect(await overflow(page), `${name} at ${width}`).toBe(0);
          // For people to look at.
          await page.screenshot({ path: info.outputPath(`${name}-${theme}-${width}.png`) });
        }
        if (name === 'experiment') await page.getByRole('button', { name: 'Show it without predicting' }).click();
        expect(await barriers(page), name).toEqual([]);
      }
    });
  });
}
