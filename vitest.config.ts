import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["{core,tracker,tui,bench}/**/*.test.{ts,tsx}"],
    // Worker threads and the end-to-end tests run the compiled programs, so they are built once before the first test.
    globalSetup: ["core/testing/build-once.ts"],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
