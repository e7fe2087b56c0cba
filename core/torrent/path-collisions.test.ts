import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { findPathCollision } from "./path-collisions.js"

const path = fc.array(fc.constantFrom("a", "b", "a b", "a!", "é", "e\u0301"), { minLength: 1, maxLength: 3 })
const paths = fc.array(
  path.map((names) => names.join("/")),
  { maxLength: 12 },
)

/** Every pair, one by one. */
function collides(one: string, other: string): boolean {
  const [a, b] = [one.normalize("NFC"), other.normalize("NFC")]
  return a === b || b.startsWith(`${a}/`) || a.startsWith(`${b}/`)
}

describe("paths of one folder", () => {
  it("collide exactly when two of them are one, or one is a folder of another [G2]", () => {
    fc.assert(
      fc.property(paths, (given) => {
        const pairs = given.flatMap((one, index) => given.slice(index + 1).map((other) => [one, other] as const))
        const found = findPathCollision(given)
        expect(found !== undefined).toBe(pairs.some(([one, other]) => collides(one, other)))
        if (found !== undefined) expect(collides(...found.paths)).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })

  it("are named as they were given, those that differ in Unicode normalisation only too [G2]", () => {
    const found = findPathCollision(["x", "caf\u00e9", "y", "cafe\u0301"])
    expect(found).toEqual({ kind: "same", paths: ["caf\u00e9", "cafe\u0301"] })
    const inside = findPathCollision(["b/c/d", "b!", "b/c"])
    expect(inside).toEqual({ kind: "file_and_folder", paths: ["b/c", "b/c/d"] })
  })
})
