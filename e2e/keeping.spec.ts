import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Download, type Page } from '@playwright/test';
import { type BundleRun, readBundle, writeBundle } from '../src/data/bundle';
import { smallDisk } from './disk';
import { expect, LabPage, test } from './lab-page';

const expected = (lab: LabPage) => lab.last('reward', 'expected_reward');

/** What a click hands to the reader. */
async function saved(page: Page, act: () => Promise<void>): Promise<{ name: string; bytes: Buffer }> {
  const [file] = await Promise.all([page.waitForEvent('download'), act()]);
  return { name: file.suggestedFilename(), bytes: await contentOf(file) };
}
const contentOf = async (file: Download): Promise<Buffer> => readFile(await file.path());

async function choose(page: Page, menu: string, item: string): Promise<void> {
  await page.getByRole('button', { name: menu }).click();
  await page.getByRole('menuitem', { name: item, exact: true }).click();
}

/** Drops files on the middle of the page. */
async function drop(page: Page, files: readonly { readonly name: string; readonly bytes: Uint8Array }[]): Promise<void> {
  const plain = files.map(({ name, bytes }) => ({ name, bytes: [...bytes] }));
  const data = await page.evaluateHandle((list) => {
    const transfer = new DataTransfer();
    for (const { name, bytes } of list) transfer.items.add(new File([new Uint8Array(bytes)], name));
    return transfer;
  }, plain);
  await page.dispatchEvent('body', 'drop', { dataTransfer: data });
}

const bundled = (page: Page, name: string) => saved(page, () => choose(page, `More for ${name}`, 'Save as a bundle'));

test('a run goes out as a bundle, is deleted, comes back by drag and drop, and goes on from its checkpoint', async ({ lab }) => {
  test.slow();
  const { page } = lab;
  const steps = await lab.trainAndPause(6);
  await expect.poll(() => expected(lab)).not.toBeNaN();
  const [name, reward] = [await lab.runName(), await expected(lab)];
  const bundle = await bundled(page, name);
  expect(bundle.name).toBe(`${name}.zip`);
  await choose(page, `More for ${name}`, 'Delete');
  await expect(lab.runRows).toHaveCount(0);

  await drop(page, [bundle, { name: 'pairs.jsonl', bytes: Buffer.from('{"prompt": "a", "completion": "b"}') }]);
  await expect(lab.runRows).toHaveCount(1);
  await expect(lab.runRows.getByTestId('imported')).toHaveText('imported');
  // The other file was a dataset.
  await expect(page.getByText('pairs.jsonl')).toBeVisible();
  await lab.look(name);
  await expect.poll(() => lab.steps()).toBe(steps);
  await expect.poll(() => expected(lab)).toBe(reward);

  await page.getByRole('button', { name: `Resume ${name}` }).click();
  await expect.poll(() => lab.steps()).toBeGreaterThan(steps);
  await lab.pause.click();
  await expect(lab.status).toContainText(/paused/i);
  // What is on the list is not listed twice, and outlives a reload.
  await drop(page, [bundle]);
  await expect(page.getByText(`${name} is on the list already.`)).toBeVisible();
  await page.reload();
  await lab.ready();
  await expect(lab.runRows).toHaveCount(1);
  await expect(lab.runRows.getByTestId('imported')).toBeVisible();
});

test('a file that is no bundle gets a sentence, and code that a bundle brings runs only after it was read and allowed', async ({ lab }) => {
  const { page } = lab;
  await lab.trainAndPause(3);
  const bundle = await bundled(page, await lab.runName());
  const cut = { name: 'cut.zip', bytes: bundle.bytes.subarray(0, bundle.bytes.length / 2) };
  const bad = Buffer.from(bundle.bytes);
  bad[400] = (bad[400] ?? 0) ^ 0xff;
  const foreign = { name: 'foreign.zip', bytes: Buffer.from('UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==', 'base64') };
  for (const [file, words] of [
    [cut, /cut\.zip was not opened, and nothing was changed\. The zip file is damaged or cut off/],
    [{ name: 'bad.zip', bytes: bad }, /bad\.zip was not opened.+damaged/],
    [foreign, /foreign\.zip was not opened.+a bundle of Objective Lab has a bundle\.json/],
  ] as const) {
    await page.getByTestId('bundle-input').setInputFiles({ name: file.name, mimeType: 'application/zip', buffer: Buffer.from(file.bytes) });
    await expect(page.getByRole('status').filter({ hasText: words })).toBeVisible();
  }
  await expect(lab.runRows).toHaveCount(1);

  const { runs } = await readBundle(bundle.bytes);
  const [run] = runs as [BundleRun];
  const [stage] = run.about.spec.stages;
  if (stage === undefined) throw new Error('a run without a stage');
  const objective = { id: 'own/theirs', params: {}, source: 'throw new Error("it ran")' };
  const spec = { ...run.about.spec, stages: [{ ...stage, objective }] };
  const theirs = { ...run, about: { ...run.about, id: 'theirs', name: 'theirs', spec } };
  await drop(page, [{ name: 'theirs.zip', bytes: await writeBundle([theirs], new Date()) }]);
  await expect(lab.runRows.filter({ hasText: 'theirs' }).getByTestId('imported')).toHaveText('imported, with code of its own');
  await page.getByRole('button', { name: 'Resume theirs' }).click();
  await expect(page.getByTestId('review-source')).toHaveValue(objective.source);
  await page.getByRole('button', { name: 'Do not run it' }).click();
  await expect(lab.runRows.filter({ hasText: 'theirs' })).toContainText('Interrupted');
  await expect(page.getByText('it ran')).toHaveCount(0);
});

/** Step of the one checkpoint in the storage; 0 for none. */
const storedCheckpoint = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const opening = indexedDB.open('objective-lab');
        opening.onsuccess = () => {
          const reading = opening.result.transaction('checkpoints').objectStore('checkpoints').getAll();
          reading.onsuccess = () => {
            opening.result.close();
            resolve((reading.result[0] as { step: number } | undefined)?.step ?? 0);
          };
        };
      }),
  );

test('a browser that is killed in the middle of a run loses at most the last seconds, says so, and goes on when asked', async () => {
  test.slow();
  const { launchOptions = {}, viewport = null } = test.info().project.use;
  const profile = await mkdtemp(join(tmpdir(), 'objective-lab-'));
  const open = async (): Promise<LabPage> => {
    const context = await chromium.launchPersistentContext(profile, { ...launchOptions, viewport });
    const lab = new LabPage(await context.newPage());
    await lab.open();
    return lab;
  };
  try {
    const lab = await open();
    await lab.train.click();
    // One is written every five seconds.
    await expect.poll(() => storedCheckpoint(lab.page), { timeout: 40_000 }).toBeGreaterThan(0);
    const devtools = await lab.page.context().newCDPSession(lab.page);
    const closed = lab.page.context().waitForEvent('close');
    await devtools.send('Browser.crash').catch(() => undefined);
    await closed;

    const again = await open();
    await expect(again.runRows).toHaveCount(1);
    const banner = again.page.getByTestId('interrupted-banner');
    await expect(banner).toContainText(/was interrupted when the page closed\. Its curves are kept up to step \d+/);
    // Nothing trains before it is asked for.
    await expect(again.status).toContainText(/interrupted/i);
    const kept = await again.stillSteps();
    const goOn = banner.getByRole('button', { name: /Go on from step/ });
    const from = Number(/\d+/.exec((await goOn.textContent()) ?? '')?.[0]);
    expect(from).toBeGreaterThan(0);
    expect(kept).toBeGreaterThanOrEqual(from);
    await goOn.click();
    await expect.poll(() => again.steps(), { timeout: 40_000 }).toBeGreaterThan(kept);
    await expect(again.runRows).toHaveCount(1);
    await again.page.context().close();
  } finally {
    await rm(profile, { recursive: true, force: true });
  }
});

/** Step of the one run's curves in the storage, and whether it has a checkpoint there and a checkpoint of before is there. */
const kept = (page: Page): Promise<{ step: number; own: boolean; old: boolean }> =>
  page.evaluate(
    (old) =>
      new Promise((resolve) => {
        const opening = indexedDB.open('objective-lab');
        opening.onsuccess = () => {
          const reading = opening.result.transaction(['frames', 'checkpoints']);
          const frames = reading.objectStore('frames').getAll();
          const keys = reading.objectStore('checkpoints').getAllKeys();
          reading.oncomplete = () => {
            opening.result.close();
            const step = Math.max(...frames.result.map((one: { step: number }) => one.step));
            resolve({ step, own: keys.result.some((key) => key !== old), old: keys.result.includes(old) });
          };
        };
      }),
    OLD,
  );

const OLD = '0-old';
/** Leaves data of runs that are not listed any more: a checkpoint, and curves. */
const leaveRemnants = (page: Page): Promise<void> =>
  page.evaluate(
    (old) =>
      new Promise((resolve) => {
        const opening = indexedDB.open('objective-lab');
        opening.onsuccess = () => {
          const writing = opening.result.transaction(['checkpoints', 'frames'], 'readwrite');
          const parts = Array.from({ length: 16 }, () => crypto.getRandomValues(new Uint8Array(2 ** 16)));
          writing.objectStore('checkpoints').put(parts, old);
          writing.objectStore('frames').put({ step: -1, parts }, `${old}-curves`);
          writing.oncomplete = () => {
            opening.result.close();
            resolve();
          };
        };
      }),
    OLD,
  );

test('a full disk lets go of an old checkpoint, then it is said; room is made in the dialog, and what waited is written', async ({
  page,
}) => {
  test.slow();
  const disk = await smallDisk(page, 6e6);
  const lab = new LabPage(page);
  await lab.open();
  const banner = page.getByTestId('storage-banner');
  const dialog = page.getByRole('dialog', { name: 'Storage' });
  const last = await lab.trainAndPause(4);
  const name = await lab.runName();
  await leaveRemnants(page);
  await disk.fill();
  await lab.train.click();
  await expect.poll(async () => (await kept(page)).old, { timeout: 30_000 }).toBe(false);
  await expect.poll(async () => (await kept(page)).step).toBeGreaterThan(last);
  await expect(banner).toHaveCount(0);

  await disk.fill();
  await expect(banner).toContainText('no room left', { timeout: 30_000 });
  // The run goes on all the same.
  const steps = await lab.steps();
  await expect.poll(() => lab.steps()).toBeGreaterThan(steps);
  await lab.pause.click();
  await expect(lab.status).toContainText(/paused/i);
  const waiting = await lab.stillSteps();
  expect((await kept(page)).step).toBeLessThan(waiting);

  await page.getByRole('button', { name: 'Make room' }).click();
  await expect(dialog).toContainText('There was no room for the last changes.');
  // What the browser says that it allows is not what it gives.
  await expect(dialog).not.toContainText('that the browser allows');
  await expect(dialog.getByTestId('storage-runs')).toContainText(name);
  await dialog.getByRole('button', { name: 'Free: What is left of deleted runs' }).press('Enter');
  await expect(banner).toHaveCount(0, { timeout: 30_000 });
  expect((await kept(page)).step).toBe(waiting);
  await page.keyboard.press('Escape');
});

test('a page that closes with the disk full loses what was not written and no more, and keeps the checkpoint to go on from', async ({
  page,
}) => {
  test.slow();
  const disk = await smallDisk(page, 6e6);
  const lab = new LabPage(page);
  await lab.open();
  const banner = page.getByTestId('storage-banner');
  await lab.trainAndPause(4);
  const name = await lab.runName();
  await disk.fill();
  await lab.train.click();
  await expect(banner).toContainText('no room left', { timeout: 30_000 });
  const { step, own } = await kept(page);
  expect(own).toBe(true);
  await page.reload();
  await lab.ready();
  const interrupted = page.getByTestId('interrupted-banner');
  await expect(interrupted).toContainText(`Its curves are kept up to step ${step}`);
  // It is said again as soon as the run is to be written, and its checkpoint does not make room for it.
  await interrupted.getByRole('button', { name: /Go on from step/ }).click();
  await expect(banner).toContainText('no room left', { timeout: 40_000 });
  expect(await kept(page)).toMatchObject({ step, own: true });

  await disk.empty();
  await expect(banner).toHaveCount(0, { timeout: 30_000 });
  await expect.poll(() => lab.steps()).toBeGreaterThan(step);
  await lab.pause.click();
  await expect(lab.status).toContainText(/paused/i);
  const last = await lab.stillSteps();
  await page.reload();
  await lab.ready();
  await lab.look(name);
  await expect.poll(() => lab.steps()).toBe(last);

  // What a run takes is shown, and its checkpoint freed by the keyboard.
  await page.getByTestId('storage').focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Storage' });
  await expect(dialog).toContainText(/\d+(\.\d)? [kMG]?B used of/);
  const row = dialog.getByRole('row', { name: new RegExp(name) });
  await expect(row).toContainText(/\d [kMG]?B/);
  await dialog.getByRole('button', { name: /Free: The checkpoint of 1 run/ }).press('Enter');
  await expect(row).toContainText('none');
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole('button', { name: `Resume ${name}` })).toHaveCount(0);
  await expect(lab.runRows).toHaveCount(1);
});

test('charts are saved as SVG and as PNG at four times the size, tables as CSV, all of it as a report', async ({ lab, context }) => {
  test.slow();
  const { page } = lab;
  await lab.trainAndPause(12);
  const name = await lab.runName();
  await expect.poll(() => expected(lab)).not.toBeNaN();
  await page.getByTestId('theme-toggle').click();

  const svg = await saved(page, () => choose(page, 'Save Reward', 'SVG'));
  const text = svg.bytes.toString('utf8');
  expect(svg.name).toBe('reward.svg');
  // In the light theme, whichever the page has, with every colour spelt out.
  expect(text).toMatch(/<rect width="\d+" height="\d+" fill="#ffffff"\/>/);
  expect(text).not.toMatch(/var\(|color-mix|class=|foreignObject|<script/);
  const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(text) ?? [];
  const legend = await page.evaluate((source) => {
    const parsed = new DOMParser().parseFromString(source, 'image/svg+xml');
    return {
      broken: parsed.querySelector('parsererror') !== null,
      words: [...parsed.querySelectorAll('text')].map((one) => one.textContent),
    };
  }, text);
  expect(legend.broken).toBe(false);
  expect(legend.words).toContain('Reward');
  expect(legend.words.some((words) => words?.includes(name))).toBe(true);

  const png = await saved(page, () => choose(page, 'Save Reward', 'PNG, 4 times as large'));
  expect([png.bytes.readUInt32BE(16), png.bytes.readUInt32BE(20)]).toEqual([4 * Number(width), 4 * Number(height)]);

  const csv = await saved(page, () => choose(page, 'Save runs', 'Metrics as CSV'));
  expect(csv.bytes.toString('utf8')).toMatch(/^run,run_id,seed,experiment,arm,world,objective,step,.*expected_reward/);
  const jsonl = await saved(page, () => choose(page, 'Save runs', 'Metrics as JSON Lines'));
  expect(JSON.parse(jsonl.bytes.toString('utf8').split('\n')[0] ?? '')).toMatchObject({ run: name, seed: 0, step: 0 });
  const distribution = await saved(page, () => choose(page, `Save Distribution, ${name}`, 'CSV'));
  expect(distribution.bytes.toString('utf8')).toMatch(/^completion,policy,reference,optimum,reward\n/);

  const report = await saved(page, () => choose(page, 'Save runs', 'Report, a page to print'));
  expect(report.name).toMatch(/^report-.*\.html$/);
  const printed = await context.newPage();
  const asked: string[] = [];
  printed.on('request', (request) => asked.push(request.url()));
  await printed.setContent(report.bytes.toString('utf8'));
  await expect(printed.getByRole('cell', { name })).toBeVisible();
  expect(await printed.locator('figure svg').count()).toBeGreaterThan(4);
  await expect(printed.locator('pre').first()).toContainText('npm run -s lab -- run');
  expect(asked).toEqual([]);
  await printed.close();
});
