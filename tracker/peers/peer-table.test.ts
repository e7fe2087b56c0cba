import { describe, expect, it } from "vitest"
import { seededRandom } from "../../core/testing/seeded-random.js"
import { splitCompact } from "./compact.js"
import { NEWS, PeerTable } from "./peer-table.js"
import { UNKNOWN_LEFT } from "./table-record.js"

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex")

function listing(table: PeerTable, limit = table.size): string[] {
  const out = new Uint8Array(table.peerBytes * limit)
  const written = table.sample(out, 0, limit, undefined, Math.random)
  return splitCompact(out.subarray(0, written), table.peerBytes).map(hex)
}

describe.each([6, 18] as const)("a table of %i-byte peers", (peerBytes) => {
  const peer = (number: number) => {
    const bytes = new Uint8Array(peerBytes).fill(0xff)
    new DataView(bytes.buffer).setUint32(peerBytes - 6, number)
    return bytes
  }

  it("agrees with a plain map through any sequence of puts, removes and sweeps", () => {
    const seed = 7
    const random = seededRandom(seed)
    const table = new PeerTable(peerBytes)
    const model = new Map<string, { second: number; seeder: boolean }>()
    for (let second = 0; second < 8_000; second++) {
      const bytes = peer(Math.floor(random() * 400))
      const seeder = random() < 0.5
      const dice = random()
      if (dice < 0.6) {
        const before = model.get(hex(bytes))
        expect(table.put(bytes, second, seeder ? 0 : 5), `seed ${seed}`).toBe(
          before?.seeder === seeder ? before.second : NEWS,
        )
        model.set(hex(bytes), { second, seeder })
      } else if (dice < 0.99) expect(table.remove(bytes), `seed ${seed}`).toBe(model.delete(hex(bytes)))
      else {
        const before = second - Math.floor(random() * 500)
        const expired = [...model].filter(([, state]) => state.second < before)
        expect(table.sweep(before), `seed ${seed}`).toBe(expired.length)
        for (const [key] of expired) model.delete(key)
      }
      expect(table.size, `seed ${seed}`).toBe(model.size)
      expect(table.has(bytes), `seed ${seed}`).toBe(model.has(hex(bytes)))
    }
    expect(listing(table).sort()).toEqual([...model.keys()].sort())
    expect(table.seeders).toBe([...model.values()].filter((state) => state.seeder).length)
  })

  it("samples every peer about as often as any other", () => {
    const random = seededRandom(3)
    const table = new PeerTable(peerBytes)
    for (let number = 0; number < 90; number++) table.put(peer(number), 0, 1)
    const counts = new Map<string, number>()
    const out = new Uint8Array(9 * peerBytes)
    for (let round = 0; round < 10_000; round++) {
      expect(table.sample(out, 0, 9, peer(0), random)).toBe(out.length)
      for (const bytes of splitCompact(out, peerBytes)) counts.set(hex(bytes), (counts.get(hex(bytes)) ?? 0) + 1)
    }
    expect(counts.has(hex(peer(0)))).toBe(false)
    expect(counts.size).toBe(89)
    // Expected 1,011 each; six standard deviations are about 190.
    for (const count of counts.values()) expect(Math.abs(count - 90_000 / 89)).toBeLessThan(190)
  })

  it("holds 100,000 peers in less than 15 MiB, also while it grows", () => {
    const table = new PeerTable(peerBytes)
    let before = 0
    let most = 0
    for (let number = 0; number < 100_000; number++) {
      table.put(peer(number), 1, number * 10)
      const now = table.memoryBytes
      if (now !== before) most = Math.max(most, before + now)
      before = now
    }
    expect(most).toBeLessThan(15 * 1024 * 1024)
    expect(before / 100_000).toBeLessThan(peerBytes === 6 ? 42 : 58)
  })

  it("keeps the bytes left to the byte, and the rate between two announces", () => {
    const table = new PeerTable(peerBytes)
    const lefts = [0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 7, Number.MAX_SAFE_INTEGER, UNKNOWN_LEFT]
    for (const [number, left] of lefts.entries()) table.put(peer(number), 10, left)
    expect([...table.lefts()]).toEqual(lefts)
    const rateOf = (second: number, left: number) => {
      table.put(peer(5), second, left)
      return table.find(peer(5))?.bytesPerSecond
    }
    expect(table.find(peer(5))).toEqual({ peer: peer(5), second: 10, left: 2 ** 40 + 7, bytesPerSecond: 0 })
    expect(rateOf(20, 2 ** 40 + 7 - 5_000_000_000)).toBe(500_000_000)
    expect(rateOf(20, 9)).toBe(500_000_000)
    expect(rateOf(21, 9)).toBe(0)
    expect(rateOf(22, 50)).toBe(0)
    expect(rateOf(23, UNKNOWN_LEFT)).toBe(0)
    expect(table.find(peer(99))).toBeUndefined()
  })

  it("gives its memory back when its peers are gone [hostile 42]", () => {
    const table = new PeerTable(peerBytes)
    for (let number = 0; number < 10_000; number++) table.put(peer(number), number < 9_990 ? 0 : 5, 1)
    const fullBytes = table.memoryBytes
    expect(fullBytes / 10_000).toBeLessThan(peerBytes === 6 ? 61 : 81)
    table.sweep(5)
    expect(table.size).toBe(10)
    expect(table.memoryBytes).toBeLessThan(fullBytes / 100)
  })
})
