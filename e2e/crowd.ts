/** Many long runs in the lab's own storage, as if they had been trained here, and what a reader does with them. */
import type { Locator, Page } from '@playwright/test';
import { expect, type LabPage } from './lab-page';

export const RUNS = 10;
const POINTS = 5000;
export const CHARTS = 8;

/** Every chart on the screen at once; Playwright's own recording would do more in the page than the page does. */
export const ALL_IN_SIGHT = { viewport: { width: 1600, height: 1400 }, trace: 'off' } as const;

/** Ten runs on show, and an eleventh that trains for as long as the test takes. */
export async function crowd(lab: LabPage): Promise<void> {
  const { page } = lab;
  const steps = lab.setup.getByRole('textbox', { name: 'Steps' });
  await steps.fill('40');
  await lab.train.click();
  await expect(lab.status).toContainText(/finished/i, { timeout: 50_000 });
  // A reload writes what is left to be written.
  await page.reload();
  await lab.ready();
  await storeRuns(page, RUNS, POINTS);
  await page.reload();
  await lab.ready();
  await steps.fill('100000');
  await lab.train.click();
  await expect.poll(() => lab.steps(), { timeout: 60_000 }).toBeGreaterThan(20);
  const charts = page.locator('[data-testid^="chart-"]');
  expect(await charts.count()).toBeGreaterThanOrEqual(CHARTS);
  for (const chart of (await charts.all()).slice(0, CHARTS)) {
    await expect.poll(() => chart.locator('path[data-curve="main"]').count()).toBeGreaterThanOrEqual(RUNS);
  }
}

/** Leaves the page to itself until so many steps more are trained. */
export async function trainOn(lab: LabPage, more: number): Promise<void> {
  const from = await lab.steps();
  await expect.poll(() => lab.steps(), { timeout: 60_000 + 1000 * more, intervals: [500] }).toBeGreaterThanOrEqual(from + more);
}

/** Looks at the run that trains, as after its start. */
export const lookAtTraining = (lab: LabPage): Promise<void> =>
  lab.runs.locator('[data-run-focus]').filter({ hasNotText: 'crowd-' }).click();

/** Something that a reader does again and again. */
export interface Interaction {
  readonly name: string;
  readonly times: number;
  readonly act: (i: number) => Promise<void>;
}

/** Everything that a reader does while runs are compared, in the order in which it is to be done. */
export async function interactions(lab: LabPage): Promise<Interaction[]> {
  const { page } = lab;
  const button = (name: string): Locator => page.getByRole('button', { name, exact: true });
  const row = (i: number): Promise<Point> => centre(lab.runs.getByRole('button', { name: `crowd-${i}`, exact: true }));
  const [first, second] = [await row(8), await row(6)];
  const more = await centre(button('More for crowd-7'));
  const toggle = await centre(button('Show crowd-7 in the charts'));
  const press = ({ x, y }: Point): Promise<void> => page.mouse.click(x, y);
  let plot: Point | null = null;
  return [
    { name: 'look', times: 10, act: (i) => press(i % 2 === 0 ? first : second) },
    {
      name: 'menu',
      times: 8,
      act: async (i) => {
        if (i > 0) await page.keyboard.press('Escape');
        await press(more);
      },
    },
    {
      name: 'toggle',
      times: 10,
      act: async (i) => {
        if (i === 0) await page.keyboard.press('Escape');
        await press(toggle);
      },
    },
    {
      name: 'crosshair',
      times: 30,
      act: async (i) => {
        // What was looked at may have had something to say above the charts.
        plot ??= await centre(lab.chart('loss').getByRole('slider'));
        await page.mouse.move(plot.x - 36 + 2 * i, plot.y);
      },
    },
  ];
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where something is: to look for it each time would be work of the page's. */
export async function centre(of: Locator): Promise<Point> {
  await of.scrollIntoViewIfNeeded();
  const box = await of.boundingBox();
  if (box === null) throw new Error('It is not on the screen.');
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/**
 * Puts copies of the newest stored run beside it, each with curves of so many rows, and removes the original. The curves are
 * noise around a curve that rises, of all metrics that the run has logged, so that nothing about them is smooth or missing.
 */
const storeRuns = (page: Page, count: number, rows: number): Promise<void> =>
  page.evaluate(
    async ([copies, length]) => {
      const settled = <T>(request: IDBRequest<T>): Promise<T> =>
        new Promise((resolve, reject) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        });
      const db = await settled(indexedDB.open('objective-lab'));
      const read = db.transaction(['runs', 'series', 'frames']);
      const run = (await settled(read.objectStore('runs').getAll())).at(-1);
      const [block] = await settled(read.objectStore('series').getAll());
      const frames = await settled(read.objectStore('frames').get(run.id));
      const metrics = Object.keys(block.columns);

      // Blocks of the length that the lab writes; a generator of Numerical Recipes' constants, so that every test draws the same.
      const BLOCK = 2048;
      let state = 1;
      const noise = (): number => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state / 2 ** 32 - 0.5;
      };
      const write = db.transaction(['runs', 'series', 'frames', 'settings'], 'readwrite');
      for (let copy = 0; copy < copies; copy++) {
        const id = `${run.id}-${String(copy).padStart(2, '0')}`;
        // Another rate, so that each is an arm of its own and none of them is drawn as a part of a mean.
        const stages = run.spec.stages.map((stage: { training: object }) => ({
          ...stage,
          training: { ...stage.training, learningRate: 0.01 * (copy + 1) },
        }));
        const spec = { ...run.spec, stages };
        const fields = { id, spec, name: `crowd-${copy}`, accent: copy, state: 'finished', totalSteps: length, lastStep: length };
        const shown = { visible: true, pinned: true, checkpointStep: null, createdAt: run.createdAt + copy };
        write.objectStore('runs').put({ ...run, ...fields, ...shown }, id);
        write.objectStore('frames').put({ ...frames, rows: length, step: length }, id);
        for (let from = 0; from < length; from += BLOCK) {
          const size = Math.min(BLOCK, length - from);
          const columns = metrics.map((metric, k) => {
            const values = new Float32Array(size).map(
              (_, i) => 0.1 + (0.1 * (from + i)) / length + 0.01 * k + 0.005 * copy + 0.03 * noise(),
            );
            return [metric, values];
          });
          const steps = Float64Array.from({ length: size }, (_, i) => from + i + 1);
          write.objectStore('series').put({ steps, columns: Object.fromEntries(columns) }, [id, from / BLOCK]);
        }
      }
      write.objectStore('runs').delete(run.id);
      write.objectStore('settings').delete('activeId');
      await new Promise((resolve, reject) => {
        write.oncomplete = resolve;
        write.onerror = () => reject(write.error);
      });
      db.close();
    },
    [count, rows] as const,
  );
