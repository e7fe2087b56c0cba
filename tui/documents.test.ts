import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { EXIT_CODE_MEANINGS } from "./base/exit-codes.js"
import { factFields } from "./commands/fact-fields.js"
import { documentFields, knownFields } from "./commands/listings.js"
import { usageOf } from "./commands/parse.js"
import { COMMANDS } from "./commands/table.js"
import { KEY_NAMES } from "./config/config-schema.js"
import { OPTIONS } from "./program/cli.js"
import { METRIC_NAMES } from "./program/metrics-text.js"
import { EVERY_PEER_REASON, EVERY_REASON } from "./testing/every-reason.js"
import { fakeDocument } from "./testing/fake-client.js"

describe("the pages for users", () => {
  it.each(COMMANDS)("have a section on $name with its usage", (command) => {
    const section = sectionOf(page("commands"), command.name)
    // What an argument is called there may be its choices: "down|up".
    for (const word of usageOf(command).split(" "))
      if (!word.includes("direction")) expect(section, word).toContain(word)
  })

  it.each(OPTIONS)("know the option $usage", ({ usage }) => {
    expect(page("commands")).toContain(`| \`${usage}\``)
  })

  it.each(EXIT_CODE_MEANINGS)("know the exit code %i", (code) => {
    expect(page("exit-codes")).toContain(`\n| ${code} | `)
  })

  it("know the codes of errors that a user can meet", () => {
    const codes = namesIn(["../core", "."], /(?:Config|Tracker|Store|Command|CommandLine)Error\(\s*"(\w+)"/g)
    expect(codes.length).toBeGreaterThan(40)
    expect(codes.filter((code) => !sectionOf(page("exit-codes"), "Error codes").includes(`\`${code}\``))).toEqual([])
  })

  it("know the events of --json", () => {
    const events = namesIn(["."], /(?:\breport\(\{ event: |^ +event: |\breturn \{ event: |\btold\()"(\w+)"/gm)
    expect(events.length).toBeGreaterThan(12)
    expect(events.filter((event) => !sectionOf(page("commands"), "JSON lines").includes(`\`${event}\``))).toEqual([])
  })

  it.each([...EVERY_REASON, ...EVERY_PEER_REASON])("know the reason $code of --json and its facts", (why) => {
    const section = sectionOf(page("commands"), "Reasons")
    expect(section).toContain(`\n| \`${why.code}\` |`)
    for (const name of namesOfFields(factFields(why, 0))) expect(section, name).toContain(`\`${name}\``)
  })

  it("know the codes of connections that failed or ended", () => {
    const folders = ["../core/wire", "../core/swarm", "../core/transfer", "../core/document"]
    const codes = namesIn(
      folders,
      /(?:(?:DialError|ProtocolError|punish|\.close)\((?:turn, peer, )?\s*|\bcode: )"(\w+)"/g,
    )
    expect(codes.length).toBeGreaterThan(40)
    expect(codes.filter((code) => !sectionOf(page("commands"), "Reasons").includes(`\`${code}\``))).toEqual([])
  })

  it("know the fields of documents and peers of --json", () => {
    const section = sectionOf(page("commands"), "JSON lines")
    const known = { address: "10.0.0.9:1", source: "tracker", why: { code: "dialing" }, retryAtMs: 1 } as const
    for (const name of [...Object.keys(documentFields(fakeDocument(), 0)), ...Object.keys(knownFields(known, 0))])
      expect(section, name).toContain(`\`${name}\``)
  })

  it.each(METRIC_NAMES)("know the metric %s", (name) => {
    expect(sectionOf(page("config"), "Metrics")).toMatch(new RegExp(`\`${name}[\`{]`))
  })

  it.each(KEY_NAMES)("know the config's key %s", (key) => {
    expect(sectionOf(page("config"), "Keys")).toContain(`\`${key}\``)
  })
})

/** Of an object and all those in it. */
function namesOfFields(fields: unknown): readonly string[] {
  if (typeof fields !== "object" || fields === null) return []
  return Object.entries(fields).flatMap(([name, value]) => [name, ...namesOfFields(value)])
}

function page(name: string): string {
  return readFileSync(new URL(`../docs/user/${name}.md`, import.meta.url), "utf8")
}

/** What stands under a heading, up to the next of its kind or above. */
function sectionOf(markdown: string, heading: string): string {
  const [, marks = "", rest = ""] = new RegExp(`^(#+) ${heading}$([^]*)`, "m").exec(markdown) ?? []
  return rest.split(new RegExp(`^#{1,${marks.length}} `, "m"))[0] ?? ""
}

/** What a pattern finds in the sources below folders, each once. */
function namesIn(folders: readonly string[], pattern: RegExp): string[] {
  const files = folders.flatMap((folder) => {
    const path = fileURLToPath(new URL(folder, import.meta.url))
    const names = readdirSync(path, { recursive: true, encoding: "utf8" })
    return names
      .filter((name) => /(?<!\.test)\.ts$/.test(name) && !/testing|e2e/.test(name))
      .map((name) => join(path, name))
  })
  const found = files.flatMap((file) => [...readFileSync(file, "utf8").matchAll(pattern)].map(([, name = ""]) => name))
  return [...new Set(found)]
}
