import { describe, expect, it } from "vitest"
import { type Background, paletteOf } from "./themes.js"

/** Steps of xterm's colour cube. */
const STEPS = [0, 95, 135, 175, 215, 255]

type Rgb = readonly [number, number, number]

function rgbOf(color: number): Rgb {
  const at = color - 16
  return [STEPS[Math.floor(at / 36)] ?? 0, STEPS[Math.floor(at / 6) % 6] ?? 0, STEPS[at % 6] ?? 0]
}

/** WCAG 2.2, relative luminance. */
function luminance(rgb: Rgb): number {
  const [red = 0, green = 0, blue = 0] = rgb.map((value) => {
    const share = value / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** WCAG 2.2, contrast ratio: 1 to 21. */
function contrast(a: Rgb, b: Rgb): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}

/** White, Solarized light; black, VS Code's and Solarized dark. */
const BACKGROUNDS: Readonly<Record<Background, readonly Rgb[]>> = {
  light: [
    [255, 255, 255],
    [253, 246, 227],
  ],
  dark: [
    [0, 0, 0],
    [30, 30, 30],
    [0, 43, 54],
  ],
}

describe("the colours of a theme", () => {
  it.each([
    ["light", "light", 4.5],
    ["dark", "dark", 4.5],
    ["color-blind", "light", 4.5],
    ["color-blind", "dark", 4.5],
    ["high-contrast", "light", 7],
    ["high-contrast", "dark", 7],
  ] as const)("can be read: %s on a %s background has a contrast of at least %d to 1", (theme, background, least) => {
    for (const [tone, color] of Object.entries(paletteOf(theme, background))) {
      expect(color).toBeTypeOf("number")
      for (const behind of BACKGROUNDS[background])
        expect(contrast(rgbOf(Number(color)), behind), `${tone} ${color}`).toBeGreaterThanOrEqual(least)
    }
  })

  it("are the terminal's own by default, and for a dark background where it is not known", () => {
    expect(Object.values(paletteOf("terminal", undefined)).every((color) => typeof color === "string")).toBe(true)
    expect(paletteOf("color-blind", undefined)).toBe(paletteOf("color-blind", "dark"))
  })
})
