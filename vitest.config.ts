import { readdirSync, readFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { defineConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"

/** Wait minutes for programs at their default intervals, and need little else; the first one the longest. */
const WAITING = ["tui/e2e/foreign-defaults.test.ts", "tui/e2e/foreign.test.ts"]

/** Changes the process that runs it or counts what that holds, by its own words or those of a file of core/testing or tui/testing. */
const NEEDS_OWN_PROCESS = new RegExp(
  [
    /\bvi\.(?!fn\b|mocked\b)/,
    /\bprocess\.(?:chdir|disconnect|emit|exitCode|getActive|memoryUsage|off|on|once|send|umask)\b/,
    /\bprocess\.env(?:\[[^\]]+\]|\.\w+) = /,
    /\bglobalThis\b|\bworker_threads\b/,
    /\/(?:empty-home|footprint|leak-warnings|on-simulated-disk|run-schedule)\.js"/,
  ]
    .map(({ source }) => source)
    .join("|"),
)

const TESTS = ["core", "tracker", "tui", "bench", "manual"].flatMap((folder) =>
  readdirSync(join(import.meta.dirname, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => /\.test\.tsx?$/.test(path))
    .map((path) => `${folder}/${path}`),
)

const isAlone = (path: string) =>
  path.startsWith("tui/e2e/") || NEEDS_OWN_PROCESS.test(readFileSync(join(import.meta.dirname, path), "utf8"))

const alone = TESTS.filter(isAlone)

/**
 * Those that wait, beside them those that share processes, then the rest. A process that is shared ends where the next file has one of its
 * own, so the two kinds are not mixed.
 */
class WaitingFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const rank = ({ moduleId, project }: TestSpecification) => {
      const waiting = WAITING.findIndex((path) => moduleId.endsWith(path))
      if (waiting >= 0) return waiting
      return WAITING.length + (project.config.isolate ? 1 : 0)
    }
    return sorted.sort((a, b) => rank(a) - rank(b))
  }
}

export default defineConfig({
  test: {
    // Worker threads and the end-to-end tests run the compiled programs, so they are built once before the first test.
    globalSetup: ["core/testing/build-once.ts"],
    // Four at least: two of them wait most of their time for other clients, which choose the peers that they serve only every 10 s.
    maxWorkers: Math.max(4, availableParallelism() - 1),
    sequence: { sequencer: WaitingFirst },
    // Only a test that hangs takes this long. One that takes 10 s by itself was seen to take 35 s where other programs had the processors.
    testTimeout: 120_000,
    // As `untilSo`: vitest's own 1 s is too short there, too.
    expect: { poll: { timeout: 60_000 } },
    hookTimeout: 120_000,
    // A process of its own costs a file more than most tests: the modules that it imports are read again.
    projects: [
      { extends: true, test: { name: "alone", include: alone } },
      {
        extends: true,
        test: { name: "shared", include: TESTS.filter((path) => !alone.includes(path)), isolate: false },
      },
    ],
  },
})
