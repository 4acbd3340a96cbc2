/**
 * Draws the icons of the installed app out of public/icon.svg with a browser: `node scripts/make-icons.mjs`. Maskable icons fill
 * the whole square and keep the drawing inside the circle that every platform leaves.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { ensureBrowser } from './browser.mjs';
import { ROOT } from './process.mjs';

const FOLDER = join(ROOT, 'public', 'icons');
const svg = readFileSync(join(ROOT, 'public', 'icon.svg'), 'utf8');
const background = /<rect [^>]*fill="([^"]+)"/.exec(svg)?.[1] ?? 'white';

/** Name, side in pixels, share of the side that the drawing takes. @type {readonly [string, number, number][]} */
const ICONS = [
  ['icon-192', 192, 1],
  ['icon-512', 512, 1],
  ['maskable-192', 192, 0.7],
  ['maskable-512', 512, 0.7],
  ['apple-180', 180, 0.85],
];

mkdirSync(FOLDER, { recursive: true });
const browser = await chromium.launch({ executablePath: await ensureBrowser(), args: ['--headless=new', '--no-sandbox'] });
const page = await browser.newPage();
for (const [name, side, share] of ICONS) {
  await page.setViewportSize({ width: side, height: side });
  const ground = share === 1 ? 'transparent' : background;
  const width = Math.round(side * share);
  await page.setContent(
    `<body style="margin:0;height:100vh;display:grid;place-items:center;background:${ground}"><div style="width:${width}px">${svg}</div></body>`,
  );
  await page.screenshot({ path: join(FOLDER, `${name}.png`), omitBackground: true });
  console.log(`public/icons/${name}.png, ${side} x ${side}`);
}
await browser.close();
