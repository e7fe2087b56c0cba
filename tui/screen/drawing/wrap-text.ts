import { cutTo, widthOf } from "./cells.js"

/** `text` on lines of at most `width` columns, broken at spaces where that is possible. At least one line. */
export function wrapText(text: string, width: number): readonly string[] {
  const room = Math.max(1, width)
  const lines: string[] = []
  let line = ""
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`
    if (widthOf(longer) <= room) line = longer
    else {
      if (line !== "") lines.push(line)
      const pieces = splitWord(word, room)
      lines.push(...pieces.slice(0, -1))
      line = pieces.at(-1) ?? ""
    }
  }
  return [...lines, line]
}

/** A word that is longer than a line, as pieces that are not. */
function splitWord(word: string, width: number): readonly string[] {
  const pieces: string[] = []
  let rest = word
  while (widthOf(rest) > width) {
    // A character wider than the line gets a line of its own, and is cut when drawn.
    const piece = cutTo(rest, width) || rest.slice(0, 1)
    pieces.push(piece)
    rest = rest.slice(piece.length)
  }
  return [...pieces, rest]
}
