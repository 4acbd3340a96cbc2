/** Every page and state at every width in both themes: pictures for people, barriers and what sticks out for the machine. */
import type { Page, TestInfo } from '@playwright/test';
import { barriers } from './barriers';
import { recordedBench } from './bench-page';
import { expect, LabPage, test } from './lab-page';

/** A wide screen, a laptop, a tablet, a phone. */
const WIDTHS = [1440, 1180, 820, 390] as const;
/** The layouts differ in what they hold at these. */
const CHECKED: readonly number[] = [1440, 390];
const HEIGHT = 900;

const overflow = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Takes a state's pictures, into `test-results`. What a theme changes is colour, so that the dark one is checked for contrast alone. */
async function lookAt(page: Page, name: string, info: TestInfo): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: HEIGHT });
      await expect.poll(() => overflow(page), `${name} at ${width}`).toBe(0);
      await page.screenshot({ path: info.outputPath(`${name}-${colorScheme}-${width}.png`) });
      if (!CHECKED.includes(width)) continue;
      expect(await barriers(page, colorScheme === 'light' ? null : ['color-contrast']), `${name} at ${width} in ${colorScheme}`).toEqual(
        [],
      );
    }
  }
  await page.setViewportSize({ width: WIDTHS[0], height: HEIGHT });
}

/** Goes to another page without loading anything again. */
async function goTo(page: Page, hash: string, heading: string | RegExp): Promise<void> {
  await page.evaluate((to) => {
    window.location.hash = to;
  }, hash);
  await expect(page.getByRole('heading', { name: heading }).first()).toBeVisible();
}

test('the lab: empty, while it trains, paused, and its dialogs', async ({ lab }, info) => {
  test.slow();
  const { page } = lab;
  await lookAt(page, 'lab-empty', info);
  await lab.setup.getByRole('textbox', { name: 'Steps' }).fill('100000');
  await lab.train.click();
  await expect.poll(() => lab.steps()).toBeGreaterThan(5);
  await lookAt(page, 'lab-training', info);
  for (const width of WIDTHS.slice(0, 3)) {
    await page.setViewportSize({ width, height: HEIGHT });
    await expect.poll(() => lab.cutOff()).toEqual([]);
    const nav = page.getByRole('navigation', { name: 'Pages' });
    expect(await nav.evaluate((line) => line.scrollWidth - line.clientWidth), `links at ${width}`).toBe(0);
  }
  await page.setViewportSize({ width: WIDTHS[0], height: HEIGHT });
  await lab.pause.click();
  await expect(lab.status).toContainText(/paused/i);
  await lookAt(page, 'lab-paused', info);

  const dialogs: [name: string, open: () => Promise<void>][] = [
    ['help', () => page.getByRole('button', { name: 'Keys and help' }).click()],
    ['share', () => page.getByTestId('share').click()],
    ['sweep', () => page.getByRole('button', { name: 'Sweep' }).click()],
    ['storage', () => page.getByTestId('storage').click()],
  ];
  for (const [name, open] of dialogs) {
    await open();
    await expect(page.getByRole('dialog')).toBeVisible();
    await lookAt(page, `dialog-${name}`, info);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toBeHidden();
  }
  await goTo(page, '#/compare', 'Compare');
  await lookAt(page, 'compare', info);
});

test('every other page', async ({ lab }, info) => {
  test.slow();
  const { page } = lab;
  await goTo(page, '#/compare', 'Compare');
  await lookAt(page, 'compare-empty', info);
  await goTo(page, '#/experiments', 'Experiments');
  await lookAt(page, 'experiments', info);
  await goTo(page, '#/experiments/mode-seeking', /Mode-seeking/);
  await lookAt(page, 'experiment', info);
  await page.getByRole('button', { name: 'Show it without predicting' }).click();
  await lookAt(page, 'experiment-shown', info);
  await goTo(page, '#/experiments/sums-dpo/worksheet', /./);
  await lookAt(page, 'worksheet', info);
  await goTo(page, '#/present/mode-seeking', /./);
  await lookAt(page, 'present', info);
  await goTo(page, '#/guide', /./);
  await lookAt(page, 'guide', info);
  await recordedBench(page);
  await goTo(page, '#/bench', 'Bench');
  await expect(page.getByTestId('growth').getByRole('img')).toHaveCount(4);
  await lookAt(page, 'bench', info);
  await page.goto('about:blank');
  await page.goto(`${process.env.OBJECTIVE_LAB_ADDRESS ?? ''}#/?experiment=mode-seeking&embed=1`);
  await new LabPage(page).ready();
  await lookAt(page, 'embed', info);
});

/** Marks everything that the Tab key should come to, and counts it. */
const markReachable = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const groups = new Set<string>();
    const controls = [...document.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea, summary, [tabindex]')].filter(
      (element) => {
        if (element.tabIndex < 0 || element.matches(':disabled') || element.closest('[inert], [aria-hidden="true"]') !== null) return false;
        if (!element.checkVisibility({ visibilityProperty: true }) || element.getClientRects().length === 0) return false;
        // Of radio buttons one stands for all; the arrow keys lead to the others.
        if (!(element instanceof HTMLInputElement) || element.type !== 'radio') return true;
        if (groups.has(element.name)) return false;
        groups.add(element.name);
        return true;
      },
    );
    for (const [i, control] of controls.entries()) control.dataset.reach = String(i);
    return controls.length;
  });

/** What has the focus: its mark, and whether it can be seen that it has it. */
const focused = (page: Page): Promise<{ reach: string; what: string; seen: boolean }> =>
  page.evaluate(() => {
    const element = document.activeElement as HTMLElement;
    const radios = element instanceof HTMLInputElement && element.type === 'radio' ? document.getElementsByName(element.name) : [element];
    const reach = [...radios].map(({ dataset }) => dataset.reach).find((mark) => mark !== undefined);
    const shows = (style: CSSStyleDeclaration): boolean =>
      (style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
    // A control may let what is drawn in its place show the focus.
    const places = [element, element.nextElementSibling, element.closest('label'), element.parentElement].filter((one) => one !== null);
    const seen = places.some((place) => shows(getComputedStyle(place)));
    return { reach: reach ?? '', what: element.outerHTML.slice(0, 160), seen };
  });

test('the Tab key comes to every control of every page, and shows where it is', async ({ lab }) => {
  test.slow();
  const { page } = lab;
  await page.setViewportSize({ width: 1440, height: HEIGHT });
  await lab.trainAndPause(3);
  for (const [hash, heading] of [
    ['#/', 'Behaviour'],
    ['#/experiments', 'Experiments'],
    ['#/experiments/mode-seeking', /Mode-seeking/],
    ['#/present/mode-seeking', /./],
    ['#/guide', /./],
    ['#/compare', 'Compare'],
    ['#/bench', 'Bench'],
  ] as const) {
    await goTo(page, hash, heading);
    const count = await markReachable(page);
    expect(count, hash).toBeGreaterThan(3);
    const reached = new Set<string>();
    for (let presses = 0; presses < 1.5 * count + 10 && reached.size < count; presses++) {
      await page.keyboard.press('Tab');
      const { reach, what, seen } = await focused(page);
      if (reach === '') continue;
      reached.add(reach);
      expect(seen, `${hash}: the focus on ${what}`).toBe(true);
    }
    const missed = await page.evaluate(
      (marks) =>
        [...document.querySelectorAll<HTMLElement>('[data-reach]')].flatMap((element) =>
          marks.includes(element.dataset.reach ?? '') ? [] : [element.outerHTML.slice(0, 160)],
        ),
      [...reached],
    );
    expect(missed, `${hash}: not reached`).toEqual([]);
  }
});

test.describe('with less motion', () => {
  test.use({ contextOptions: { reducedMotion: 'reduce' } });

  test('nothing moves by itself', async ({ lab }) => {
    const { page } = lab;
    const moving = (): Promise<string[]> =>
      page.evaluate(() =>
        document.getAnimations().flatMap((animation) => {
          const { duration } = animation.effect?.getComputedTiming() ?? {};
          return Number(duration) > 1 ? [`${animation.constructor.name} of ${(animation.effect as KeyframeEffect).target?.className}`] : [];
        }),
      );
    await page.getByRole('button', { name: 'Keys and help' }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    expect(await moving()).toEqual([]);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toBeHidden();
    await lab.train.click();
    await expect.poll(() => lab.steps()).toBeGreaterThan(1);
    expect(await moving()).toEqual([]);
  });
});

test('the theme toggle switches between light and dark, and is remembered', async ({ lab }) => {
  const scheme = () => lab.page.locator('html').getAttribute('data-mantine-color-scheme');
  const before = await scheme();
  await lab.themeToggle.click();
  await expect.poll(scheme).not.toBe(before);
  const after = await scheme();
  await lab.page.reload();
  await lab.ready();
  expect(await scheme()).toBe(after);
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 800 }, hasTouch: true });

  test('tabs lead to setup, behaviour, charts and runs while a run trains', async ({ lab }) => {
    await lab.train.tap();
    await lab.tab('Charts').tap();
    await expect(lab.chart('reward')).toBeVisible();
    await expect(lab.behaviour).toBeHidden();
    await lab.tab('Runs').tap();
    await expect(lab.runRows).toHaveCount(1);
    await lab.tab('Setup').tap();
    await expect(lab.objective).toBeVisible();
    await lab.tab('Behaviour').tap();
    await expect(lab.behaviour).toBeVisible();
    await expect.poll(() => lab.steps()).toBeGreaterThan(3);
    // Once there is a pace to show, there still has to be room for everything.
    await expect(lab.page.getByText(/ steps\/s$/)).toBeAttached();
    expect(await overflow(lab.page)).toBe(0);
    await lab.page.setViewportSize({ width: 560, height: 800 });
    expect(await overflow(lab.page)).toBe(0);
  });
});
