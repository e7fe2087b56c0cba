import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"

/** Waits 4 minutes for programs at their default intervals, and needs little else. */
const LONGEST = "tui/e2e/foreign-defaults.test.ts"

/** As vitest, which begins with large files where it knows no times; the longest is a small one, and would run alone at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLongest = ({ moduleId }: TestSpecification) => moduleId.endsWith(LONGEST)
    return [...sorted.filter(isLongest), ...sorted.filter((file) => !isLongest(file))]
  }
}

export default defineConfig({
  test: {
    include: ["{core,tracker,tui,bench,manual}/**/*.test.{ts,tsx}"],
    // Worker threads and the end-to-end tests run the compiled programs, so they are built once before the first test.
    globalSetup: ["core/testing/build-once.ts"],
    // Three at least: the tests with other clients wait most of their time, for those decide only every 10 s whom to serve.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    sequence: { sequencer: LongestFirst },
    // Only a test that hangs takes this long. One that takes 10 s by itself was seen to take 35 s where other programs had the processors.
    testTimeout: 120_000,
    // As `untilSo`: vitest's own 1 s is too short there, too.
    expect: { poll: { timeout: 60_000 } },
    hookTimeout: 120_000,
  },
})
