import textWidth from "../screen/drawing/text-width.js"

/** What Ink's components do to a line of theirs: set its style. */
type Transformer = (line: string, index: number) => string

interface Piece {
  readonly x: number
  readonly text: string
}

/**
 * Takes the place of Ink 6.8's Output in the bundled programs (patches.ts). That one takes every character of the
 * screen apart and puts all of them together again in every frame, which was four fifths of what drawing costs. Here lines
 * stay whole: this screen puts its lines side by side or under each other, never one over a part of another, and cuts
 * nothing off.
 */
export default class LineOutput {
  readonly #height: number
  readonly #rows: Piece[][]

  constructor({ height }: { readonly width: number; readonly height: number }) {
    this.#height = height
    this.#rows = Array.from({ length: height }, () => [])
  }

  /** Puts the lines of `text`, styled by `transformers`, at column `x` from row `y` on. What is below the screen is left out. */
  write(x: number, y: number, text: string, { transformers }: { readonly transformers: readonly Transformer[] }): void {
    for (const [index, line] of text.split("\n").entries()) {
      const styled = transformers.reduce((styled, transform) => transform(styled, index), line)
      this.#rows[y + index]?.push({ x, text: styled })
    }
  }

  clip(): never {
    throw new TypeError("lines of this screen are fitted to it, not clipped")
  }

  unclip(): void {}

  /** The whole screen, without the blanks at the ends of its lines. */
  get(): { readonly output: string; readonly height: number } {
    return { output: this.#rows.map(joined).join("\n"), height: this.#height }
  }
}

function joined(pieces: readonly Piece[]): string {
  const [only] = pieces
  // Most lines of the screen are one piece, and needn't be measured.
  if (pieces.length === 1 && only?.x === 0) return only.text.trimEnd()
  let line = ""
  let column = 0
  for (const { x, text } of pieces.toSorted((a, b) => a.x - b.x)) {
    line += " ".repeat(Math.max(0, x - column)) + text
    column = Math.max(column, x) + textWidth(text)
  }
  return line.trimEnd()
}
