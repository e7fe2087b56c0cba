import { describe, expect, it } from "vitest"
import { encodeCompact } from "../peers/compact.js"
import { UNKNOWN_LEFT } from "../peers/table-record.js"
import { AnnounceBatches, type LoggedAnnounce, readBatch, writerOf } from "./announce-log.js"

const entries: LoggedAnnounce[] = (["here", "stopped", "gone"] as const).flatMap((what, number) =>
  ["10.0.0.1", "2001:db8::1"].flatMap((host) =>
    [0, 1, 2 ** 48 - 1, UNKNOWN_LEFT].map((left) => ({
      hash: `0b7d3c52-5a3e-4e6a-9c1f-00000000000${number}`,
      peer: encodeCompact(host, 7_000 + number) ?? new Uint8Array(),
      left,
      what,
    })),
  ),
)

/** The first layout: uuid, flags (bit 0 IPv6, bit 1 seeder, bit 2 stopped), peer. */
function firstLayout(): Buffer {
  const uuid = Buffer.from("0b7d3c525a3e4e6a9c1f000000000000", "hex")
  const [peer4, peer6] = [encodeCompact("10.0.0.1", 7_000), encodeCompact("2001:db8::1", 7_000)]
  const entry = (flags: number) => Buffer.concat([uuid, Buffer.of(flags), (flags & 1 ? peer6 : peer4) ?? uuid])
  return Buffer.concat([Buffer.alloc(4), ...[0, 1, 2, 3, 4, 5].map(entry)])
}

function batchOf(capacityBytes = 10_000): AnnounceBatches {
  const batch = new AnnounceBatches(0xfedcba98, capacityBytes)
  for (const entry of entries) batch.append(entry)
  return batch
}

const bytesOf = (batches: AnnounceBatches) => batches.all()[0] ?? Buffer.alloc(0)

const plain = (list: Iterable<LoggedAnnounce>) => [...list].map((entry) => ({ ...entry, peer: [...entry.peer] }))

describe("a batch of announces", () => {
  it("comes back as it went in", () => {
    const bytes = bytesOf(batchOf())
    expect(plain(readBatch(bytes))).toEqual(plain(entries))
    expect(writerOf(bytes)).toBe(0xfedcba98)
  })

  it("is read as trackers wrote it before they kept the bytes left", () => {
    const read = [...readBatch(firstLayout())].map(({ peer, left, what }) => [peer.length, left, what])
    expect(read).toEqual([
      [6, UNKNOWN_LEFT, "here"],
      [18, UNKNOWN_LEFT, "here"],
      [6, 0, "here"],
      [18, 0, "here"],
      [6, UNKNOWN_LEFT, "stopped"],
      [18, UNKNOWN_LEFT, "stopped"],
    ])
  })

  it("reads whole entries only, wherever it is cut", () => {
    const bytes = bytesOf(batchOf())
    let before = 0
    for (let length = 0; length <= bytes.length; length++) {
      const read = plain(readBatch(bytes.subarray(0, length)))
      expect(read).toEqual(plain(entries).slice(0, read.length))
      expect(read.length).toBeGreaterThanOrEqual(before)
      before = read.length
    }
    expect(before).toBe(entries.length)
    expect(writerOf(bytes.subarray(0, 3))).toBeUndefined()
  })

  it("drops what does not fit, and takes new ones once it is cleared", () => {
    const batch = batchOf(100)
    expect([...readBatch(bytesOf(batch))].length).toBeLessThan(entries.length)
    batch.clear()
    expect(batch.isEmpty).toBe(true)
    expect(batch.all()).toEqual([])
    for (const entry of entries.slice(0, 1)) batch.append(entry)
    expect(plain(readBatch(bytesOf(batch)))).toEqual(plain(entries.slice(0, 1)))
  })

  it("is cut into several of at most 64 KiB, each of whole entries [S4]", () => {
    const batches = batchOf(300_000)
    for (let round = 1; round < 300; round++) for (const entry of entries) batches.append(entry)
    const all = batches.all()
    expect(all.length).toBe(4)
    for (const bytes of all) {
      expect(bytes.length).toBeLessThanOrEqual(65_536)
      expect(writerOf(bytes)).toBe(0xfedcba98)
    }
    const read = all.flatMap((bytes) => plain(readBatch(bytes)))
    expect(read).toEqual(Array.from({ length: 300 }, () => plain(entries)).flat())
  })
})
