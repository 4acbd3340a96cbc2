/** Serves the built site from a folder below the root, as any plain web server would, to prove that its paths are relative. */
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const DIST = fileURLToPath(new URL('../dist/', import.meta.url));
const FOLDER = '/some/folder/';

/** @type {Record<string, string>} */
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};

/**
 * @param {string} [site] folder of a built site
 * @param {number} [port] any free one where it is not given
 * @returns {Promise<{ address: string, close: () => void }>} `close` also ends the connections that are open
 */
export function serveSite(site = DIST, port = 0) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const name = pathname === FOLDER ? 'index.html' : decodeURIComponent(pathname.slice(FOLDER.length));
    const file = normalize(join(site, name));
    const found =
      pathname.startsWith(FOLDER) && file.startsWith(normalize(join(site, '/'))) && statSync(file, { throwIfNoEntry: false })?.isFile();
    if (!found) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(response);
  });
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () => {
      const { port: given } = /** @type {import('node:net').AddressInfo} */ (server.address());
      resolve({ address: `http://127.0.0.1:${given}${FOLDER}`, close });
    });
  });
}
