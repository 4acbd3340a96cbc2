/** What a page changes in what it shows: counts, which are the same on every machine. */
import type { Page } from '@playwright/test';

/** What changed in a document, as a MutationObserver has it. */
interface Changes {
  /** Curves of a chart that were drawn anew. */
  readonly curves: number;
  /** Everything else: elements put in or taken out, words, attributes. */
  readonly others: number;
}

interface Watched {
  readonly changes: { curves: number; others: number };
}

/** Counts from the moment that the next document is there. */
export async function watchChanges(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const changes = { curves: 0, others: 0 };
    Object.assign(window, { changes });
    const isCurve = ({ target }: MutationRecord): boolean => target instanceof SVGPathElement && target.dataset.curve !== undefined;
    new MutationObserver((records) => {
      const curves = records.filter((record) => record.attributeName === 'd' && isCurve(record)).length;
      changes.curves += curves;
      changes.others += records.length - curves;
    }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  });
}

/**
 * Does something so many times and gives the least that changed, from before it to two frames after: what the page does of its own
 * accord meanwhile, as when a run has come further, is in some of them and not in others.
 */
export async function leastChanges(page: Page, times: number, act: (i: number) => Promise<void>): Promise<Changes> {
  const least = { curves: Number.POSITIVE_INFINITY, others: Number.POSITIVE_INFINITY };
  for (let i = 0; i < times; i++) {
    const before = await changesSoFar(page);
    await act(i);
    const after = await changesSoFar(page);
    least.curves = Math.min(least.curves, after.curves - before.curves);
    least.others = Math.min(least.others, after.others - before.others);
  }
  return least;
}

const changesSoFar = (page: Page): Promise<Changes> =>
  page.evaluate(async () => {
    for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
    return { ...(window as unknown as Watched).changes };
  });
