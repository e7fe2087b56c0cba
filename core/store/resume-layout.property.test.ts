import fc from "fast-check"
import { expect, it } from "vitest"
import { corpus } from "../testing/corpus.js"
import { anyEdits, applyEdits } from "../testing/edits.js"
import { Bitfield } from "../torrent/bitfield.js"
import { decodeRecord, encodeRecord, encodeSlot, recordLayout, slotOffset } from "./resume-layout.js"

const PART_COUNT = 70
const layout = recordLayout(PART_COUNT)
const binding = { infoHash: new Uint8Array(20).fill(7), partCount: PART_COUNT }
const stamp = { sizeBytes: 70n, mtimeNs: 1n, ctimeNs: 2n, birthtimeNs: 3n, inode: 2n ** 40n }

const parts = fc.uniqueArray(fc.nat({ max: PART_COUNT - 1 })).map((indices) => {
  const have = new Bitfield(PART_COUNT)
  for (const index of indices) have.add(index)
  return have
})
const checkpoints = fc.array(parts, { minLength: 1, maxLength: 5 })

/** The record of a download that came to these checkpoints, one after the other. */
function recordOf(haves: readonly Bitfield[]): Uint8Array {
  const bytes = encodeRecord(binding, haves[0] ?? new Bitfield(PART_COUNT), stamp)
  for (const [sequence, have] of haves.entries())
    bytes.set(encodeSlot(binding, { sequence, have, stamp }), slotOffset(layout, sequence))
  return bytes
}

it("a damaged record says one of the two newest checkpoints or nothing, never anything else [hostile 15]", () => {
  fc.assert(
    fc.property(checkpoints, anyEdits, (haves, edits) => {
      const decoded = decodeRecord(applyEdits(recordOf(haves), edits), binding)
      if (decoded.ok) expect(haves.slice(-2)).toContainEqual(decoded.checkpoint.have)
      else expect(decoded.reason).not.toBe("")
    }),
    { numRuns: 500 },
  )
})

it("a record that was never damaged says its newest checkpoint", () => {
  fc.assert(
    fc.property(checkpoints, (haves) => {
      const decoded = decodeRecord(recordOf(haves), binding)
      expect(decoded.ok && decoded.checkpoint.have).toEqual(haves.at(-1))
    }),
  )
})

it.each(corpus("resume-records").map((bytes, index) => [index, bytes] as const))(
  "finding %i of the corpus proves nothing",
  (_, bytes) => {
    expect(decodeRecord(bytes, binding).ok).toBe(false)
  },
)
