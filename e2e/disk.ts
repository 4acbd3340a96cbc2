/**
 * A small disk for one page: the quota of its origin, overridden through devtools. IndexedDB then refuses what is too much as it does on a
 * full disk: the write is taken, and its transaction is aborted with a QuotaExceededError.
 */
import type { Page } from '@playwright/test';

export interface SmallDisk {
  /** Fills what is left of it, but for less than a run takes. */
  fill(): Promise<void>;
  /** Takes out again what it was filled with. */
  empty(): Promise<void>;
}

/**
 * Has to come before the page is opened: Chromium asks for the quota with the first write, and then relies on the answer for up to half a
 * minute as long as there is room by it. It asks anew at once where there is none.
 */
export async function smallDisk(page: Page, bytes: number): Promise<SmallDisk> {
  const devtools = await page.context().newCDPSession(page);
  const { origin } = new URL(process.env.OBJECTIVE_LAB_ADDRESS ?? '');
  await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: bytes });
  return {
    fill: () => page.evaluate(fillUp),
    empty: () =>
      page.evaluate(
        () =>
          new Promise<void>((resolve, reject) => {
            const deleting = indexedDB.deleteDatabase('ballast');
            deleting.onsuccess = () => resolve();
            deleting.onerror = () => reject(deleting.error);
          }),
      ),
  };
}

/** Writes ever smaller pieces into a database of its own until not even a small one is taken any more. */
async function fillUp(): Promise<void> {
  const ballast = await new Promise<IDBDatabase>((resolve, reject) => {
    const opening = indexedDB.open('ballast');
    opening.onupgradeneeded = () => opening.result.createObjectStore('pieces', { autoIncrement: true });
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  const isTaken = (piece: Uint8Array<ArrayBuffer>): Promise<boolean> =>
    new Promise((resolve) => {
      const writing = ballast.transaction('pieces', 'readwrite');
      writing.oncomplete = () => resolve(true);
      writing.onabort = () => resolve(false);
      // Random, since what is stored may be compressed.
      writing.objectStore('pieces').add(crypto.getRandomValues(piece));
    });
  // As much as random bytes are given out at a time.
  for (let size = 2 ** 16; size >= 2 ** 12; size /= 2) while (await isTaken(new Uint8Array(size)));
  ballast.close();
}
