/** Terminals that break no line while this holds cut it at their edge instead. */
const [CUT, BREAK] = ["\u001B[?7l", "\u001B[?7h"]
const ERASE = "\r\u001B[K"

/** One line of a terminal that is written over again and again: progress, which is no news a second later. */
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

  /** Leaves it where it stands: how far it came. */
  end(): void {
    if (this.#isThere) this.#write("\n")
    this.#isThere = false
  }
}
