import { randomBytes } from "node:crypto"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { seededRandom } from "../testing/seeded-random.js"
import { Bitfield } from "../torrent/bitfield.js"
import type { FileStamp } from "./file-stamp.js"
import {
  decodeRecord,
  encodeRecord,
  encodeSlot,
  type RecordBinding,
  recordLayout,
  slotOffset,
  slotsWithout,
} from "./resume-layout.js"

const PART_COUNT = 50
const layout = recordLayout(PART_COUNT)
const binding = { infoHash: randomBytes(20), partCount: PART_COUNT }
const stamp: FileStamp = {
  sizeBytes: 2n ** 53n - 1n,
  mtimeNs: 1_764_000_000_123_456_789n,
  ctimeNs: 1_764_000_000_123_456_790n,
  birthtimeNs: -1n,
  inode: 2n ** 63n + 5n,
}

function bitsOf(...indices: number[]): Bitfield {
  const bits = new Bitfield(PART_COUNT)
  for (const index of indices) bits.add(index)
  return bits
}

/** What a download does to its record: marks, then checkpoints in turn. */
function recordAfter(...checkpoints: Bitfield[]): Uint8Array {
  const bytes = encodeRecord(binding, new Bitfield(PART_COUNT), stamp)
  checkpoints.forEach((have, index) => {
    for (let part = 0; part < PART_COUNT; part++) if (have.has(part)) bytes[layout.marksOffset + part] = 0xff
    const checkpoint = { sequence: index + 1, have, stamp }
    bytes.set(encodeSlot(binding, checkpoint), slotOffset(layout, index + 1))
  })
  return bytes
}

function decoded(bytes: Uint8Array, of = binding) {
  const record = decodeRecord(bytes, of)
  return record.ok ? { have: record.checkpoint.have, marked: record.marked } : { reason: record.reason }
}

describe("a resume record", () => {
  it("returns the newest checkpoint, and the other parts that may be on disk", () => {
    const bytes = recordAfter(bitsOf(1), bitsOf(1, 2), bitsOf(1, 2, 49))
    bytes[layout.marksOffset + 7] = 1
    const record = decodeRecord(bytes, binding)
    if (!record.ok) throw new Error(record.reason)
    expect(record.checkpoint).toEqual({ sequence: 3, have: bitsOf(1, 2, 49), stamp })
    expect([1, 2, 7, 49].every(record.marked)).toBe(true)
    expect([0, 3, 48].some(record.marked)).toBe(false)
  })

  it("of a document without parts is one like any other", () => {
    const empty = { ...binding, partCount: 0 }
    expect(decodeRecord(encodeRecord(empty, new Bitfield(0), stamp), empty).ok).toBe(true)
  })

  it("is not believed when it is cut at any byte, or too long [hostile 15]", () => {
    const bytes = recordAfter(bitsOf(1), bitsOf(1, 2))
    for (let length = 0; length < bytes.length; length++)
      expect(decoded(bytes.subarray(0, length)).reason).toMatch(length < 8 ? /is none/ : /cut short|instead of/)
    expect(decoded(Buffer.concat([bytes, Buffer.alloc(1)])).reason).toMatch(/instead of/)
  })

  it("claims no part falsely with any bit flipped, and forgets no mark [hostile 15]", () => {
    const newest = bitsOf(1, 2, 30)
    const bytes = recordAfter(bitsOf(1), newest)
    // The last two checkpoints: when one is damaged, the other one, which is older, is true as well.
    const wrong: number[] = []
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      flip(bytes, bit)
      const { have, marked } = decoded(bytes)
      const trueClaim = have && [1, 3].includes(have.count) && have.has(1) && [1, 2, 30].every(marked)
      if (have && !trueClaim) wrong.push(bit)
      flip(bytes, bit)
    }
    expect(wrong).toEqual([])
    expect(decoded(bytes).have).toEqual(newest)
  })

  it("survives a checkpoint that is torn anywhere [hostile 14]", () => {
    const before = recordAfter(bitsOf(1), bitsOf(1, 2))
    const slot = encodeSlot(binding, { sequence: 3, have: bitsOf(1, 2, 3), stamp })
    for (let length = 0; length <= slot.length; length++) {
      const torn = before.slice()
      torn.set(slot.subarray(0, length), slotOffset(layout, 3))
      const record = decoded(torn)
      expect(record.have).toEqual(length === slot.length ? bitsOf(1, 2, 3) : bitsOf(1, 2))
    }
  })

  it("claims synced parts only, whatever of the writes since the last sync reached the disk [hostile 14]", () => {
    const seed = Math.trunc(Math.random() * 2 ** 32)
    const random = seededRandom(seed)
    for (let run = 0; run < 300; run++) {
      let onDisk = encodeRecord(binding, new Bitfield(PART_COUNT), stamp)
      const synced = new Bitfield(PART_COUNT)
      for (let sequence = 1; sequence < 10; sequence++) {
        const part = Math.trunc(random() * PART_COUNT)
        synced.add(part)
        const slot = encodeSlot(binding, { sequence, have: synced, stamp })
        const at = slotOffset(layout, sequence)
        const written = onDisk.slice()
        written.set(slot, at)
        written[layout.marksOffset + part] = 1
        // The power goes: of the bytes written since the last sync each one reached the disk, or did not.
        const crashed = onDisk.map((byte, index) => (random() < 0.5 ? (written[index] ?? byte) : byte))
        const { have } = decoded(crashed)
        expect(have, `seed ${seed}`).toBeDefined()
        for (let index = 0; index < PART_COUNT; index++)
          if (have?.has(index)) expect(synced.has(index), `seed ${seed}`).toBe(true)
        onDisk = written
      }
    }
  })

  it.each<[string, Partial<RecordBinding>, RegExp]>([
    ["of another document", { infoHash: randomBytes(20) }, /another document/],
    ["of another number of parts", { partCount: PART_COUNT - 1 }, /damaged/],
  ])("is not believed when it is %s [hostile 15]", (_, change, reason) => {
    expect(
      decoded(encodeRecord({ ...binding, ...change }, new Bitfield(change.partCount ?? PART_COUNT), stamp)).reason,
    ).toMatch(reason)
  })

  it("of a newer version is not believed, and says so [hostile 15]", () => {
    const bytes = recordAfter(bitsOf(1))
    bytes[11] = 3
    expect(decoded(bytes).reason).toMatch(/newer version \(3\)/)
  })

  it("has the mark of every part that it begins with, so that none is lost when the stamp differs [A4]", () => {
    const record = decodeRecord(encodeRecord(binding, bitsOf(3, 49), stamp), binding)
    expect(record.ok && [3, 49].every(record.marked)).toBe(true)
    expect(record.ok && record.marked(4)).toBe(false)
  })

  it("claims a part no more that was taken out of its slots, whichever of them counts [A16]", () => {
    const bytes = recordAfter(bitsOf(1, 2), bitsOf(1, 2, 3))
    bytes.set(slotsWithout([2], bytes, binding), layout.slotOffsets[0])
    expect(decoded(bytes).have).toEqual(bitsOf(1, 3))
    flip(bytes, 8 * slotOffset(layout, 2))
    expect(decoded(bytes).have).toEqual(bitsOf(1))
  })

  it("does not take a slot of another record for its own", () => {
    const bytes = recordAfter(bitsOf(1))
    const other = { ...binding, infoHash: randomBytes(20) }
    bytes.set(encodeSlot(other, { sequence: 8, have: bitsOf(5), stamp }), slotOffset(layout, 8))
    expect(decoded(bytes).have).toEqual(bitsOf(1))
  })

  it("may hold any bytes [hostile 15]", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: layout.totalBytes }), fc.boolean(), (noise, keepHeader) => {
        const bytes = recordAfter(bitsOf(1))
        bytes.set(noise, keepHeader ? Math.min(64, bytes.length - noise.length) : 0)
        decodeRecord(bytes, binding)
        decodeRecord(noise, binding)
      }),
    )
  })
})

function flip(bytes: Uint8Array, bit: number): void {
  bytes[bit >>> 3] = (bytes[bit >>> 3] ?? 0) ^ (1 << (bit & 7))
}
