import { defineConfig } from 'vitest/config';

// tfjs ships ES modules that plain Node cannot resolve, so Vite has to process them.
const server = { deps: { inline: [/@tensorflow\//] } };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.{ts,tsx}', 'scripts/**/*.test.ts'],
          exclude: ['src/**/*.gpu.test.ts'],
          environment: 'node',
          server,
          maxWorkers: '100%',
          // Some train small models, and other work may share the cores.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'gpu',
          include: ['src/**/*.gpu.test.ts'],
          environment: 'node',
          server,
          globalSetup: 'scripts/gpu-setup.mjs',
          // One process and one device for all files: a software adapter needs every core, and a GPU has one queue.
          pool: 'forks',
          maxWorkers: 1,
          isolate: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
