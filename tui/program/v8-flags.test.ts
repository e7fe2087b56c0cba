import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { describe, expect, it, vi } from "vitest"
import type { V8Flag } from "../../core/base/v8-flags.js"
import { collectEarly, keepYoungSpaceSmall, waitToOptimise } from "./v8-flags.js"

const [line = ""] = process.versions.node.split(".")

/** The default of each flag that was changed. */
const defaults = vi.hoisted(() => new Map<string, string>())

vi.mock("../../core/index.js", () => ({
  changeV8Flag: ({ name, byDefault }: V8Flag) => defaults.set(name, String(byDefault)),
}))

describe.each([
  ["waitToOptimise", waitToOptimise, "interrupt-budget", ["20"]],
  ["collectEarly", collectEarly, "heap-growing-percent", ["20", "24"]],
])("%s", (_, setFlag, flag, lines) => {
  it("sets a flag that this Node has, and knows its default", () => {
    const known = new RegExp(`^\\s+--${flag} [^]*?default: --${flag}=(\\d+)$`, "m")
    const options = execFileSync(process.execPath, ["--v8-options"], { encoding: "utf8" })
    const [, byDefault] = known.exec(options) ?? []
    expect(setFlag()).toBe(lines.includes(line) && byDefault !== undefined)
    if (lines.includes(line)) expect(byDefault).toBe(defaults.get(flag))
  })

  it.each(["18.20.0", "99.0.0"])("changes no V8 flag on untested versions: Node %s", (version) => {
    expect(setFlag(version)).toBe(false)
  })
})

describe("keepYoungSpaceSmall", () => {
  const module = new URL("../../dist/tui/program/v8-flags.js", import.meta.url)

  /** Largest space for new objects of a process that makes many which live for a while, MiB. */
  function youngMebibytes(limit: boolean): number {
    const script = `
      import { setImmediate } from "node:timers/promises"
      const { keepYoungSpaceSmall, youngBytes } = await import(${JSON.stringify(module.href)})
      if (${limit}) keepYoungSpaceSmall()
      let kept = []
      for (let round = 0; round < 400; round++) {
        for (let index = 0; index < 10_000; index++) kept.push({ index })
        if (kept.length > 400_000) kept = kept.slice(200_000)
        await setImmediate()
      }
      console.log(youngBytes() / 1024 / 1024)`
    const program = [process.execPath, ["--input-type=module", "-e", script]] as const
    return Number(execFileSync(...program, { encoding: "utf8", cwd: fileURLToPath(new URL(".", module)) }))
  }

  it("ends the growth of the space for new objects at 32 MiB", () => {
    const [limited, free] = [youngMebibytes(true), youngMebibytes(false)]
    expect(limited).toBeLessThanOrEqual(32)
    // Or the test would show nothing.
    if (line === "24") expect(free).toBeGreaterThan(32)
  })

  it.each(["20.20.2", "22.0.0", "99.0.0"])("leaves it alone on other versions: Node %s", (version) => {
    expect(keepYoungSpaceSmall(version)).toBe(false)
  })
})
