import { describe, expect, it } from "vitest"
import type { MousePress } from "../state/key.js"
import { ReportReader } from "./reports.js"

function reader() {
  const presses: MousePress[] = []
  const backgrounds: string[] = []
  const mouse = new ReportReader({
    onMouse: (press) => presses.push(press),
    onBackground: (background) => backgrounds.push(background),
  })
  return { presses, backgrounds, take: (text: string) => mouse.take(Buffer.from(text)).toString() }
}

const ALL = "a\u001b[<0;10;5Mé\u001b[<0;10;5m\u001b[<64;1;1M\u001b[<65;1;2Mz"

describe("what the mouse does", () => {
  it("is taken out of the keys", () => {
    const { presses, take } = reader()
    expect(take(ALL)).toBe("aéz")
    expect(presses).toEqual([
      { what: "click", column: 9, row: 4 },
      { what: "wheel-up", column: 0, row: 0 },
      { what: "wheel-down", column: 0, row: 1 },
    ])
  })

  it("is heard however its report is cut in two, behind Escape alone excepted", () => {
    for (let at = 0; at <= ALL.length; at++) {
      if (ALL[at - 1] === "\u001b") continue
      const { presses, take } = reader()
      expect(take(ALL.slice(0, at)) + take(ALL.slice(at)), `cut at ${at}`).toBe("aéz")
      expect(presses).toHaveLength(3)
    }
  })

  it("leaves Escape, arrows and other buttons alone", () => {
    const { presses, take } = reader()
    expect(take("\u001b")).toBe("\u001b")
    expect(take("\u001b[A\u001b[<2;1;1M")).toBe("\u001b[A")
    expect(presses).toEqual([])
  })
})

describe("the background of the terminal", () => {
  it.each([
    ["\u001b]11;rgb:ffff/ffff/ffff\u0007", "light"],
    ["\u001b]11;rgb:0000/2b2b/3636\u001b\\", "dark"],
    ["\u001b]11;rgb:fd/f6/e3\u0007", "light"],
  ])("is taken from its answer, wherever that is cut: %j is %s", (answer, expected) => {
    for (let at = 2; at <= answer.length; at++) {
      const { backgrounds, take } = reader()
      expect(take(`a${answer.slice(0, at)}`) + take(`${answer.slice(at)}b`), `cut at ${at}`).toBe("ab")
      expect(backgrounds).toEqual([expected])
    }
  })
})
