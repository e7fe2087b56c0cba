/** Terminals that break no line while this holds cut it at their edge instead. */
const [CUT, BREAK] = ["\u001B[?7l", "\u001B[?7h"]
const ERASE = "\r\u001B[K"

/** One line of a terminal that each report of progress replaces. */
export class MovingLine {
  readonly #write: (text: string) => void
  #isThere = false

  constructor(write: (text: string) => void) {
    this.#write = write
  }

  show(text: string): void {
    this.#isThere = true
    this.#write(`${ERASE}${CUT}${text}${BREAK}`)
  }

  /** Makes room for lines that stay. */
  clear(): void {
    if (this.#isThere) this.#write(ERASE)
    this.#isThere = false
  }

  /** Leaves the last report in sight, on a line of its own. */
  end(): void {
    if (this.#isThere) this.#write("\n")
    this.#isThere = false
  }
}
