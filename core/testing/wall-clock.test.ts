import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))

/** Where the time of day is looked at, and what for. Nothing there expires, waits or is ordered by it. */
const ALLOWED: Readonly<Record<string, string>> = {
  "tracker/program/log-output.ts": "the time of a line of the log",
  "tracker/stores/set-aside.ts": "the name of a damaged file that is set aside",
}

/** Timers outside the clock of a client (core/base/clock.ts), and why. */
const TIMERS: Readonly<Record<string, string>> = {
  "core/base/background-work.ts": "lets other work go on between two steps",
  "core/base/clock.ts": "the clock itself",
  "core/base/npx-parent.ts": "runs before there is a client",
  "core/announce/foreign-get.ts": "the time of an HTTP exchange, as got's own",
  "core/announce/udp-tracker.ts": "the time of an exchange with a foreign tracker, as over HTTP",
  "core/base/in-place-or-aside.ts": "lets other work go on between two files",
  "core/base/steps.ts": "lets other work go on between two steps",
  "core/store/lock-lease.ts": "a lock that other processes look at",
  "core/store/lock-socket.ts": "a lock that other processes look at",
}

it("neither the engine nor the tracker goes by the wall clock, which may be set at any time [hostile 43]", () => {
  const readers = sourcesWith(["core", "tracker"], /\bDate\.now\b|\bnew Date\(\)/)
  expect(readers).toEqual(Object.keys(ALLOWED).sort())
})

it("the engine waits by the clock that it is given, so a test or a simulation passes its time", () => {
  const users = sourcesWith(["core"], /\b(setTimeout|setInterval|setImmediate)\(|\bAbortSignal\.timeout\(/)
  expect(users).toEqual(Object.keys(TIMERS).sort())
})

function sourcesWith(folders: readonly string[], pattern: RegExp): string[] {
  return folders
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
        .map((name) => join(folder, name))
        .filter((name) => name.endsWith(".ts") && !/\.test\.ts$|\/testing\//.test(name))
        .filter((name) => pattern.test(readFileSync(join(ROOT, name), "utf8"))),
    )
    .sort()
}
