import { describe, expect, it } from "vitest"
import type { TerminalCell } from "./pty-screen.js"
import { svgFilm } from "./svg-film.js"

const row = (text: string, isInverse = false): readonly TerminalCell[] =>
  [...text].map((letter) => ({ text: letter, color: undefined, isBold: false, isDim: false, isInverse }))

describe("a film of a terminal", () => {
  const film = svgFilm(
    [
      { atMs: 500, cells: [row("name  1 %"), row("█ ")] },
      { atMs: 1_500, cells: [row("name  2 %"), row("██")] },
      { atMs: 2_500, cells: [row("name  2 %"), row("█ ", true)] },
    ],
    4_000,
  )

  it("has what does not change once, outside of every animation", () => {
    expect(film.match(/>name</g)).toHaveLength(1)
    expect(film.split("<g visibility")[0]).toContain(">name<")
  })

  it("shows each word while a shot has it, and the last shot where nothing is played", () => {
    expect(film).toMatch(
      /<g visibility="hidden"><animate [^>]*keyTimes="0;0.25" values="visible;hidden"\/><text [^>]*>1 %</,
    )
    expect(film).toMatch(
      /<g visibility="visible"><animate [^>]*keyTimes="0;0.25" values="hidden;visible"\/><text [^>]*>2 %</,
    )
    expect(film).toMatch(/dur="4000ms" repeatCount="indefinite"/)
    expect(film).not.toMatch(/<script/)
  })
})
