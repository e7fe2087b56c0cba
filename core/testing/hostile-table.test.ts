import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))

/** The situations of docs/contributing/situations.md, and its traps, by a word each. */
const SITUATIONS = Array.from({ length: 44 }, (_, index) => String(index + 1))
const TRAPS = ["micro", "tls", "disk", "onread"]

interface ShownBy {
  readonly file: string
  readonly test: string
}

interface Row {
  readonly key: string
  readonly decided: string
  readonly tests: readonly ShownBy[]
}

/** Faults that were found by using the product; a test that shows one ends its name with the key in brackets. */
const FAULT = /^[A-Z]\d+$/

describe("the table of hostile situations", () => {
  const rows = rowsOf(readFileSync(join(ROOT, "docs/contributing/hostile.md"), "utf8"))
  const named = testFiles().flatMap(namedTests)

  it("has a row for each of the 44 situations, in order, and for every trap", () => {
    expect(rows.map(({ key }) => key).filter((key) => /^\d+$/.test(key))).toEqual(SITUATIONS)
    expect(rows.map(({ key }) => key).filter((key) => /^[a-z]+$/.test(key))).toEqual(TRAPS)
  })

  it("has one row for each fault", () => {
    const faults = rows.map(({ key }) => key).filter((key) => FAULT.test(key))
    expect(faults).toEqual([...new Set(faults)])
  })

  it.each(rows)("names tests of $key that are there and carry its number", ({ key, tests }) => {
    expect(tests.length).toBeGreaterThan(0)
    for (const { file, test } of tests) {
      expect(existsSync(join(ROOT, file)), file).toBe(true)
      const found = named.filter((each) => each.file === file && each.test === test)
      expect(found.length, `"${test}" in ${file}`).toBeGreaterThan(0)
      expect(
        found.flatMap(({ keys }) => keys),
        `"${test}" in ${file}`,
      ).toContain(key)
    }
  })

  it("knows every number that a test carries", () => {
    const known = new Set(rows.map(({ key }) => key))
    const unknown = named.filter(({ keys }) => keys.some((key) => !known.has(key)))
    expect(unknown).toEqual([])
    expect(named.length).toBeGreaterThan(150)
  })
})

/** Rows of all tables in the file: "| key | situation | decided | tests |". */
function rowsOf(markdown: string): Row[] {
  return markdown.split("\n").flatMap((line) => {
    const cells = line.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, ""))
    const [key = "", , decided = "", tests = ""] = cells
    return cells.length === 4 && /^([A-Z]?\d+|[a-z]+)$/.test(key) ? [{ key, decided, tests: testsOf(tests) }] : []
  })
}

/** "`file`: "test", "test"<br>`file`: "test"" */
function testsOf(cell: string): ShownBy[] {
  return cell.split("<br>").flatMap((part) => {
    const [, file = "", names = ""] = /^`([^`]+)`: (.*)$/.exec(part) ?? []
    return [...names.matchAll(/"([^"]+)"/g)].map(([, test = ""]) => ({ file, test }))
  })
}

function testFiles(): string[] {
  return ["core", "tracker", "tui"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .map((name) => join(folder, name))
      .filter((name) => /\.test\.tsx?$|testing\/(store-contract|disk-trials)\.ts$/.test(name)),
  )
}

/**
 * Texts that carry numbers of situations or keys of faults in brackets at their end, "[hostile 9, 31]", "[A4]" or both in turn: names of
 * tests, of their tables' rows, of groups.
 */
function namedTests(file: string): (ShownBy & { readonly keys: readonly string[] })[] {
  const text = readFileSync(join(ROOT, file), "utf8")
  const names = /(["'`])((?:(?!\1).)*?)((?: \[(?:hostile [a-z0-9, ]+|[A-Z]\d+(?:, [A-Z]\d+)*)\])+)\1/g
  return [...text.matchAll(names)].map(([, , test = "", brackets = ""]) => {
    const keys = [...brackets.matchAll(/\[(?:hostile )?([^\]]+)\]/g)].flatMap(([, list = ""]) => list.split(", "))
    return { file, test, keys }
  })
}
