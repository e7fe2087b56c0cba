import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { OPTIONS as TRACKER_OPTIONS } from "../tracker/program/usage.js"
import { EXIT_CODE_MEANINGS } from "../tui/base/exit-codes.js"
import { COMMANDS } from "../tui/commands/table.js"
import { areInstalled } from "../tui/e2e/foreign-programs.js"
import { OPTIONS } from "../tui/program/cli.js"
import { clientPage } from "./client-page.js"
import { releaseDate } from "./release-date.js"
import { type Page, roffOf } from "./roff.js"
import { trackerPage } from "./tracker-page.js"

const read = (name: string): string => readFileSync(new URL(`../${name}`, import.meta.url), "utf8")
const manifest = JSON.parse(read("package.json")) as {
  readonly version: string
  readonly man: readonly string[]
  readonly files: readonly string[]
}
const date = releaseDate(read("CHANGELOG.md"), manifest.version)
const pages = [clientPage(manifest.version, date), trackerPage(manifest.version, date)]

/** Signs that roff reads as its own wherever they stand. */
const odd: Page = {
  name: "odd-page",
  about: ".begins 'with' a \\request",
  version: "1",
  date: undefined,
  synopsis: [".odd <a-b>", "'odd"],
  sections: [{ heading: "x", paragraphs: [".PP", "'br \\fB^~`\u2026\u{1f389}"], examples: [".ex \\(aq"] }],
}

/** What a program says of a page, which it reads from stdin: its text, and its complaints. */
function shown(page: Page, command: string, ...args: readonly string[]) {
  const { stdout, stderr, status } = spawnSync(command, args, {
    input: roffOf(page),
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C.UTF-8", MANWIDTH: "500", MANPAGER: "cat" },
  })
  return { text: stdout, complaints: stderr, status }
}

/** As a page is once its version is released. */
const dated: Page = { ...odd, name: "dated-page", date: "2026-01-02" }

describe.each([...pages, odd, dated])("the manual page of $name", (page) => {
  it.skipIf(!areInstalled("groff"))("is without a warning of groff", () => {
    expect(shown(page, "groff", "-man", "-Tutf8", "-Kutf8", "-ww", "-z")).toEqual({
      text: "",
      complaints: "",
      status: 0,
    })
  })

  it.skipIf(!areInstalled("man"))("is without a warning of man", () => {
    const { text, complaints } = shown(page, "man", "--warnings=all", "-l", "-")
    expect(complaints).toBe("")
    expect(text).toContain(page.name.toUpperCase())
  })

  // A version that is not released has no date, which mandoc would like.
  it.skipIf(!areInstalled("mandoc"))("is without a warning of mandoc", () => {
    const { text } = shown(page, "mandoc", "-T", "lint", "-W", "warning")
    const isOfDate = (line: string) => page.date === undefined && /cannot parse date/.test(line)
    expect(text.split("\n").filter((line) => line !== "" && !isOfDate(line))).toEqual([])
  })
})

it.skipIf(!areInstalled("groff"))("no sign of a text is read by roff, or shown as another one", () => {
  const { text } = shown(odd, "groff", "-man", "-Tutf8", "-P-cbou", "-rLL=200n")
  for (const part of [
    ".begins 'with' a \\request",
    ".odd a-b",
    "'odd",
    ".PP",
    "'br \\fB^~`\u2026\u{1f389}",
    ".ex \\(aq",
  ])
    expect(text).toContain(part)
})

it.skipIf(!areInstalled("groff"))("the pages have every option, command and exit code", () => {
  const [client = "", tracker = ""] = pages.map((page) => shown(page, "groff", "-man", "-Tutf8", "-P-cbou").text)
  for (const { usage } of OPTIONS) expect(client).toContain(usage.replace(/[<>]/g, ""))
  for (const { name, flags } of COMMANDS) {
    expect(client).toMatch(new RegExp(`^ +${name}\\b`, "m"))
    for (const flag of flags) expect(client).toContain(flag.name)
  }
  for (const [code] of EXIT_CODE_MEANINGS) expect(client).toMatch(new RegExp(`^ +${code} `, "m"))
  for (const { usage } of TRACKER_OPTIONS) expect(tracker).toContain(usage.replace(/[<>]/g, ""))
})

it("a build writes the pages, and they are packed and installed", () => {
  expect(manifest.files).toContain("dist/man")
  expect(manifest.man).toEqual(pages.map(({ name }) => `./dist/man/${name}.1`))
  for (const page of pages) expect(read(`dist/man/${page.name}.1`)).toBe(roffOf(page))
})

it("the date of a page is the day of its version in the changelog, not that of the build", () => {
  const changelog = "## [Unreleased]\n\n## [1.2.0] - 2026-11-26\n\n## [1.1.0] - 2026-01-02\n"
  expect([releaseDate(changelog, "1.1.0"), releaseDate(changelog, "1.3.0")]).toEqual(["2026-01-02", undefined])
  expect(roffOf({ ...odd, date: "2026-01-02" })).toMatch(/^\.TH \S+ 1 "2026-01-02" "odd-page 1"/)
  expect(roffOf(odd)).toMatch(/^\.TH \S+ 1 "unreleased" /)
})
