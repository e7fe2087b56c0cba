import { describe, expect, it } from "vitest"
import { AnnounceBatch, type LoggedAnnounce, readBatch, writerOf } from "./announce-log.js"
import { encodeCompact } from "./compact.js"

const entries: LoggedAnnounce[] = (["seeder", "leecher", "stopped"] as const).flatMap((state, number) =>
  ["10.0.0.1", "2001:db8::1"].map((host) => ({
    hash: `0b7d3c52-5a3e-4e6a-9c1f-00000000000${number}`,
    peer: encodeCompact(host, 7_000 + number) ?? new Uint8Array(),
    state,
  })),
)

function batchOf(capacityBytes = 10_000): AnnounceBatch {
  const batch = new AnnounceBatch(0xfedcba98, capacityBytes)
  for (const entry of entries) batch.append(entry)
  return batch
}

const plain = (list: Iterable<LoggedAnnounce>) => [...list].map((entry) => ({ ...entry, peer: [...entry.peer] }))

describe("a batch of announces", () => {
  it("comes back as it went in", () => {
    const bytes = batchOf().bytes()
    expect(plain(readBatch(bytes))).toEqual(plain(entries))
    expect(writerOf(bytes)).toBe(0xfedcba98)
  })

  it("reads whole entries only, wherever it is cut", () => {
    const bytes = batchOf().bytes()
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
    expect([...readBatch(batch.bytes())].length).toBeLessThan(entries.length)
    batch.clear()
    expect(batch.isEmpty).toBe(true)
    expect([...readBatch(batch.bytes())]).toEqual([])
  })
})
