/** Long work in short pieces: after some milliseconds of it the page has its turn. */

const PIECE_MS = 8;

/** A pause that costs nothing until enough time has passed since the last one. */
export function createTurn(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < PIECE_MS) return;
    await new Promise((resolve) => setTimeout(resolve));
    since = performance.now();
  };
}
