import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { ROUTES } from '../contract/routes/index.ts';

const API = `http://127.0.0.1:${process.env['GIMO_PORT'] ?? '9325'}`;

/** `/ops/drafts/{id}` → `^/ops/drafts/[^/?]+(\?.*)?$`: exactly the rows of the table go to the API, all else is the dashboard's. */
function proxyRule(path: string): string {
  return `^${path.replaceAll('.', '\\.').replaceAll(/\{[^}]+\}/g, '[^/?]+')}(\\?.*)?$`;
}

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react(), tailwindcss()],
  server: {
    host: '127.0.0.1',
    port: 5173,
    strictPort: true,
    proxy: Object.fromEntries(Object.values(ROUTES).map((route) => [proxyRule(route.path), { target: API }])),
  },
  build: {
    outDir: 'dist',
    target: 'es2023',
    // The policy of the page allows no inline script, and every browser that runs this code preloads modules itself.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
});
