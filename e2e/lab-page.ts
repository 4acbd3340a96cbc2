/** The lab's page as a test sees it. */
import { test as base, expect, type Locator, type Page } from '@playwright/test';

const address = (): string => process.env.OBJECTIVE_LAB_ADDRESS ?? '';

export class LabPage {
  readonly train: Locator;
  readonly pause: Locator;
  readonly step: Locator;
  readonly reset: Locator;
  readonly status: Locator;
  readonly progress: Locator;
  readonly stepCounter: Locator;
  readonly behaviour: Locator;
  readonly setup: Locator;
  readonly banner: Locator;
  readonly runs: Locator;
  readonly runRows: Locator;
  readonly fileInput: Locator;
  readonly fileProblems: Locator;
  readonly themeToggle: Locator;
  readonly objective: Locator;
  readonly world: Locator;
  readonly diagnosis: Locator;

  constructor(readonly page: Page) {
    this.train = page.getByTestId('train');
    this.pause = page.getByTestId('pause');
    this.step = page.getByTestId('step');
    this.reset = page.getByTestId('reset');
    this.status = page.getByTestId('status');
    this.progress = page.getByTestId('progress');
    this.stepCounter = page.getByTestId('step-counter');
    this.behaviour = page.getByTestId('behaviour');
    this.setup = page.getByTestId('setup');
    this.banner = page.getByTestId('banner');
    this.runs = page.getByTestId('runs');
    this.runRows = page.getByTestId('run-row');
    this.fileInput = page.getByTestId('file-input');
    this.fileProblems = page.getByTestId('file-problems');
    this.themeToggle = page.getByTestId('theme-toggle');
    this.objective = page.getByTestId('objective-select');
    this.world = page.getByTestId('world-select');
    this.diagnosis = page.getByTestId('diagnosis');
  }

  /** Opens the lab and waits until its worker has a device. */
  async open(): Promise<void> {
    await this.page.goto(address());
    await this.ready();
  }

  async ready(): Promise<void> {
    await expect(this.page.locator('html')).toHaveAttribute('data-ready', 'true', { timeout: 30_000 });
  }

  /** Ends the run and opens the page again. */
  async afresh(): Promise<void> {
    await this.reset.click();
    await this.page.reload();
    await this.ready();
  }

  /** Puts another objective into the setup, by its id. */
  async chooseObjective(id: string): Promise<void> {
    await this.objective.click();
    await this.page.getByTestId('objective-select-search').fill(id);
    await this.page.locator(`[role="option"][data-id="${id}"]`).click();
    await expect(this.objective).toHaveAttribute('data-value', id);
  }

  /** Types a number into the setting of this name. */
  async set(title: string, value: string): Promise<void> {
    const search = this.setup.getByRole('searchbox', { name: 'Find a setting' });
    await search.fill(title);
    const field = this.setup.getByRole('textbox', { name: title, exact: true }).first();
    await field.fill(value);
    await field.press('Enter');
    await search.fill('');
  }

  chart(id: string): Locator {
    return this.page.getByTestId(`chart-${id}`);
  }

  /** Steps that the run on show has taken. */
  async steps(): Promise<number> {
    const text = (await this.stepCounter.textContent()) ?? '';
    return Number(/step ([\d\s]+)/.exec(text)?.[1]?.replace(/\s/g, '') ?? Number.NaN);
  }

  /** The last value of a metric's curve, or of a chart's first; NaN where it is not drawn yet. Only charts in view are drawn. */
  async last(chart: string, metric?: string): Promise<number> {
    await this.chart(chart).scrollIntoViewIfNeeded();
    const label = this.chart(chart).locator(metric === undefined ? '[data-metric]' : `[data-metric="${metric}"]`);
    if ((await label.count()) === 0) return Number.NaN;
    return Number(await label.first().getAttribute('data-value'));
  }

  async runName(): Promise<string> {
    return (await this.runRows.first().locator('[aria-current]').textContent()) ?? '';
  }

  /** Puts a run's curves on show. */
  async look(name: string): Promise<void> {
    await this.runRows.getByRole('button', { name, exact: true }).click();
  }

  /** Panels that stick out of what they lie in, by their label. */
  cutOff(): Promise<string[]> {
    return this.page.evaluate(() =>
      [...document.querySelectorAll('section[aria-label]')].flatMap((panel) => {
        const { width, right } = panel.getBoundingClientRect();
        if (width === 0) return [];
        let around = panel.parentElement;
        while (around !== null && getComputedStyle(around).overflowX === 'visible') around = around.parentElement;
        const limit = around?.getBoundingClientRect().right ?? window.innerWidth;
        return right > limit + 1 || panel.scrollWidth > panel.clientWidth + 1 ? [panel.getAttribute('aria-label') ?? ''] : [];
      }),
    );
  }

  tab(name: string): Locator {
    return this.page.getByRole('tab', { name });
  }

  /** Presses Train and gives the milliseconds from the press to the first change in the shape of the drawn distribution. */
  async trainAndTimeFirstMove(): Promise<number> {
    await expect(this.behaviour.locator('.recharts-surface path')).not.toHaveCount(0);
    await this.page.evaluate(() => {
      const find = (id: string): Element => document.querySelector(`[data-testid="${id}"]`) as Element;
      const shape = (): string =>
        [...find('behaviour').querySelectorAll('.recharts-surface path')].map((curve) => curve.getAttribute('d')).join();
      const moved = new Promise((resolve) => {
        const press = (): void => {
          const [pressed, before] = [performance.now(), shape()];
          new MutationObserver(() => {
            if (shape() !== before) resolve(performance.now() - pressed);
          }).observe(find('behaviour'), { subtree: true, childList: true, attributes: true });
        };
        find('train').addEventListener('click', press, { capture: true, once: true });
      });
      Object.assign(window, { moved });
    });
    await this.train.click();
    return this.page.evaluate(() => (window as unknown as { moved: Promise<number> }).moved);
  }

  /** Trains until some steps are done, then pauses; gives the steps taken. */
  async trainAndPause(steps: number): Promise<number> {
    await this.train.click();
    await expect.poll(() => this.steps()).toBeGreaterThanOrEqual(steps);
    await this.pause.click();
    await expect(this.status).toContainText(/paused/i);
    return this.stillSteps();
  }

  /** The counter, which is drawn a little after the state, once it has stood still for half a second of frames. */
  async stillSteps(): Promise<number> {
    let steps = Number.NaN;
    await expect(async () => {
      steps = await this.steps();
      await this.page.evaluate(async () => {
        for (let frame = 0; frame < 30; frame++) await new Promise(requestAnimationFrame);
      });
      expect(await this.steps()).toBe(steps);
    }).toPass();
    return steps;
  }
}

/** `lab` is the opened page; a test fails where the page has thrown. */
export const test = base.extend<{ lab: LabPage }>({
  lab: async ({ page }, use) => {
    const thrown: string[] = [];
    page.on('pageerror', (error) => thrown.push(error.message));
    const lab = new LabPage(page);
    await lab.open();
    await use(lab);
    expect(thrown).toEqual([]);
  },
});

export { expect };
