import { spawnSync } from "node:child_process"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { inTemporaryFolder } from "./temporary-folder.js"

const COUNT = fileURLToPath(new URL("../../.ci/count.mjs", import.meta.url))

let folder: string

inTemporaryFolder((path) => {
  folder = path
})

type Outcomes = Readonly<Record<string, "passed" | "failed" | "skipped">>

/** As vitest writes it. `files`: outcomes of tests by their names. `broken`: files whose import fails. */
async function report(name: string, files: Readonly<Record<string, Outcomes>>, broken: readonly string[] = []) {
  const testResults = Object.entries(files).map(([file, outcomes]) => ({
    name: join(process.cwd(), file),
    status: broken.includes(file) || Object.values(outcomes).includes("failed") ? "failed" : "passed",
    assertionResults: Object.entries(outcomes).map(([title, status]) => ({ ancestorTitles: ["a"], title, status })),
  }))
  await writeFile(join(folder, `${name}.json`), JSON.stringify({ testResults }))
}

function count(...words: readonly string[]) {
  const { stdout, status } = spawnSync(process.execPath, [COUNT, ...words], { encoding: "utf8", cwd: process.cwd() })
  return { lines: stdout.trimEnd().split("\n"), status }
}

const path = (name: string) => join(folder, name)

describe("the counts of CI", () => {
  it("add up several runs", async () => {
    await report("one", { "x.test.ts": { first: "passed", second: "passed" } })
    await report("two", { "x.test.ts": { first: "passed" } })
    expect(count(path("one"), path("two"))).toEqual({
      lines: ["0 unstable", "3 passed, 0 failed, 0 skipped"],
      status: 0,
    })
  })

  it("count a test as passed, and name it, that passes when its file runs once more", async () => {
    await report("one", { "x.test.ts": { first: "failed", second: "passed" }, "y.test.ts": { first: "passed" } })
    await report("one.again", { "x.test.ts": { first: "passed", second: "failed" } })
    expect(count("--failed", path("one")).lines).toEqual([join(process.cwd(), "x.test.ts")])
    expect(count(path("one"))).toEqual({
      lines: [
        "unstable: x.test.ts > a > first",
        "unstable: x.test.ts > a > second",
        "2 unstable",
        "3 passed, 0 failed, 0 skipped",
      ],
      status: 0,
    })
  })

  it("fail with a test that fails again, or is skipped", async () => {
    await report("one", { "x.test.ts": { first: "failed", second: "skipped" } })
    expect(count(path("one"))).toEqual({ lines: ["0 unstable", "0 passed, 1 failed, 1 skipped"], status: 1 })
    await report("one.again", { "x.test.ts": { first: "failed", second: "passed" } })
    expect(count(path("one"))).toEqual({ lines: ["0 unstable", "1 passed, 1 failed, 0 skipped"], status: 1 })
  })

  it("fail with a file that fails outside of its tests, unless it passes the second time", async () => {
    await report("one", { "x.test.ts": {}, "y.test.ts": { first: "passed" } }, ["x.test.ts"])
    expect(count(path("one"))).toEqual({ lines: ["0 unstable", "1 passed, 1 failed, 0 skipped"], status: 1 })
    await report("one.again", { "x.test.ts": { first: "passed" } })
    expect(count(path("one"))).toEqual({
      lines: ["unstable: x.test.ts > (outside of its tests)", "1 unstable", "2 passed, 0 failed, 0 skipped"],
      status: 0,
    })
  })

  it("fail with a run that has left no report", async () => {
    await report("one", { "x.test.ts": { first: "passed" } })
    expect(count(path("one"), path("two"))).toEqual({
      lines: ["0 unstable", "1 passed, 1 failed, 0 skipped"],
      status: 1,
    })
  })
})
