import { describe, expect, it } from "vitest"
import type { View } from "../state/state.js"
import { KEY_TABLE, worksIn } from "./keys.js"

const ALL_VIEWS: readonly View[] = ["documents", "parts", "peers", "log", "help"]

describe("the key table", () => {
  it.each(ALL_VIEWS)("gives no key two meanings in %s", (view) => {
    const keys = KEY_TABLE.filter((binding) => worksIn(binding, view)).flatMap((binding) => binding.keys)
    expect(keys).toEqual([...new Set(keys)])
  })

  it("has every action once, with words for help", () => {
    const actions = KEY_TABLE.map((binding) => binding.action)
    expect(actions).toEqual([...new Set(actions)])
    for (const binding of KEY_TABLE) expect(binding.help).not.toBe("")
  })

  it("ends with help and quit, which the footer always shows", () => {
    const labelled = KEY_TABLE.filter((binding) => binding.label !== undefined)
    expect(labelled.slice(-2).map((binding) => binding.action)).toEqual(["help", "quit"])
  })
})
