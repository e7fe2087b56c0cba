import type { TextProps } from "ink"
import type { Tone } from "../drawing/cells.js"

export type Styles = Readonly<Record<Tone, TextProps>>

/**
 * The terminal's own foreground and background, and of its 16 colours those that can be read on a light as on a dark
 * background (docs/contributing/style.md#the-screen): no yellow, which vanishes on white, and no blue, which vanishes on
 * black; cyan for bars only. Words are set off by weight. Every tone is also shown by a letter, a word or a shape.
 */
export const STYLES: Styles = {
  plain: {},
  dim: { dimColor: true },
  title: { bold: true },
  accent: { bold: true },
  good: { color: "green" },
  moving: { color: "cyan" },
  busy: { color: "magenta" },
  warn: { color: "magenta", bold: true },
  bad: { color: "red", bold: true },
}

/** NO_COLOR asks for no colours; weight and inverse stay. */
export const COLORLESS = Object.fromEntries(
  Object.entries(STYLES).map(([tone, { color: _, ...rest }]) => [tone, rest]),
) as Styles
