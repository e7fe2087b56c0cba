import type { Notice } from "../../commands/report.js"
import type { Row } from "../drawing/cells.js"
import { wrapText } from "../drawing/wrap-text.js"
import type { ScreenState } from "../state/state.js"

/** A text in place of the view, a blank line between its paragraphs where there is room for that. */
export function noticeView({ title, lines }: Notice, { columns }: ScreenState, height: number): readonly Row[] {
  const paragraphs = lines.map((line) => wrapText(line, columns).map((text): Row => [{ text }]))
  const heading: Row = [{ text: title, tone: "title" }]
  const loose = [heading, ...paragraphs.flatMap((rows): readonly Row[] => [[], ...rows])]
  if (loose.length <= height) return loose
  const dense = [heading, ...paragraphs.flat()]
  if (dense.length <= height) return dense
  return [...dense.slice(0, height - 1), [{ text: "a larger terminal shows the rest", tone: "dim" }]]
}
