/** What an interaction costs, marked inside the page for the trace, and what a core is worth meanwhile. */
import type { Page } from '@playwright/test';
import { markName } from './tasks';

interface Probe {
  /** What the next event is called. */
  name: string;
  /** Milliseconds by the clock from the last event to its frame; null while there is none. */
  last: number | null;
}

interface Probed {
  readonly probe: Probe;
}

/**
 * Marks the next click, or move of the pointer, of each name: from the event's own time stamp, so that waiting behind the page's
 * other work counts, to a task after the next frame, when the page's part of the picture is done. Event Timing leaves moves out and
 * knows the clock alone, which is why this does not use it.
 */
export async function installProbe(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const probe: Probe = { name: '', last: null };
    Object.assign(window, { probe });
    const time = ({ timeStamp }: Event): void => {
      const { name } = probe;
      if (name === '') return;
      probe.name = '';
      performance.mark(`from ${name} ${(performance.now() - timeStamp).toFixed(3)}`);
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => {
          performance.mark(`to ${name} 0`);
          probe.last = performance.now() - timeStamp;
        };
        port2.postMessage(null);
      });
    };
    for (const type of ['click', 'pointermove']) window.addEventListener(type, time, { capture: true });
  });
}

/** Does something so many times, each time waiting for its frame; gives the milliseconds of each by the clock. */
export async function timed(page: Page, name: string, times: number, act: (i: number) => Promise<void>): Promise<number[]> {
  const taken: number[] = [];
  for (let i = 0; i < times; i++) {
    await page.evaluate((called) => Object.assign((window as unknown as Probed).probe, { name: called, last: null }), name);
    await act(i);
    const ms = await page.waitForFunction(() => (window as unknown as Probed).probe.last);
    taken.push((await ms.jsonValue()) ?? Number.NaN);
  }
  return taken;
}

/** A page with a button that changes a word, and nothing else. */
export const BLANK = 'data:text/html,<!doctype html><title>Blank</title><button onclick="this.textContent += 1">press</button>';

/** Does a fixed piece of JavaScript (numbers, sorting, objects, strings) several times, each marked as `calibrate`. */
export async function calibrate(page: Page, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    await page.evaluate(
      ([from, to]) => {
        performance.mark(from);
        const values = new Float64Array(200_000).map((_, k) => Math.sin(k) * 1000).sort();
        const rows = Array.from({ length: 20_000 }, (_, k) => ({ key: `y${k % 7}`, value: values[k] ?? 0 }));
        const { length } = rows.map(({ key, value }) => `${key}:${value.toFixed(2)}`).join(' ');
        performance.mark(to);
        return length;
      },
      [markName('from', 'calibrate', 0), markName('to', 'calibrate', 0)] as const,
    );
  }
}
