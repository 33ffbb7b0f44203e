import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'sdk', root: 'sdk', include: ['test/**/*.test.ts'], environment: 'node' } },
      { test: { name: 'web', root: 'web', include: ['test/**/*.test.{ts,tsx}'], environment: 'jsdom' } },
    ],
  },
});
