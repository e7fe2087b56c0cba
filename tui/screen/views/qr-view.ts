import type { Row } from "../drawing/cells.js"
import { wrapText } from "../drawing/wrap-text.js"
import type { Mode, ScreenState } from "../state/state.js"

type QrMode = Extract<Mode, { kind: "qr" }>

/** The code in place of the view; where it does not fit, what it needs. A part of a code can't be scanned. */
export function qrView({ title, rows }: QrMode, { columns, ascii }: ScreenState, height: number): readonly Row[] {
  const width = rows[0]?.length ?? 0
  if (ascii) return sentence("a QR code needs characters that are not drawn with ASCII alone", columns)
  if (width > columns || rows.length + 1 > height) {
    const missing = Math.max(0, rows.length + 1 - height)
    const needed = `${width} columns and ${missing === 0 ? "no more lines" : `${missing} more lines`}`
    return sentence(`the QR code of ${title.replace("the link", "this link")} needs a terminal of ${needed}`, columns)
  }
  return [[{ text: title, tone: "title" }], ...rows.map((text): Row => [{ text }])]
}

function sentence(text: string, columns: number): readonly Row[] {
  return wrapText(text, columns).map((line): Row => [{ text: line }])
}
