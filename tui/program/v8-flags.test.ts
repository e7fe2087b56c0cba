import { execFileSync } from "node:child_process"
import { expect, it } from "vitest"
import { waitToOptimise } from "./v8-flags.js"

it("sets a flag that this Node has", () => {
  const known = /^\s+--interrupt-budget /m.test(execFileSync(process.execPath, ["--v8-options"], { encoding: "utf8" }))
  expect(waitToOptimise()).toBe(known)
})

it.each(["18.20.0", "24.21.0"])("changes no V8 flag on untested versions: Node %s", (version) => {
  expect(waitToOptimise(version)).toBe(false)
})
