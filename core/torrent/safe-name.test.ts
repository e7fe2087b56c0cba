import fc from "fast-check"
import { expect, it } from "vitest"
import { safeFileName } from "./safe-name.js"

it.each([
  ["debian-12.iso", "debian-12.iso"],
  ["with space (1) äöü 日本.tar.gz", "with space (1) äöü 日本.tar.gz"],
  ["../../etc/passwd", "passwd"],
  ["/etc/shadow", "shadow"],
  ["a/b/", "b"],
  ["C:\\Windows\\cmd.exe", "cmd.exe"],
  ["C:evil", "C_evil"],
  ["..", "unnamed"],
  [".", "unnamed"],
  ["...", "unnamed"],
  ["", "unnamed"],
  ["   ", "unnamed"],
  ["/", "unnamed"],
  [".p2p-tui", "_p2p-tui"],
  ["a\0b", "ab"],
  ["a\u001b[2Jb", "a[2Jb"],
  ["photo\u202egnp.exe", "photognp.exe"],
  ["trailing. . ", "trailing"],
  [" leading", "leading"],
  ["CON", "_CON"],
  ["nul.txt", "_nul.txt"],
  ["console.txt", "console.txt"],
  ["a<b>|c?.txt", "a_b__c_.txt"],
])("maps %j to %j [hostile 6]", (name, safe) => {
  expect(safeFileName(name)).toBe(safe)
})

it.each([
  ["con .txt", "_con .txt"],
  ["CONIN$", "_CONIN$"],
  ["conout$.log", "_conout$.log"],
  ["con  ", "_con"],
  ["conin", "conin"],
])("maps %j to %j, which is no device of Windows [S14]", (name, safe) => {
  expect(safeFileName(name)).toBe(safe)
})

it.each([
  ["می\u200cخواهم.pdf", "می\u200cخواهم.pdf"],
  ["क्\u200dष.txt", "क्\u200dष.txt"],
  ["👩\u200d👩\u200d👦.png", "👩\u200d👩\u200d👦.png"],
  ["a\u200cb.txt", "ab.txt"],
  ["خ\u200c.txt", "خ.txt"],
  [`${"خ".repeat(97)}\u200c${"خ".repeat(9)}.txt`, `${"خ".repeat(97)}.txt`],
])("keeps the joiners that a name is spelt with, and no others: %j is %j [E13]", (name, safe) => {
  expect(safeFileName(name)).toBe(safe)
  expect(safeFileName(safe)).toBe(safe)
})

it.each(["x.part", "x.part.resume", "x.PART.lock", ".part"])(
  "maps %s to a name that no unfinished download has [A3]",
  (name) => {
    expect(safeFileName(name)).not.toMatch(/\.part(\.resume|\.lock)?$/i)
  },
)

it("cuts a long name between characters and keeps its ending [hostile 6]", () => {
  expect(safeFileName(`${"x".repeat(300)}.iso`)).toBe(`${"x".repeat(196)}.iso`)
  const wide = safeFileName(`${"日".repeat(100)}.iso`)
  expect(wide).toBe(`${"日".repeat(65)}.iso`)
})

it("maps any text to one path component that it would map to itself [hostile 6]", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (name) => {
      const safe = safeFileName(name)
      expect(safe.replace(/[\u200c\u200d]/g, "")).not.toMatch(/[/\\\p{C}]|^\.|[. ]$|^$/u)
      expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(201)
      expect(safeFileName(safe)).toBe(safe)
    }),
  )
})
