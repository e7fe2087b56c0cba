import { execFileSync } from "node:child_process"
import { describe, expect, it } from "vitest"
import { collectEarly, waitToOptimise } from "./v8-flags.js"

const isTested = process.versions.node.startsWith("20.")

describe.each([
  ["waitToOptimise", waitToOptimise, "interrupt-budget"],
  ["collectEarly", collectEarly, "heap-growing-percent"],
])("%s", (_, setFlag, flag) => {
  it("sets a flag that this Node has", () => {
    const known = new RegExp(`^\\s+--${flag} `, "m")
    const options = execFileSync(process.execPath, ["--v8-options"], { encoding: "utf8" })
    expect(setFlag()).toBe(isTested && known.test(options))
  })

  it.each(["18.20.0", "24.21.0"])("changes no V8 flag on untested versions: Node %s", (version) => {
    expect(setFlag(version)).toBe(false)
  })
})
