import { expect, it } from "vitest"
import { OutcomeCounts } from "./outcome-counts.js"

it("requests are counted by path, status and refusal together", () => {
  const counts = new OutcomeCounts()
  for (const path of ["/peers", "/hash", "/peers"]) counts.add(path, 200, undefined)
  for (const code of ["too_many_peers", "busy", "busy"]) counts.add("/peers", 429, code)
  expect(counts.all()).toEqual([
    { path: "/peers", status: 200, refused: undefined, count: 2 },
    { path: "/peers", status: 429, refused: "too_many_peers", count: 1 },
    { path: "/peers", status: 429, refused: "busy", count: 2 },
    { path: "/hash", status: 200, refused: undefined, count: 1 },
  ])
})
