import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['tests/**/*.test.ts'],
    reporters: ['default', './tests/support/plain-line.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Two cores: more workers than that only make Chromium and the SMTP timeouts fight.
    maxWorkers: 2,
    // Tests must refuse what Node's type stripping refuses: enums, imports without an extension.
    experimental: { viteModuleRunner: false },
  },
});
