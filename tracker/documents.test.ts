import { readdirSync, readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { usageText } from "./program/usage.js"

const OPTIONS = [...usageText().matchAll(/(?<= )--[a-z-]+(?= <|\n| {2})/g)].map(([option]) => option)

describe("the pages for operators", () => {
  it("know every option", () => {
    expect(OPTIONS.length).toBeGreaterThan(8)
    expect(OPTIONS.filter((option) => !page("operating").includes(`\`${option}`))).toEqual([])
  })

  it("know every path and every code of an error", () => {
    const paths = [...source("http/routes.ts").matchAll(/\["(\/[a-z]+)"/g)].map(([, path = ""]) => path)
    const codes = sources().flatMap((file) => [...source(file).matchAll(/Refusal\(\s*\d+,\s*"(\w+)"/g)])
    expect(paths.length).toBeGreaterThan(6)
    expect(codes.length).toBeGreaterThan(9)
    const names = [...paths, ...codes.map(([, code = ""]) => code)]
    expect(names.filter((name) => !page("http-api").includes(name))).toEqual([])
  })
})

function page(name: string): string {
  return readFileSync(new URL(`../docs/tracker/${name}.md`, import.meta.url), "utf8")
}

function source(file: string): string {
  return readFileSync(new URL(file, import.meta.url), "utf8")
}

function sources(): string[] {
  return readdirSync(new URL(".", import.meta.url), { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && !file.endsWith(".test.ts"),
  )
}
