/** Many long runs in the lab's own storage, as if they had been trained here. */
import type { Page } from '@playwright/test';

/**
 * Puts copies of the newest stored run beside it, each with curves of so many rows, and removes the original. The curves are
 * noise around a curve that rises, of all metrics that the run has logged, so that nothing about them is smooth or missing.
 */
export const storeRuns = (page: Page, count: number, rows: number): Promise<void> =>
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
