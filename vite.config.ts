import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// Relative paths: the built site works from any folder of any web server.
export default defineConfig({
  base: './',
  plugins: [react()],
  worker: { format: 'es' },
  build: { target: 'es2023', chunkSizeWarningLimit: 2000 },
});
