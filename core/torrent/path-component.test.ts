import { posix, win32 } from "node:path"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { isSafeComponent, safeComponent } from "./path-component.js"

const odd = fc
  .array(
    fc.oneof(
      fc.constantFrom("..", ".", "/", "\\", ":", "\0", "\u202e", "\ud800", " ", "CON", "con .", "nul", ".txt", "\n"),
      fc.string({ unit: "binary", maxLength: 8 }),
      fc.constant("ä".repeat(250)),
    ),
    { maxLength: 8 },
  )
  .map((pieces) => pieces.join(""))

describe("a name in a folder", () => {
  it.each([".git", "a b", "1234:2,S", "x2d\\x2d", "...", "a.part", "नमस्ते", "👩‍👩‍👧", "é", "e\u0301", "[a]", "~"])(
    "may be %j",
    (name) => {
      expect(isSafeComponent(name, "linux")).toBe(true)
      expect(safeComponent(name, "linux")).toBe(name)
    },
  )

  it.each(["", ".", "..", "a/b", "a\0b", "a\nb", "\u001b[2J", "\u009b", "a\ud800", "gnp.\u202eexe", "a\u2028b"])(
    "must not be %j [G1]",
    (name) => expect(isSafeComponent(name, "linux")).toBe(false),
  )

  it.each(["a:b", "a\\b", "..\\b", "nul", "COM1.txt", "a.", "a ", "c:"])("must not be %j on Windows [G1]", (name) => {
    expect(isSafeComponent(name, "win32")).toBe(false)
    expect(isSafeComponent(name, "linux")).toBe(true)
  })

  it("is mapped, whatever it is, to one that stays in its folder and is mapped to itself [G1]", () => {
    fc.assert(
      fc.property(odd, fc.constantFrom("linux", "win32"), (name, platform) => {
        const safe = safeComponent(name, platform)
        expect(safeComponent(safe, platform)).toBe(safe)
        if (safe === "") return
        expect(isSafeComponent(safe, platform)).toBe(true)
        expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(255)
        const { dirname, resolve } = platform === "win32" ? win32 : posix
        const root = platform === "win32" ? "C:\\root\\folder" : "/root/folder"
        expect(dirname(resolve(root, safe))).toBe(root)
      }),
      { numRuns: 5_000 },
    )
  })

  it("is left as it is by the mapping when it is safe and not too long", () => {
    fc.assert(
      fc.property(odd, fc.constantFrom("linux", "win32"), (name, platform) => {
        fc.pre(isSafeComponent(name, platform) && Buffer.byteLength(name) <= 255)
        expect(safeComponent(name, platform)).toBe(name)
      }),
    )
  })
})
