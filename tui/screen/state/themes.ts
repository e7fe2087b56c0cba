import type { Theme } from "../../base/screen-config.js"
import type { Tone } from "../drawing/cells.js"

/** Colours by the name or the number that a terminal has for them: 16 names, or the 256 of xterm. */
export type Color = "green" | "cyan" | "magenta" | "red" | number

export type ColoredTone = Extract<Tone, "good" | "moving" | "busy" | "warn" | "bad">
export type Palette = Readonly<Record<ColoredTone, Color>>

export type Background = "light" | "dark"

/**
 * Of the terminal's 16 colours those that can be read on a light as on a dark background: no yellow, which vanishes on white, and no
 * blue, which vanishes on black; cyan for bars only.
 */
const TERMINAL: Palette = { good: "green", moving: "cyan", busy: "magenta", warn: "magenta", bad: "red" }

/** Of the 256 colours, whose values terminals do not change: 16 to 231 are a cube of six steps a colour. */
const LIGHT: Palette = { good: 22, moving: 24, busy: 90, warn: 94, bad: 124 }
const DARK: Palette = { good: 114, moving: 81, busy: 183, warn: 221, bad: 210 }

/** Blue and orange are apart for eyes that see red and green as one; what is bad is the lightest or darkest of them. */
const COLOR_BLIND: Readonly<Record<Background, Palette>> = {
  light: { good: 25, moving: 24, busy: 60, warn: 94, bad: 52 },
  dark: { good: 75, moving: 117, busy: 147, warn: 214, bad: 223 },
}

const HIGH_CONTRAST: Readonly<Record<Background, Palette>> = {
  light: { good: 22, moving: 17, busy: 53, warn: 52, bad: 88 },
  dark: { good: 120, moving: 159, busy: 225, warn: 228, bad: 224 },
}

/** The colours of a theme. A terminal that does not say what its background is is taken for a dark one, as most are. */
export function paletteOf(theme: Theme, background: Background | undefined): Palette {
  const shade = background ?? "dark"
  switch (theme) {
    case "terminal":
      return TERMINAL
    case "light":
      return LIGHT
    case "dark":
      return DARK
    case "color-blind":
      return COLOR_BLIND[shade]
    case "high-contrast":
      return HIGH_CONTRAST[shade]
    default:
      return theme satisfies never
  }
}
