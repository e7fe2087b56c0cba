import type { MousePress } from "../state/key.js"

/** SGR reports of xterm (mode 1006): button, column and row, 1-based; "M" for pressed, "m" for released. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
const REPORT = /\u001B\[<(\d{1,4});(\d{1,5});(\d{1,5})([Mm])/g

/** The answer to OSC 11: red, green and blue in one to four hexadecimal digits each; it ends in BEL or ST. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
const COLOR = /\u001B\]11;rgba?:([0-9a-f]{1,4})\/([0-9a-f]{1,4})\/([0-9a-f]{1,4})[0-9a-f/]{0,5}(?:\u0007|\u001B\\)/gi

/** The beginning of one of both at the end of a chunk. A lone Escape is a key and is not held back. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
const BEGUN = /\u001B(?:\[(?:<[\d;]{0,16})?|\](?:1{0,2}|11;[rgba:0-9a-f/]{0,30}\u001B?))$/i

const LEFT_BUTTON = 0
const WHEEL_UP = 64
const WHEEL_DOWN = 65

/** What a terminal reports besides keys. */
export interface Reports {
  readonly onMouse: (press: MousePress) => void
  readonly onBackground: (background: "light" | "dark") => void
}

/** Takes what the mouse does and what the terminal answers out of what it sends. */
export class ReportReader {
  readonly #reports: Reports
  #held = ""

  constructor(reports: Reports) {
    this.#reports = reports
  }

  /** What of `chunk` are keys. A report that is cut in two is waited for. */
  take(chunk: Buffer): Buffer {
    // One character a byte, so that UTF-8 that is cut in two comes through as it is.
    const text = this.#held + chunk.toString("latin1")
    this.#held = ""
    if (!text.includes("\u001B")) return Buffer.from(text, "latin1")
    const rest = text
      .replace(REPORT, (_, button: string, column: string, row: string, final: string) => {
        this.#report(Number(button), Number(column), Number(row), final === "M")
        return ""
      })
      .replace(COLOR, (_, red: string, green: string, blue: string) => {
        this.#reports.onBackground(isLight(red, green, blue) ? "light" : "dark")
        return ""
      })
    const begun = BEGUN.exec(rest)
    if (begun === null) return Buffer.from(rest, "latin1")
    this.#held = rest.slice(begun.index)
    return Buffer.from(rest.slice(0, begun.index), "latin1")
  }

  #report(button: number, column: number, row: number, isPressed: boolean): void {
    const what = KINDS.get(button)
    if (what !== undefined && isPressed) this.#reports.onMouse({ what, column: column - 1, row: row - 1 })
  }
}

/** Luma of ITU-R BT.601: is the background nearer to white than to black? */
function isLight(...digits: readonly [string, string, string]): boolean {
  const [red, green, blue] = digits.map((value) => Number.parseInt(value, 16) / (16 ** value.length - 1)) as [
    number,
    number,
    number,
  ]
  return 0.299 * red + 0.587 * green + 0.114 * blue > 0.5
}

const KINDS: ReadonlyMap<number, MousePress["what"]> = new Map([
  [LEFT_BUTTON, "click"],
  [WHEEL_UP, "wheel-up"],
  [WHEEL_DOWN, "wheel-down"],
])
