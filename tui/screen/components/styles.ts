import type { TextProps } from "ink"
import type { Tone } from "../cells.js"

/**
 * The terminal's own foreground and background, and its 16 colours by name, so that light and dark themes both stay
 * readable (ux.md, "What it must be better at" 7). Every tone is also told by a letter, word or shape.
 */
export const STYLES: Readonly<Record<Tone, TextProps>> = {
  plain: {},
  dim: { dimColor: true },
  title: { bold: true },
  good: { color: "green" },
  busy: { color: "yellow" },
  warn: { color: "yellow" },
  bad: { color: "red", bold: true },
  accent: { color: "cyan" },
}
