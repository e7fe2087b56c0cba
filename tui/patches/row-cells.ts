import textWidth, { NARROW_CHARACTERS } from "../screen/drawing/text-width.js"

/** A stretch of a row in one style. */
export interface Piece {
  readonly text: string
  /** The sequences that are open there, in the order in which they were opened. */
  readonly style: string
  /** That it takes. */
  readonly columns: number
  /** Does every character take one column? Of others, a terminal may see the width differently. */
  readonly isNarrow: boolean
}

/** One column of a row. */
export interface RowCell {
  /** Empty where a character that begins further left reaches. */
  readonly text: string
  readonly style: string
  readonly isNarrow: boolean
}

/** A character with a mark that combines with it is no narrow one, also where its letter alone would be. */
const PIECES = new RegExp(
  String.raw`\u001B\[(?<codes>[\d;:]*)m|(?<narrow>[${NARROW_CHARACTERS}]+(?!\p{M}))|[${NARROW_CHARACTERS}]?[^${NARROW_CHARACTERS}\u001B]+`,
  "gu",
)

/** The pieces of a row. Undefined: it has a sequence that is not known here, or a character without a column of its own. */
export function piecesOf(row: string): readonly Piece[] | undefined {
  const pieces: Piece[] = []
  let open: OpenStyles = []
  let end = 0
  for (const { 0: text, index, groups } of row.matchAll(PIECES)) {
    // Between two matches stands an escape that begins no style.
    if (index !== end) return undefined
    end += text.length
    if (groups?.["codes"] !== undefined) {
      const next = afterSequence(open, text, groups["codes"])
      if (next === undefined) return undefined
      open = next
      continue
    }
    const isNarrow = groups?.["narrow"] !== undefined
    const columns = isNarrow ? text.length : textWidth(text)
    if (columns === 0) return undefined
    pieces.push({ text, style: open.map(({ sequence }) => sequence).join(""), columns, isNarrow })
  }
  return end === row.length ? pieces : undefined
}

/** The columns of a row. */
export function cellsOf(pieces: readonly Piece[]): readonly RowCell[] {
  return pieces.flatMap(({ text, style, columns, isNarrow }) =>
    Array.from({ length: columns }, (_, place): RowCell => {
      const own = isNarrow ? text.charAt(place) : place === 0 ? text : ""
      return { text: own, style, isNarrow }
    }),
  )
}

type OpenStyles = readonly { readonly sequence: string; readonly end: number }[]

/** The styles that are open behind a sequence of one style; undefined for any other sequence. */
function afterSequence(open: OpenStyles, sequence: string, codes: string): OpenStyles | undefined {
  const [code = 0, ...more] = codes.split(";").map(Number)
  if (more.length > 0 && code !== 38 && code !== 48) return undefined
  if (code === 0) return []
  if (ENDS.has(code)) return open.filter(({ end }) => end !== code)
  const end = endOf(code)
  if (end === undefined) return undefined
  // Bold and dim have one end, and may both be open.
  return [...open.filter((each) => each.end !== end || (end === 22 && each.sequence !== sequence)), { sequence, end }]
}

const ENDS: ReadonlySet<number> = new Set([22, 23, 24, 27, 39, 49])

/** The code that ends the style which begins with `code` (ECMA-48, SGR). */
function endOf(code: number): number | undefined {
  if (code === 1 || code === 2) return 22
  if (code === 3 || code === 4 || code === 7) return code + 20
  if ((code >= 30 && code <= 38) || (code >= 90 && code <= 97)) return 39
  if ((code >= 40 && code <= 48) || (code >= 100 && code <= 107)) return 49
  return undefined
}
