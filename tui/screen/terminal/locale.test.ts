import { describe, expect, it } from "vitest"
import { isDumb, isUtf8 } from "./locale.js"

describe("the locale of a terminal", () => {
  it.each([
    [{ LANG: "de_DE.UTF-8" }, true],
    [{ LANG: "C.utf8" }, true],
    [{ LC_ALL: "", LC_CTYPE: "UTF-8", LANG: "C" }, true],
    [{ LC_ALL: "C", LANG: "de_DE.UTF-8" }, false],
    [{ LC_CTYPE: "POSIX", LANG: "de_DE.UTF-8" }, false],
    [{ LANG: "de_DE.ISO-8859-1" }, false],
    [{}, false],
  ])("%j shows UTF-8: %s [U4]", (environment, shows) => {
    expect(isUtf8(environment, "linux")).toBe(shows)
  })

  it("is that of Windows everywhere on Windows [U4]", () => {
    expect(isUtf8({}, "win32")).toBe(true)
  })

  it("has no places on a dumb one [U4]", () => {
    expect([isDumb({ TERM: "dumb" }), isDumb({ TERM: "xterm" }), isDumb({})]).toEqual([true, false, false])
  })
})
