import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const SERVER = process.env['ROWHOUSE_SERVER'] ?? 'http://127.0.0.1:8000';

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { dedupe: ['react', 'react-dom', 'yjs', 'y-protocols', 'lib0'] },
  // The grid and everything it needs are one chunk, loaded behind the sign-in; `npm run size` holds the total.
  build: { chunkSizeWarningLimit: 700, target: 'es2022', sourcemap: false, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': { target: SERVER }, '/ws': { target: SERVER, ws: true } },
  },
});
