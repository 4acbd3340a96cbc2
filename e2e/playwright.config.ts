import { defineConfig } from '@playwright/test';
import { findBrowser } from '../scripts/browser.mjs';

const executablePath = (await findBrowser()) ?? '';
const QUIET = ['--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-quic'];
const SOFTWARE_GPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

// The whole Chromium in its new headless mode: the small headless shell has no WebGPU.
const browser = (...args: string[]) => ({ launchOptions: { executablePath, args: ['--headless=new', '--no-sandbox', ...QUIET, ...args] } });

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  globalSetup: './global-setup.ts',
  // One at a time: a software GPU takes every core.
  workers: 1,
  forbidOnly: true,
  timeout: 60_000,
  // A watch of the memory may be as long as it is asked to be.
  globalTimeout: (20 + Number(process.env.OBJECTIVE_LAB_MINUTES ?? 0)) * 60_000,
  expect: { timeout: 15_000 },
  use: {
    viewport: { width: 1280, height: 800 },
    // What a spec puts in the place of a file would not be asked for; offline.spec.ts has one.
    serviceWorkers: 'block',
    trace: 'retain-on-failure',
  },
  projects: [
    { name: 'webgpu', testIgnore: ['fallback.spec.ts', 'performance.spec.ts'], use: browser(...SOFTWARE_GPU) },
    { name: 'fallback', testMatch: 'fallback.spec.ts', use: browser('--disable-gpu', '--disable-software-rasterizer') },
    // Measures time, so that it is run by itself.
    { name: 'performance', testMatch: 'performance.spec.ts', use: browser(...SOFTWARE_GPU) },
  ],
});
