import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["{core,tracker,tui,bench}/**/*.test.{ts,tsx}"],
    // Worker threads and the end-to-end tests run the compiled programs, so they are built once before the first test.
    globalSetup: ["core/testing/build-once.ts"],
    // Three at least: the tests with other clients wait most of their time, for those decide only every 10 s whom to serve.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    // Only a test that hangs takes this long. One that takes 10 s by itself was seen to take 35 s where other programs had the processors.
    testTimeout: 120_000,
    // As `untilSo`: vitest's own 1 s is too short there, too.
    expect: { poll: { timeout: 60_000 } },
    hookTimeout: 120_000,
  },
})
