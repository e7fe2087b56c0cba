import { encode } from "uqr"
import { expect, it } from "vitest"
import { qrRows } from "./qr-rows.js"

/** The dark modules of drawn lines. */
function modulesOf(rows: readonly string[]): boolean[][] {
  return rows.flatMap((row) => [
    Array.from(row, (half) => half === "▄" || half === " "),
    Array.from(row, (half) => half === "▀" || half === " "),
  ])
}

it("a QR code is drawn two modules a line, light on dark, with its border", () => {
  const text = "p2p-tui:0b5f9c34-5b3e-4c7a-9d4e-2f1d6a7b8c90#AAEC"
  const rows = qrRows(text)
  const { data, size } = encode(text, { ecc: "L", border: 2 })
  expect(new Set(rows.map((row) => row.length))).toEqual(new Set([size]))
  expect(modulesOf(rows).slice(0, size)).toEqual(data)
  expect(rows[0]).toBe("█".repeat(size))
})
