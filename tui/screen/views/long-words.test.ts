import { describe, expect, it } from "vitest"
import { linesOf, press, screenState } from "../../testing/screen-states.js"
import { reduce } from "../input/reducer.js"
import type { ScreenState } from "../state/state.js"

const SENTENCE = `/srv/share/${"deep/".repeat(12)}report.pdf.torrent.json: there is a torrent file of that name; give another name for the torrent file`

/** Without the blanks at line ends, so that a sentence is found over its lines. */
function wordsOf(state: ScreenState): string {
  return linesOf(state)
    .map((line) => line.trimEnd())
    .join(" ")
}

function refused(typed: string, message: string, span: { start: number; end: number } | undefined): ScreenState {
  const running = press(screenState({ columns: 60, rows: 15 }), `:${typed}`, "enter").state
  return reduce(running, { kind: "refused", line: typed, message, span }).state
}

describe("a sentence that is longer than a line", () => {
  it.each([
    [60, 15],
    [80, 24],
    [120, 40],
  ])("is shown to its end at %i x %i", (columns, rows) => {
    const state = screenState({ columns, rows, message: { text: SENTENCE, tone: "plain" } })
    expect(wordsOf(state)).toContain("give another name for the torrent file")
    expect(linesOf(state)).toHaveLength(rows - 1)
  })

  it("about a line being typed stands above it, and the marks stay under the word", () => {
    const lines = linesOf(refused("upload report.pdf", SENTENCE, { start: 7, end: 17 }))
    expect(lines.join(" ")).toContain("give another name for the torrent file")
    expect(lines.at(-1)?.trimEnd()).toBe(`${" ".repeat(8)}${"▔".repeat(10)}`)
  })

  it("about no word of the line stands above it", () => {
    expect(wordsOf(refused("list", SENTENCE, undefined))).toContain("give another name for the torrent file")
  })

  it("stands beside the marks where it has room", () => {
    const lines = linesOf(refused("upload x", "no such file", { start: 7, end: 8 }))
    expect(lines.at(-1)?.trimEnd()).toBe(`${" ".repeat(8)}▔ no such file`)
  })

  it("never takes more lines than there are", () => {
    const text = "word ".repeat(400)
    for (const [columns, rows] of [
      [40, 8],
      [60, 15],
    ] as const) {
      const lines = linesOf(screenState({ columns, rows, message: { text, tone: "plain" } }))
      expect(lines).toHaveLength(rows - 1)
      expect(lines[0]).not.toContain("word")
    }
  })
})
