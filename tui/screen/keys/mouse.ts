import type { MousePress } from "../state/key.js"

/** SGR reports of xterm (mode 1006): button, column and row, 1-based; "M" for pressed, "m" for released. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
const REPORT = /\u001B\[<(\d{1,4});(\d{1,5});(\d{1,5})([Mm])/g

/** The beginning of a report at the end of a chunk. A lone Escape is a key and is not held back. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
const BEGUN = /\u001B\[(<[\d;]{0,16})?$/

const LEFT_BUTTON = 0
const WHEEL_UP = 64
const WHEEL_DOWN = 65

/** Takes the reports of the mouse out of what a terminal sends. */
export class MouseReader {
  readonly #onPress: (press: MousePress) => void
  #held = ""

  constructor(onPress: (press: MousePress) => void) {
    this.#onPress = onPress
  }

  /** What of `chunk` is not the mouse. A report that is cut in two is waited for. */
  take(chunk: Buffer): Buffer {
    // One character a byte, so that UTF-8 that is cut in two comes through as it is.
    const text = this.#held + chunk.toString("latin1")
    this.#held = ""
    if (!text.includes("\u001B[")) return Buffer.from(text, "latin1")
    const rest = text.replace(REPORT, (_, button: string, column: string, row: string, final: string) => {
      this.#report(Number(button), Number(column), Number(row), final === "M")
      return ""
    })
    const begun = BEGUN.exec(rest)
    if (begun === null) return Buffer.from(rest, "latin1")
    this.#held = rest.slice(begun.index)
    return Buffer.from(rest.slice(0, begun.index), "latin1")
  }

  #report(button: number, column: number, row: number, isPressed: boolean): void {
    const what = KINDS.get(button)
    if (what !== undefined && isPressed) this.#onPress({ what, column: column - 1, row: row - 1 })
  }
}

const KINDS: ReadonlyMap<number, MousePress["what"]> = new Map([
  [LEFT_BUTTON, "click"],
  [WHEEL_UP, "wheel-up"],
  [WHEEL_DOWN, "wheel-down"],
])
