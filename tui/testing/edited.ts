import fc from "fast-check"
import type { Random } from "../../core/base/clock.js"
import { anyEdits, applyEdits } from "../../core/testing/edits.js"

/** A valid input with a few changes, of the kinds that the property tests make. */
export function edited(bytes: Uint8Array, random: Random): Uint8Array {
  const [edits = []] = fc.sample(anyEdits, { seed: Math.floor(random() * 2 ** 31), numRuns: 1 })
  return applyEdits(bytes, edits)
}
