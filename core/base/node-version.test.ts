import { readFileSync } from "node:fs"
import { expect, it } from "vitest"
import { runtimeFault } from "./node-version.js"

it.each([
  [{ node: "20.20.0" }, undefined],
  [{ node: "24.0.1" }, undefined],
  [{ node: "20.19.5" }, "needs Node.js >= 20.20; this is 20.19.5"],
  [{ node: "18.20.4" }, "needs Node.js >= 20.20; this is 18.20.4"],
  [{ node: "22.6.0", bun: "1.2.3" }, "needs Node.js >= 20.20; this is bun 1.2.3"],
  [{ node: "22.6.0", deno: "2.1.0" }, "needs Node.js >= 20.20; this is deno 2.1.0"],
])("of a runtime like %j is said: %s [P4]", (versions, fault) => {
  expect(runtimeFault(versions)).toBe(fault)
})

it("is what package.json asks for", () => {
  const { engines } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"))
  expect(runtimeFault({ node: "1.0.0" })).toContain(`Node.js ${engines.node.replace(">=", ">= ")};`)
})
