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
    expect(drawn("one\nTWO\nthree\n")).toBe("^[2;1HTWO")
    expect(drawn("one\nTWO\nthree\n")).toBe("")
  })

  it("have the column behind a character of uncertain width addressed, on an erased row [U3]", () => {
    const { drawn } = rig()
    expect(drawn("a👍🏽b日c\n")).toBe("^[1;1H^[2Ka👍🏽^[4Gb日^[7Gc")
    expect(drawn("\u001b[1m日\u001b[22m x\n")).toBe("^[1;1H^[2K^[1m日^[22m^[3G x")
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
    expect(drawn("a\nc\n")).toBe("^[?25l^[2;1Hc")
    expect(draw.willRender("a\nc\n")).toBe(false)
  })

  it("are all drawn again after an end", () => {
    const { draw, drawn } = rig()
    draw("a\n")
    draw.done()
    expect(drawn("a\n")).toBe("^[1;1Ha^[K")
  })

  it("are drawn where they differ, in the styles that are open there", () => {
    const { drawn } = rig()
    drawn("\u001b[1mab\u001b[22mcd\n")
    expect(drawn("\u001b[1mab\u001b[22mce\n")).toBe("^[1;4He")
    expect(drawn("\u001b[1max\u001b[22mce\n")).toBe("^[1;2H^[1mx^[m")
    expect(drawn("\u001b[1max\u001b[22m\n")).toBe("^[1;3H^[K")
    expect(drawn("\u001b[2ma \u001b[22m\u001b[7m \u001b[27m\n")).toBe("^[1;1H^[2ma ^[m^[7m ^[m")
  })

  it("have equal cells between two changes gone over, but for a few", () => {
    const { drawn } = rig()
    drawn("0-------0\n")
    expect(drawn("1-------1\n")).toBe("^[1;1H1^[9G1")
    drawn("0--0\n")
    expect(drawn("1--1\n")).toBe("^[1;1H1--1")
  })

  it("have the column addressed behind lines and blocks, which take two columns on some terminals", () => {
    const { drawn } = rig()
    expect(drawn("██ a\n")).toBe("^[1;1H██^[3G a^[K")
    expect(drawn("▓▓ b\n")).toBe("^[1;1H▓▓^[4Gb")
  })

  it("that hold a name of uncertain width are drawn by cells beside it, and whole when it changes", () => {
    const { drawn } = rig()
    drawn("日e\u0301 1\n")
    expect(drawn("日e\u0301 2\n")).toBe("^[1;5H2")
    expect(drawn("日a\u0301 2\n")).toBe("^[1;1H^[2K日^[3Ga\u0301^[4G 2")
    expect(drawn("x  2\n")).toBe("^[1;1Hx  2^[K")
  })

  it("are drawn whole once in fifty changes, whatever a terminal or another program has made of them", () => {
    const { drawn } = rig()
    const isWhole = Array.from({ length: 103 }, (_, time) => drawn(`a ${time % 10}\n`).endsWith("^[K"))
    expect(isWhole.flatMap((whole, time) => (whole ? [time] : []))).toEqual([0, 51, 102])
  })

  it("look as if they had been drawn whole, whatever was there before", async () => {
    await fc.assert(
      fc.asyncProperty(FRAMES, async (all) => {
        expect(await cellsAfter(all)).toEqual(await cellsAfter(all.slice(-1)))
      }),
      { numRuns: 200 },
    )
  })

  it("of a terminal that sees widths differently harm no other row, and are right again when drawn whole [U3]", async () => {
    await fc.assert(
      fc.asyncProperty(FRAMES, fc.constantFrom(1, 2), async (all, width) => {
        const frames = all.map(([line]) => [line, "plain"])
        const [first, second] = await cellsAfter([...frames, ["█中abc", "plain"]], width)
        expect(second).toEqual((await cellsAfter([["", "plain"]]))[1])
        // The last frame has a character that no other has: its row is drawn whole.
        expect(first).toEqual((await cellsAfter([["█中abc", "plain"]], width))[0])
      }),
      { numRuns: 60 },
    )
  })
})

const WORDS = fc.constantFrom(
  ...["a", "bb", "c d", "日", "本", "e\u0301", "👍🏽", "▏", "█▄", "------", " "],
  ...["\u001b[1mx\u001b[22m", "\u001b[32my\u001b[39m", "\u001b[7m \u001b[27m", "\u001b[2m ░\u001b[22m"],
  "\u001b[2m\u001b[38;5;9mz\u001b[39m\u001b[22m",
  "\u001b[1m\u001b[2mw\u001b[22m",
)
const LINE = fc.array(WORDS, { maxLength: 6 }).map((pieces) => pieces.join(""))
/** Each two rows. */
const FRAMES = fc.array(fc.tuple(LINE, LINE), { minLength: 2, maxLength: 6 })

/** Long enough for the longest of these lines on a terminal that sees everything two columns wide. */
const COLUMNS = 80

const BLANK = "blank"

/** What stands in two rows of a terminal after these frames; `width`: that it gives every character beyond ASCII. */
async function cellsAfter(frames: readonly (readonly string[])[], width?: number): Promise<readonly string[][]> {
  const terminal = new headless.Terminal({ cols: COLUMNS, rows: 4, allowProposedApi: true })
  if (width !== undefined) {
    const wcwidth = (code: number): 0 | 1 | 2 => (code < 0x80 || width === 1 ? 1 : 2)
    const charProperties = (code: number): number => wcwidth(code) << 1
    terminal.unicode.register({ version: "test", wcwidth, charProperties })
    terminal.unicode.activeVersion = "test"
  }
  const chunks: string[] = []
  const draw = addressedRows.create({ columns: COLUMNS, rows: 4, write: (chunk) => chunks.push(chunk) })
  for (const rows of frames) draw(`${rows.join("\n")}\n`)
  await new Promise<void>((resolve) => terminal.write(`\u001b[?7l${chunks.join("")}`, resolve))
  const rows = [0, 1].map((row) =>
    Array.from({ length: COLUMNS }, (_, column) => {
      const cell = terminal.buffer.active.getLine(row)?.getCell(column)
      const text = cell?.getChars() || " "
      // Weight and colour of a blank are not seen.
      if (text === " " && !cell?.isInverse()) return BLANK
      return [text, cell?.isBold(), cell?.isInverse(), cell?.isDim(), cell?.getFgColor()].join()
    }),
  )
  terminal.dispose()
  return rows
}
