import { encode } from "uqr"

/** Modules of light around the code. Our choice: the standard asks for four, and phones read two. */
const BORDER = 2

/** Two rows of modules in one line: light is drawn, for most terminals are dark. */
const HALVES = ["█", "▀", "▄", " "] as const

/** A text as a QR code, to be scanned from the terminal; lines of equal width. */
export function qrRows(text: string): readonly string[] {
  const { data, size } = encode(text, { ecc: "L", border: BORDER })
  return Array.from({ length: Math.ceil(size / 2) }, (_, row) =>
    Array.from({ length: size }, (_, column) => {
      const [upper, lower] = [data[2 * row]?.[column] === true, data[2 * row + 1]?.[column] === true]
      return HALVES[(upper ? 2 : 0) + (lower ? 1 : 0)]
    }).join(""),
  )
}
