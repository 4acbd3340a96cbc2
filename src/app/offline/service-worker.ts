/**
 * The service worker: keeps every file of the site when it is installed, and answers from these. A newer version waits until
 * the page that is open asks for it. Other servers, and frames of no origin as a reader's own code runs in, pass it by.
 */
import { clientsClaim } from 'workbox-core';
import { type PrecacheEntry, precacheAndRoute } from 'workbox-precaching';
import { TAKE_OVER } from './messages';

/** Put in by the build: all files, with addresses relative to this script. */
declare const __SITE_FILES__: PrecacheEntry[];

/** As much of the worker's global object as is used here; the types of workers and of pages exclude each other. */
declare const self: {
  skipWaiting(): Promise<void>;
  addEventListener(type: 'message', listener: (event: MessageEvent<unknown>) => void): void;
};

// A static site answers the same whatever stands behind the question mark: set-ups are read by the page.
precacheAndRoute(__SITE_FILES__, { ignoreURLParametersMatching: [/.*/], cleanURLs: false });

// The first visit needs no reload to be kept.
clientsClaim();

self.addEventListener('message', ({ data }) => {
  if (data === TAKE_OVER) void self.skipWaiting();
});
