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
])("maps %j to %j (hostile.md 6)", (name, safe) => {
  expect(safeFileName(name)).toBe(safe)
})

it.each(["x.part", "x.part.resume", "x.PART.lock", ".part"])(
  "maps %s to a name that no unfinished download has [A3]",
  (name) => {
    expect(safeFileName(name)).not.toMatch(/\.part(\.resume|\.lock)?$/i)
  },
)

it("cuts a long name between characters and keeps its ending (hostile.md 6)", () => {
  expect(safeFileName(`${"x".repeat(300)}.iso`)).toBe(`${"x".repeat(196)}.iso`)
  const wide = safeFileName(`${"日".repeat(100)}.iso`)
  expect(wide).toBe(`${"日".repeat(65)}.iso`)
})

it("maps any text to one path component that it would map to itself (hostile.md 6)", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (name) => {
      const safe = safeFileName(name)
      expect(safe).not.toMatch(/[/\\\p{C}]|^\.|[. ]$|^$/u)
      expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(201)
      expect(safeFileName(safe)).toBe(safe)
    }),
  )
})
