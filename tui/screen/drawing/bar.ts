import type { Glyphs } from "./glyphs.js"

/** A bar of exactly `width` cells, `fraction` of it full (clamped to [0, 1]). Full only when nothing is missing. */
export function bar(fraction: number, width: number, glyphs: Glyphs): string {
  const clamped = Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : 0
  const steps = glyphs.barParts.length + 1
  const filled = Math.floor(clamped * width * steps)
  const whole = Math.floor(filled / steps)
  const part = whole < width ? (glyphs.barParts[(filled % steps) - 1] ?? "") : ""
  return glyphs.barFull.repeat(whole) + part + glyphs.barEmpty.repeat(Math.max(0, width - whole - part.length))
}

/**
 * The latest `width` values as levels of the largest of them, oldest left; padded on the left with spaces. Nothing is
 * drawn for 0, so that a small value differs from none.
 */
export function sparkline(values: readonly number[], width: number, glyphs: Glyphs): string {
  if (width <= 0) return ""
  const shown = values.slice(-width)
  const top = Math.max(1, ...shown)
  const last = glyphs.levels.length - 1
  const cells = shown.map((value) => (value <= 0 ? " " : (glyphs.levels[Math.round((value / top) * last)] ?? " ")))
  return cells.join("").padStart(width)
}
