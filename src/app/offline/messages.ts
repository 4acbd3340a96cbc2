/** What the page asks of a service worker that waits: to take the place of the one at work. */
export const TAKE_OVER = 'take-over';
