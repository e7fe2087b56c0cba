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

it("neither the engine nor the tracker goes by the wall clock, which may be set at any time [hostile 43]", () => {
  const readers = ["core", "tracker"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .map((name) => join(folder, name))
      .filter((name) => name.endsWith(".ts") && !/\.test\.ts$|\/testing\//.test(name))
      .filter((name) => /\bDate\.now\b|\bnew Date\(\)/.test(readFileSync(join(ROOT, name), "utf8"))),
  )
  expect(readers.sort()).toEqual(Object.keys(ALLOWED).sort())
})
