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
  }

  /** Opens the lab and waits until its worker has a device. */
  async open(): Promise<void> {
    await this.page.goto(address());
    await this.ready();
  }

  async ready(): Promise<void> {
    await expect(this.page.locator('html')).toHaveAttribute('data-ready', 'true', { timeout: 30_000 });
  }

  chart(id: string): Locator {
    return this.page.getByTestId(`chart-${id}`);
  }

  /** Steps that the newest run has taken, as the page shows them. */
  async steps(): Promise<number> {
    const text = (await this.stepCounter.textContent()) ?? '';
    return Number(/\d[\d\s\u202f]*/.exec(text)?.[0].replace(/\s/g, '') ?? Number.NaN);
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
