import type { TextProps } from "ink"
import type { Theme } from "../../base/screen-config.js"
import type { Tone } from "../drawing/cells.js"
import { type Background, type Color, type Palette, paletteOf } from "../state/themes.js"

export type Styles = Readonly<Record<Tone, TextProps>>

/** Words are set off by weight. Every tone is also shown by a letter, a word or a shape. */
const WEIGHTS: Styles = {
  plain: {},
  dim: { dimColor: true },
  title: { bold: true },
  accent: { bold: true },
  good: {},
  moving: {},
  busy: {},
  warn: { bold: true },
  bad: { bold: true },
}

const known = new Map<Palette, Styles>()

/** How tones are drawn; the same object for the same colours. NO_COLOR asks for none: weight and inverse stay. */
export function stylesOf(hasColor: boolean, theme: Theme, background: Background | undefined): Styles {
  if (!hasColor) return WEIGHTS
  const palette = paletteOf(theme, background)
  const styles = known.get(palette) ?? colored(palette)
  known.set(palette, styles)
  return styles
}

function colored(palette: Palette): Styles {
  const colors = Object.entries(palette).map(([tone, color]) => [
    tone,
    { ...WEIGHTS[tone as Tone], color: inkColor(color) },
  ])
  return { ...WEIGHTS, ...Object.fromEntries(colors) }
}

function inkColor(color: Color): string {
  return typeof color === "number" ? `ansi256(${color})` : color
}
