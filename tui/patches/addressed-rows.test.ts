import headless from "@xterm/headless"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import addressedRows from "./addressed-rows.js"

function rig(rows = 24) {
  const written: string[] = []
  const draw = addressedRows.create({ columns: 10, rows, write: (chunk) => written.push(chunk) })
  const drawn = (frame: string): string => {
    written.length = 0
    draw(frame)
    return written.join("").replaceAll("\u001b", "^")
  }
  return { draw, drawn, written }
}

describe("the rows of a frame", () => {
  it("are addressed by their numbers, and only those that have changed are drawn [U3]", () => {
    const { drawn } = rig()
    expect(drawn("one\ntwo\nthree\n")).toBe("^[1;1Hone^[K^[2;1Htwo^[K^[3;1Hthree^[K")
    expect(drawn("one\nTWO\nthree\n")).toBe("^[2;1HTWO^[K")
    expect(drawn("one\nTWO\nthree\n")).toBe("")
  })

  it("have the column behind a character of uncertain width addressed, on an erased row [U3]", () => {
    const { drawn } = rig()
    expect(drawn("a👍🏽b日c\n")).toBe("^[1;1H^[2Ka👍🏽^[4Gb日^[7Gc")
    expect(drawn("\u001b[1m日\u001b[22m x\n")).toBe("^[1;1H^[2K^[1m日^[3G^[22m x")
  })

  it("that fill the screen keep their last character, which the cursor stands on [U3]", () => {
    const { drawn } = rig()
    expect(drawn("0123456789\n\u001b[1m0123456789\u001b[22m\n012345678\n")).toBe(
      "^[1;1H0123456789^[2;1H^[1m0123456789^[22m^[3;1H012345678^[K",
    )
  })

  it("that are no more are emptied, and rows below the terminal are left out [U3]", () => {
    const { drawn } = rig(2)
    expect(drawn("one\ntwo\nthree\n")).toBe("^[1;1Hone^[K^[2;1Htwo^[K")
    expect(drawn("one\n")).toBe("^[2;1H^[K")
  })

  it("leave the cursor where it is wanted, hidden while they are drawn", () => {
    const { draw, drawn } = rig()
    draw.setCursorPosition({ x: 3, y: 1 })
    expect(drawn("a\nb\n")).toBe("^[1;1Ha^[K^[2;1Hb^[K^[2;4H^[?25h")
    draw.setCursorPosition({ x: 4, y: 1 })
    expect(draw.willRender("a\nb\n")).toBe(true)
    expect(drawn("a\nb\n")).toBe("^[?25l^[2;5H^[?25h")
    draw.setCursorPosition(undefined)
    expect(drawn("a\nc\n")).toBe("^[?25l^[2;1Hc^[K")
    expect(draw.willRender("a\nc\n")).toBe(false)
  })

  it("are all drawn again after an end", () => {
    const { draw, drawn } = rig()
    draw("a\n")
    draw.done()
    expect(drawn("a\n")).toBe("^[1;1Ha^[K")
  })

  it("are drawn from where they differ, but for styles that are open there", () => {
    const { drawn } = rig()
    drawn("\u001b[1mab\u001b[22mcd\n")
    expect(drawn("\u001b[1mab\u001b[22mce\n")).toBe("^[1;4He^[K")
    expect(drawn("\u001b[1max\u001b[22mce\n")).toBe("^[1;1H^[1max^[22mce^[K")
    expect(drawn("\u001b[1max\u001b[22m\n")).toBe("^[1;3H^[K")
  })

  it("look as if they had been drawn whole, whatever was there before", async () => {
    const words = fc.constantFrom(
      "a",
      "bb",
      "日",
      "\u001b[1mx\u001b[22m",
      "\u001b[32my\u001b[39m",
      " ",
      "\u001b[7m \u001b[27m",
    )
    const line = fc.array(words, { maxLength: 6 }).map((pieces) => pieces.join(""))
    const frames = fc.array(fc.tuple(line, line), { minLength: 2, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(frames, async (all) => {
        const shown = async (some: typeof all): Promise<string> => {
          const terminal = new headless.Terminal({ cols: 20, rows: 4, allowProposedApi: true })
          const chunks: string[] = []
          const draw = addressedRows.create({ columns: 20, rows: 4, write: (chunk) => chunks.push(chunk) })
          for (const [first, second] of some) draw(`${first}\n${second}\n`)
          await new Promise<void>((resolve) => terminal.write(`\u001b[?7l${chunks.join("")}`, resolve))
          const cells = [0, 1].flatMap((row) =>
            Array.from({ length: 20 }, (_, column) => {
              const cell = terminal.buffer.active.getLine(row)?.getCell(column)
              return [cell?.getChars() || " ", cell?.isBold(), cell?.isInverse(), cell?.getFgColor()].join()
            }),
          )
          terminal.dispose()
          return cells.join("|")
        }
        expect(await shown(all)).toBe(await shown(all.slice(-1)))
      }),
      { numRuns: 60 },
    )
  })
})
