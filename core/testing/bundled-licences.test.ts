import { readdirSync, readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"

const FOLDER = new URL("../../dist/bin/", import.meta.url)

/** The bundler says above each module of the programs where it comes from. */
const MODULE = /^\/\/.*node_modules\/((?:@[^/\s]+\/)?[^/\s]+)/gm

const programs = readdirSync(FOLDER).filter((name) => name.endsWith(".js"))
const bundled = new Set(
  programs.flatMap((name) => [...readFileSync(new URL(name, FOLDER), "utf8").matchAll(MODULE)].map(([, name]) => name)),
)

/** The text of each package by its name, from "name version (licence)" to a line of dashes. */
const texts = new Map(
  readFileSync(new URL("THIRD-PARTY-LICENSES.txt", FOLDER), "utf8")
    .split(`${"-".repeat(80)}\n`)
    .map((entry) => [/^(\S+) \S+ \(/.exec(entry.trim())?.[1], entry]),
)

/** What every one of the licences says that allow to hand a package on. */
const GRANT =
  /permission is hereby granted|apache license,?\s+version 2\.0|permission to use, copy, modify|redistribution and use/i

describe("the licence texts that the programs bring", () => {
  it("are found in the bundle", () => {
    expect([...bundled]).toEqual(
      expect.arrayContaining(["micro", "yoga-layout", "ink", "react", "got", "ioredis", "pino"]),
    )
    expect(bundled.size).toBeGreaterThan(50)
  })

  it.each([...bundled].sort())("have that of %s [S14]", (name) => {
    expect(texts.get(name)).toMatch(GRANT)
    expect(texts.get(name)).toMatch(/copyright|apache license/i)
  })
})
