import { describe, expect, it } from "vitest"
import { seededRandom } from "../../core/testing/seeded-random.js"
import { splitCompact } from "./compact.js"
import { NEWS, PeerTable } from "./peer-table.js"

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
        expect(table.put(bytes, second, seeder), `seed ${seed}`).toBe(before?.seeder === seeder ? before.second : NEWS)
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
    for (let number = 0; number < 90; number++) table.put(peer(number), 0, false)
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

  it("gives its memory back when its peers are gone [hostile 42]", () => {
    const table = new PeerTable(peerBytes)
    for (let number = 0; number < 10_000; number++) table.put(peer(number), number < 9_990 ? 0 : 5, false)
    const fullBytes = table.memoryBytes
    expect(fullBytes / 10_000).toBeLessThan(peerBytes === 6 ? 41 : 62)
    table.sweep(5)
    expect(table.size).toBe(10)
    expect(table.memoryBytes).toBeLessThan(fullBytes / 100)
  })
})
