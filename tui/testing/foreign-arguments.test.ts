import { describe, expect, it } from "vitest"
import { FOREIGN_NAMES } from "../e2e/foreign-defaults.js"
import { parseForeignArguments } from "./foreign-arguments.js"

describe("the arguments of `npm run foreign`", () => {
  it("may be left out: 512 MiB, every client", () => {
    expect(parseForeignArguments([])).toEqual({ mebibytes: 512, names: FOREIGN_NAMES })
  })

  it("may be a size, names, or a size before names", () => {
    expect(parseForeignArguments(["64"])).toEqual({ mebibytes: 64, names: FOREIGN_NAMES })
    expect(parseForeignArguments(["aria2", "rtorrent"])).toEqual({ mebibytes: 512, names: ["aria2", "rtorrent"] })
    expect(parseForeignArguments(["64", "aria2"])).toEqual({ mebibytes: 64, names: ["aria2"] })
  })

  it.each(["0", "-1", "1.5", "NaN", "utorrent", ""])("refuses %j", (word) => {
    expect(() => parseForeignArguments([word])).toThrow(`"${word}"`)
  })
})
