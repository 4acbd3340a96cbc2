/** What axe finds. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';

/** Findings that keep somebody from using the page, as `rule: elements`. */
export async function barriers(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}
