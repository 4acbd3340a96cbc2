import type { Locator, Page } from '@playwright/test';
import { barriers } from './barriers';
import { expect, type LabPage, test } from './lab-page';

const MOD = process.platform === 'darwin' ? 'Meta' : 'Control';

/** The open editor as a test sees it. */
class EditorPage {
  readonly frame: Locator;
  readonly text: Locator;
  readonly status: Locator;
  readonly findings: Locator;
  readonly gutter: Locator;
  readonly completions: Locator;
  readonly name: Locator;

  constructor(readonly page: Page) {
    this.frame = page.getByTestId('editor');
    this.text = this.frame.locator('.cm-content');
    this.status = this.frame.getByTestId('own-status');
    this.findings = this.frame.getByTestId('findings');
    this.gutter = this.frame.locator('.cm-gutter-lint .cm-lint-marker');
    this.completions = page.locator('.cm-tooltip-autocomplete');
    this.name = this.frame.getByLabel('Name of the copy');
  }

  line(words: string) {
    return this.frame.locator('.cm-line', { hasText: words }).first();
  }

  /** Puts the cursor at the end of a line that holds these words. */
  async goToEndOf(words: string): Promise<void> {
    await this.line(words).click();
    await this.page.keyboard.press('End');
  }

  /** Types another line in place of the one that holds these words. */
  async replaceLine(words: string, by: string): Promise<void> {
    await this.goToEndOf(words);
    await this.page.keyboard.press('Shift+Home');
    await this.page.keyboard.type(by);
  }

  async checked(): Promise<void> {
    await expect(this.status).toHaveText('checked: fine', { timeout: 40_000 });
  }
}

/** Opens the editor on a copy of the objective that the setup has. */
async function editCopy(lab: LabPage): Promise<EditorPage> {
  await lab.page.getByRole('button', { name: 'Formula and source' }).click();
  await lab.page.getByTestId('edit-copy').click();
  const editor = new EditorPage(lab.page);
  await expect(editor.text).toBeFocused();
  return editor;
}

const setSteps = (lab: LabPage, steps: number) => lab.setup.getByRole('textbox', { name: 'Steps' }).fill(String(steps));

test('a copy of DPO: completion, errors in words, both trained into one chart, and the draft after a reload', async ({ lab }) => {
  test.slow();
  const { page } = lab;
  await lab.chooseObjective('dpo');
  await setSteps(lab, 12);
  const editor = await editCopy(lab);
  await editor.checked();
  await editor.name.fill('softer dpo');
  await editor.name.press('Enter');

  // Completion knows the lab's algebra and what a loss is given.
  await editor.goToEndOf('loss(input) {');
  await page.keyboard.press('Enter');
  await page.keyboard.type('const mean = tokenMea');
  await expect(editor.completions.getByRole('option', { name: /^tokenMean/ })).toBeVisible({ timeout: 20_000 });
  await page.keyboard.press('Enter');
  await expect(editor.line("from './terms'")).toContainText('tokenMean');
  await page.keyboard.type('(input.');
  for (const field of ['logp', 'refLogp', 'entropy', 'mask', 'totals', 'params']) {
    await expect(editor.completions.getByRole('option', { name: field, exact: true })).toBeVisible({ timeout: 20_000 });
  }

  // A line that is not finished is a syntax error, a field that does not exist one of type.
  await page.keyboard.press('Escape');
  await expect(editor.frame).toBeVisible();
  await expect(editor.findings).toContainText(/line \d+.*expect/i);
  await expect(editor.gutter).not.toHaveCount(0);
  await page.keyboard.type('entropi, input.mask, input.totals);');
  await expect(editor.findings).toContainText("Property 'entropi' does not exist");
  await expect(editor.gutter).toHaveCount(1);

  // Put right, it is fine; the difference from the original is what was typed.
  await editor.replaceLine('tokenMean(input.entropi', 'const softened = 0.2;');
  await editor.replaceLine('const margin =', 'const margin = tf.mul<tf.Tensor1D>(softened, pairs.difference);');
  await editor.checked();
  await editor.frame.getByTestId('own-difference').click();
  await expect(editor.frame.locator('.cm-changedLine')).not.toHaveCount(0);
  await expect(editor.frame.locator('.cm-deletedChunk').filter({ hasText: 'input.params.beta' })).toHaveCount(1);

  // The original and the copy, one after the other, in one chart.
  await editor.frame.getByTestId('own-train-both').click();
  await expect(editor.frame).toBeHidden();
  await expect(lab.runRows).toHaveCount(2, { timeout: 60_000 });
  await expect(lab.runRows.first()).toContainText('softer-dpo');
  await expect(lab.runRows.first()).toContainText('Objective: DPO → own/softer-dpo (edited from dpo)');
  await expect(lab.runRows.first()).toContainText('Finished', { timeout: 60_000 });
  await lab.chart('loss').scrollIntoViewIfNeeded();
  await expect(lab.chart('loss').locator('[data-metric="loss"]')).toHaveCount(2);
  const ends = await lab
    .chart('loss')
    .locator('[data-metric="loss"]')
    .evaluateAll((labels) => labels.map((label) => label.getAttribute('data-value')));
  expect(new Set(ends).size).toBe(2);

  // What was typed outlives the page.
  await page.reload();
  await lab.ready();
  await expect(lab.objective).toHaveText('softer dpo');
  await page.getByRole('button', { name: 'Your own: 1 draft' }).click();
  await page.getByTestId('own-drafts').getByRole('button', { name: 'softer dpo' }).first().click();
  await expect(editor.line('const softened')).toBeVisible();
  await editor.checked();
});

test('Escape keeps a text that is not finished; Delete can be undone', async ({ lab }) => {
  const { page } = lab;
  const editor = await editCopy(lab);
  await page.keyboard.press(`${MOD}+Home`);
  await page.keyboard.type('// a thought ');
  await page.keyboard.press('Escape');
  await expect(editor.frame).toBeHidden();
  await expect(page.getByRole('button', { name: 'Formula and source' })).toBeFocused();
  await page.getByRole('button', { name: 'Your own: 1 draft' }).click();
  const drafts = page.getByTestId('own-drafts');
  await drafts.getByRole('button', { name: /^Delete/ }).click();
  await expect(drafts).toBeHidden();
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await drafts.getByRole('button').first().click();
  await expect(editor.line('// a thought ')).toBeVisible();
});

test('Mod-Enter trains what is typed, and a setting of its own gets a control', async ({ lab }) => {
  test.slow();
  const { page } = lab;
  await lab.chooseObjective('dpo');
  const editor = await editCopy(lab);
  await editor.checked();
  await editor.replaceLine('params: { beta: BETA', "params: { beta: { ...BETA, title: 'My own beta' } },");
  await editor.checked();
  await page.keyboard.press(`${MOD}+Enter`);
  await expect(editor.frame).toBeHidden();
  await expect.poll(() => lab.steps()).toBeGreaterThan(0);
  await expect(lab.setup.getByRole('textbox', { name: 'My own beta' })).toBeVisible();
  await expect(lab.runRows.first()).toContainText('my-dpo');
});

test('a reward of one’s own scores the samples', async ({ lab }) => {
  test.slow();
  const { page } = lab;
  await page.getByRole('button', { name: 'Parts and source' }).click();
  await page.getByTestId('edit-copy').click();
  const editor = new EditorPage(page);
  await editor.checked();
  await expect(editor.frame).toContainText('reward, edited from');
  await editor.frame.getByTestId('own-train').click();
  await expect.poll(() => lab.steps()).toBeGreaterThan(0);
  await expect(lab.runRows.first()).toContainText('my-world');
});

test('the editor has no barrier and fits, in light and dark, on a desk and on a phone', async ({ lab }, info) => {
  test.slow();
  const { page } = lab;
  await lab.chooseObjective('dpo');
  const editor = await editCopy(lab);
  await editor.goToEndOf('loss(input) {');
  await page.keyboard.press('Enter');
  await page.keyboard.type('input.pears;');
  await expect(editor.findings).toContainText('pears', { timeout: 40_000 });
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme);
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 });
      await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
      // For people to look at.
      await page.screenshot({ path: info.outputPath(`editor-${colorScheme}-${width}.png`) });
      expect(await barriers(page)).toEqual([]);
    }
  }
});
