/** The bench's page as a test sees it. */
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';

const EXAMPLE = readFileSync(new URL('./bench-example.json', import.meta.url), 'utf8');

/** Lets the page find one recorded result, with workloads and growth, in place of what is recorded. */
export async function recordedBench(page: Page): Promise<void> {
  await page.route('**/bench/index.json', (route) => route.fulfill({ json: ['example.json'] }));
  await page.route('**/bench/example.json', (route) => route.fulfill({ contentType: 'application/json', body: EXAMPLE }));
}

/** Chooses these workloads and engines beside the lab, and nothing else. */
export async function choose(page: Page, wanted: readonly string[]): Promise<void> {
  for (const box of await page.getByRole('checkbox').all()) {
    const id = ((await box.getAttribute('data-testid')) ?? '').replace('choose-', '');
    await box.setChecked(wanted.includes(id));
  }
}
