import { createServer } from 'node:http';
import { expect, type LabPage, test } from './lab-page';

/** A policy gradient of a reader's own. */
const objective = ({ top = '', advantages = '', loss = '' }): string => `import * as tf from '@tensorflow/tfjs-core';
import { defineObjective } from './objective';
import { centred, perToken, tokenMean } from './terms';

${top}
export const mine = defineObjective({
  id: 'mine',
  title: 'Mine',
  summary: 'A policy gradient.',
  formula: 'x',
  data: 'rollouts',
  family: 'online',
  params: {},
  diagnostics: {},
  needsReference: () => false,
  advantages({ rewards, mask, group }) {
    ${advantages}
    return perToken(centred(rewards, group), mask);
  },
  loss({ logp, mask, batch, totals }) {
    ${loss}
    return { loss: tf.neg(tokenMean(tf.mul(logp, batch.advantages), mask, totals)), diagnostics: {} };
  },
});
`;

async function openEditor(lab: LabPage): Promise<void> {
  await lab.page.getByRole('button', { name: 'Formula and source' }).click();
  await lab.page.getByTestId('edit-copy').click();
  await expect(editorText(lab)).toBeFocused();
}

const editorText = (lab: LabPage) => lab.page.getByTestId('editor').locator('.cm-content');
const status = (lab: LabPage) => lab.page.getByTestId('own-status');

async function write(lab: LabPage, source: string): Promise<void> {
  await editorText(lab).focus();
  await lab.page.keyboard.press('ControlOrMeta+a');
  await lab.page.keyboard.insertText(source);
}

/** Puts an objective into the setup, of which the page knows that it is sound, and closes the editor. */
async function use(lab: LabPage, source: string): Promise<void> {
  await openEditor(lab);
  await write(lab, source);
  await expect(status(lab)).toContainText(/fine|it runs/, { timeout: 40_000 });
  await lab.page.getByTestId('own-use').click();
  await lab.page.keyboard.press('Escape');
  await expect(lab.page.getByTestId('editor')).toBeHidden();
}

test('own code reaches no network, no storage and no page, and hears why', async ({ lab }) => {
  test.slow();
  const heard: string[] = [];
  const server = createServer((request, response) => {
    heard.push(request.url ?? '');
    response.writeHead(200, { 'access-control-allow-origin': '*' }).end('');
  });
  server.on('upgrade', (request, socket) => {
    heard.push(request.url ?? '');
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const requests: string[] = [];
  lab.page.context().on('request', (request) => requests.push(request.url()));
  await openEditor(lab);
  // TypeScript knows none of these names; past it, the code itself has to be refused.
  const all = '(globalThis as any)';
  const address = `http://127.0.0.1:${port}/leak`;
  const attempts: [string, RegExp][] = [
    [`${all}.fetch('${address}');`, /There is no fetch here/],
    [`new ${all}.XMLHttpRequest().open('GET', '${address}');`, /There is no XMLHttpRequest here/],
    [`new ${all}.WebSocket('${address.replace('http', 'ws')}');`, /There is no WebSocket here/],
    [`const address: string = '${address}.js'; void import(address);`, /import\(\.\.\.\) is not possible here/],
    [`new ${all}.Function('return import("${address}.js")')();`, /No code is made from text here/],
    [`${all}.eval.constructor('return import("${address}.js")')();`, /No code is made from text here/],
    [`${all}.indexedDB.open('leak');`, /There is no indexedDB here/],
    [`${all}.caches.open('leak');`, /There is no caches here/],
    [`${all}.localStorage.setItem('leak', '1');`, /There is no localStorage here/],
    [`${all}.postMessage({ type: 'ready' });`, /There is no postMessage here/],
    [`new ${all}.Worker('data:text/javascript,1');`, /There is no Worker here/],
    [`${all}.document.title = 'leak';`, /There is no document here/],
    [`${all}.setTimeout(() => { while (true); });`, /There is no setTimeout here/],
  ];
  for (const [attempt, sentence] of attempts) {
    await write(lab, objective({ loss: attempt }));
    await expect(lab.page.getByTestId('findings')).toContainText(sentence, { timeout: 20_000 });
  }

  // The frame itself, without what takes the names away: nothing leaves it, nor a worker in it.
  const frame = lab.page.frames().find((one) => one.parentFrame() !== null);
  const inside = await frame?.evaluate(async (target) => {
    const outcome = (work: () => Promise<unknown>): Promise<string> => work().then(() => 'possible', String);
    const worker = `fetch('${target}').then(() => postMessage('possible'), (error) => postMessage(String(error)))`;
    return {
      origin: self.origin,
      fetch: await outcome(() => fetch(target)),
      storage: await outcome(async () => localStorage.length),
      page: await outcome(async () => parent.document.title),
      worker: await new Promise((resolve) => {
        new Worker(`data:text/javascript,${encodeURIComponent(worker)}`).onmessage = ({ data }) => resolve(data);
      }),
    };
  }, address);
  expect(inside).toMatchObject({
    origin: 'null',
    fetch: /TypeError/,
    storage: /SecurityError/,
    page: /SecurityError/,
    worker: /TypeError/,
  });
  expect(requests.filter((url) => url.includes('leak'))).toEqual([]);
  expect(heard).toEqual([]);
  server.close();
});

test('a loop without an end is ended; what was trained stays, and another run trains', async ({ lab }) => {
  test.slow();
  await openEditor(lab);
  await write(lab, objective({ loss: 'while (true);' }));
  await expect(lab.page.getByTestId('findings')).toContainText(/still running after 1.8 seconds and was ended/, { timeout: 20_000 });
  await write(lab, objective({ loss: 'void Promise.resolve().then(() => { while (true); });' }));
  await expect(lab.page.getByTestId('findings')).toContainText(/still running after 1.8 seconds and was ended/, { timeout: 20_000 });
  await lab.page.keyboard.press('Escape');
  await expect(lab.page.getByTestId('editor')).toBeHidden();

  // The first draws are sound, so that nothing is found before the run has come some way.
  await use(lab, objective({ top: 'let drawn = 0;', advantages: 'drawn += 1; if (drawn > 12) while (true);' }));
  await lab.step.click();
  await expect.poll(() => lab.steps(), { timeout: 40_000 }).toBe(1);
  await lab.train.click();
  await expect(lab.page.getByTestId('run-banner')).toContainText(/Your code was still running after 1.8 seconds and was ended/, {
    timeout: 30_000,
  });
  await expect(lab.page.getByRole('button', { name: 'Go on from the last checkpoint' })).toBeVisible();
  expect(await lab.steps()).toBeGreaterThan(5);
  await expect.poll(() => lab.last('loss', 'loss')).not.toBeNaN();

  await lab.reset.click();
  await lab.chooseObjective('grpo');
  await lab.train.click();
  await expect.poll(() => lab.steps(), { timeout: 40_000 }).toBeGreaterThan(2);
});

test('own code that is not known to be the reader’s runs only once it is read and allowed', async ({ lab }) => {
  test.slow();
  await use(lab, objective({}));
  const steps = await lab.trainAndPause(2);
  // As if it had come from elsewhere.
  await lab.page.evaluate(
    () =>
      new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open('objective-lab');
        opening.onsuccess = () => {
          const transaction = opening.result.transaction('settings', 'readwrite');
          transaction.objectStore('settings').put([], 'allowed');
          transaction.oncomplete = () => {
            opening.result.close();
            resolve();
          };
        };
        opening.onerror = () => reject(opening.error);
      }),
  );
  await lab.page.reload();
  await lab.ready();
  await lab.train.click();
  const review = lab.page.getByTestId('review-source');
  await expect(review).toHaveValue(/export const mine = defineObjective/);
  await lab.page.getByRole('button', { name: 'Do not run it' }).click();
  await expect(review).toBeHidden();
  expect(await lab.page.locator('iframe').count()).toBe(0);
  await lab.train.click();
  await lab.page.getByTestId('review-allow').click();
  await expect.poll(() => lab.steps(), { timeout: 40_000 }).toBeGreaterThan(steps);
});
