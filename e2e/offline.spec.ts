import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { test as base, expect, LabPage } from './lab-page';
import { serveSite } from './server.mjs';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));

interface Served {
  /** Folder that is served, a copy of the built site. */
  readonly site: string;
  readonly address: string;
  stop(): void;
}

/** A site of the test's own, which it may change and take away. */
const test = base.extend<{ served: Served }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of what a fixture needs out of the braces.
  served: async ({}, use, info) => {
    const site = info.outputPath('site');
    cpSync(DIST, site, { recursive: true });
    const { address, close } = await serveSite(site);
    await use({ site, address, stop: close });
    close();
  },
});

test.use({ serviceWorkers: 'allow' });

/** Opens the lab for the first time and waits until all of it is kept. */
async function visit(page: Page, address: string): Promise<LabPage> {
  const lab = new LabPage(page);
  await page.goto(address);
  await lab.ready();
  await kept(page);
  return lab;
}

async function kept(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Keys and help' }).click();
  await expect(page.getByTestId('kept')).toContainText('The lab is kept in this browser', { timeout: 40_000 });
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('kept')).toBeHidden();
}

test('after one visit the lab opens and trains with neither network nor server', async ({ page, context, served }) => {
  test.slow();
  const lab = await visit(page, served.address);
  await context.setOffline(true);
  served.stop();
  await page.reload();
  await lab.ready();
  await expect(page.getByTestId('offline')).toContainText('Everything in the lab works without one');
  await lab.train.click();
  await expect.poll(() => lab.steps()).toBeGreaterThan(2);

  await page.getByRole('link', { name: 'Experiments' }).click();
  await expect(page.locator('main')).toContainText(/Recorded over \d+ seeds/);
  await page.getByRole('link', { name: 'Bench' }).click();
  await expect(page.getByRole('region', { name: 'Recorded figures' })).toContainText('SwiftShader');
  // As a link to a set-up would be.
  await page.goto(`${served.address}?from=a-link#/`);
  await lab.ready();

  // The editor with its TypeScript, and code in the sandbox, which reaches nothing even of what is kept.
  await page.getByRole('button', { name: 'Formula and source' }).click();
  await page.getByTestId('edit-copy').click();
  await expect(page.getByTestId('own-status')).toHaveText('checked: fine', { timeout: 40_000 });
  const frame = page.frames().find((one) => one.parentFrame() !== null);
  const reached = await frame?.evaluate((target) => fetch(target).then(() => 'reached', String), `${served.address}icon.svg`);
  expect(reached).toContain('TypeError');
});

test('a newer version waits for the reader, and a reload loses nothing', async ({ page, served }) => {
  test.slow();
  const lab = await visit(page, served.address);
  const root = page.locator('html');

  const index = join(served.site, 'index.html');
  writeFileSync(index, readFileSync(index, 'utf8').replace('<html lang="en"', '<html lang="en" data-version="2"'));
  const script = join(served.site, 'service-worker.js');
  writeFileSync(script, readFileSync(script, 'utf8').replace(/(url:`index\.html`,revision:`)\w+/, '$1second'));
  await page.reload();
  await lab.ready();
  await lab.train.click();
  await expect.poll(() => lab.steps()).toBeGreaterThan(0);
  const notice = page.getByTestId('update');
  await expect(notice).toContainText('A new version is ready', { timeout: 40_000 });
  // It trains on, in the version that it began in.
  const steps = await lab.steps();
  await expect.poll(() => lab.steps()).toBeGreaterThan(steps);
  await expect(root).not.toHaveAttribute('data-version');

  await notice.getByRole('button', { name: 'Reload' }).click();
  await expect(root).toHaveAttribute('data-version', '2');
  await lab.ready();
  await expect(notice).toBeHidden();
  await expect.poll(() => lab.steps()).toBeGreaterThanOrEqual(steps);
  await lab.train.click();
  await expect(lab.runRows).toHaveCount(1);
  const resumed = await lab.steps();
  await expect.poll(() => lab.steps()).toBeGreaterThan(resumed);
});
