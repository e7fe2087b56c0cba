import type { TerminalCell } from "./pty-screen.js"
import { elementsOf, framed } from "./svg-picture.js"

type Cells = readonly (readonly TerminalCell[])[]

/** What a terminal showed from a moment on. */
export interface Shot {
  readonly atMs: number
  readonly cells: Cells
}

/**
 * Shots of a terminal as an SVG that plays them in a loop of `lengthMs`, without a script (SMIL), so that it moves in a README. Every word
 * and bar is there once, visible while a shot has it; what does not play it shows the last shot.
 */
export function svgFilm(shots: readonly Shot[], lengthMs: number): string {
  const places = new Map<string, number[]>()
  for (const [shot, { cells }] of shots.entries()) {
    for (const element of cells.flatMap((row, place) => elementsOf(row, place))) {
      const seen = places.get(element) ?? []
      if (seen.at(-1) !== shot) seen.push(shot)
      places.set(element, seen)
    }
  }
  const groups = new Map<string, string[]>()
  for (const [element, seen] of places) {
    const when = seen.length === shots.length ? "" : animation(seen, shots, lengthMs)
    groups.set(when, [...(groups.get(when) ?? []), element])
  }
  const drawn = [...groups].map(([when, elements]) =>
    when === "" ? elements.join("\n") : `<g ${when}${elements.join("\n")}</g>`,
  )
  return framed(shots.at(-1)?.cells ?? [], drawn)
}

/** The attributes of a group that is visible in these shots, and its animation. */
function animation(seen: readonly number[], shots: readonly Shot[], lengthMs: number): string {
  const from = shots[0]?.atMs ?? 0
  const keys: { readonly time: string; readonly value: string }[] = []
  let isVisible: boolean | undefined
  for (const [shot, { atMs }] of shots.entries()) {
    const isSeen = seen.includes(shot)
    if (isSeen === isVisible) continue
    isVisible = isSeen
    keys.push({
      time: String(Math.round((10_000 * (atMs - from)) / lengthMs) / 10_000),
      value: isSeen ? "visible" : "hidden",
    })
  }
  const last = seen.includes(shots.length - 1) ? "visible" : "hidden"
  const times = keys.map(({ time }) => time).join(";")
  const values = keys.map(({ value }) => value).join(";")
  return `visibility="${last}"><animate attributeName="visibility" calcMode="discrete" dur="${lengthMs}ms" repeatCount="indefinite" keyTimes="${times}" values="${values}"/>`
}
