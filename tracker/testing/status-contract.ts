import { beforeEach, expect, it } from "vitest"
import { formatCompact } from "../peers/compact.js"
import type { PeerStore } from "../peers/peer-store.js"
import {
  announceOf,
  compact,
  documentA,
  documentB,
  EXPIRY_SECONDS,
  peer,
  peer6,
  type StoreUnderTest,
} from "./contract-peers.js"

let opened: StoreUnderTest
let store: PeerStore

/** The status as texts: sums, then each machine. */
async function statusLines(limit = 50, hash = documentA): Promise<readonly string[]> {
  const status = await store.status(hash, limit)
  if (status === undefined) throw new Error("the document is unknown")
  const { complete, downloading, silent, machines } = status
  return [
    `${complete} ${downloading} ${silent}`,
    ...machines.map(({ peer, state, left, bytesPerSecond }) =>
      [formatCompact(peer).replace(":7000", ""), state, left ?? "?", `${Math.round(bytesPerSecond / 1e9)} GB/s`].join(
        " ",
      ),
    ),
  ]
}

/** How far each peer is. `underTest`: the store of the test that runs. */
export function testStatus(underTest: () => StoreUnderTest): void {
  beforeEach(() => {
    opened = underTest()
    store = opened.store
  })
  testMachines()
  testGone()
  testOtherPorts()
}

function testMachines(): void {
  it("tells the bytes left and the rate of each peer, unfinished ones first", async () => {
    await store.register(documentA, peer(1))
    await store.announce(announceOf(peer(2), { left: 2 ** 40 }))
    await store.announce(announceOf(peer6(3), { left: 7 }))
    await store.announce(announceOf(peer(4), { left: undefined }))
    await opened.passSeconds(10)
    await store.announce(announceOf(peer(2), { left: 2 ** 40 - 12_345_678_900 }))
    await store.announce(announceOf(peer6(3), { left: 8 }))
    expect(await statusLines()).toEqual([
      "1 3 0",
      "10.0.0.2 downloading 1087165948876 1 GB/s",
      "[2001:db8::3] downloading 8 0 GB/s",
      "10.0.0.4 downloading ? 0 GB/s",
      "10.0.0.1 complete 0 0 GB/s",
    ])
    expect((await store.status(documentA, 50))?.machines.map(({ heardSecondsAgo }) => heardSecondsAgo)).toEqual([
      expect.closeTo(0, -1),
      expect.closeTo(0, -1),
      expect.closeTo(10, -1),
      expect.closeTo(10, -1),
    ])
    expect(await store.status(documentB, 50)).toBeUndefined()
  })

  it("is bounded: those that lack most, and the sums of all", async () => {
    await store.register(documentA, peer(0))
    for (let number = 1; number <= 20; number++)
      await store.announce(announceOf(number % 2 ? peer(number) : peer6(number), { left: number % 10 }))
    const lefts = async (limit: number) => (await store.status(documentA, limit))?.machines.map(({ left }) => left)
    expect(await lefts(5)).toEqual([9, 9, 8, 8, 7])
    expect(await lefts(20)).toHaveLength(20)
    expect(await statusLines(0)).toEqual(["3 18 0"])
  })
}

/** Peers that left, and those that are silent. */
function testGone(): void {
  it("counts a peer that left with what it had, once, until it is back", async () => {
    await store.register(documentA, peer(1))
    await store.announce(announceOf(peer(2), { left: 5 }))
    await store.announce(announceOf(peer(3), { left: 5 }))
    await store.announce(announceOf(peer(2), { left: 0, event: "completed" }))
    for (const number of [1, 2, 3, 9])
      await store.announce(announceOf(peer(number), { left: undefined, event: "stopped" }))
    expect(await statusLines()).toEqual([
      "2 0 1",
      "10.0.0.3 silent 5 0 GB/s",
      "10.0.0.1 complete 0 0 GB/s",
      "10.0.0.2 complete 0 0 GB/s",
    ])
    await store.announce(announceOf(peer(3), { left: 4 }))
    await store.announce(announceOf(peer(2), { left: 0 }))
    await store.announce(announceOf(peer(1), { left: 3 }))
    expect((await statusLines())[0]).toBe("1 2 0")
    await store.register(documentA, peer(1))
    expect((await statusLines())[0]).toBe("2 1 0")
  })

  it("calls a peer silent that lacks something after two intervals, and forgets those that left after a day", async () => {
    await store.register(documentA, peer(1))
    await store.announce(announceOf(peer(2), { left: 5 }))
    await opened.passSeconds((EXPIRY_SECONDS * 2) / 3 + 5)
    await store.announce(announceOf(peer(3), { left: 5 }))
    expect((await statusLines())[0]).toBe("1 1 1")
    await opened.passSeconds(EXPIRY_SECONDS)
    expect((await statusLines())[0]).toBe("1 0 2")
    expect(await store.count(documentA)).toMatchObject({ seeders: 0, leechers: 1 })
    await opened.passSeconds(86_400 + EXPIRY_SECONDS)
    expect(await statusLines()).toEqual(["0 0 0"])
  })
}

/** Clients that listen on any free port. */
function testOtherPorts(): void {
  it("counts a peer once that comes back under another port, as complete or unfinished as it left", async () => {
    const at = (port: number) => compact("10.0.0.7", port)
    const leave = (port: number, left: number) => store.announce(announceOf(at(port), { left, event: "stopped" }))
    await store.register(documentA, at(1))
    await store.announce(announceOf(at(2), { left: 0 }))
    await store.announce(announceOf(at(3), { left: 5 }))
    for (const [port, left] of [
      [1, 0],
      [2, 0],
      [3, 4],
    ] as const)
      await leave(port, left)
    expect((await statusLines(0))[0]).toBe("2 0 1")
    await store.register(documentA, at(11))
    expect((await statusLines(0))[0]).toBe("2 0 1")
    await store.announce(announceOf(at(12), { left: 0 }))
    await store.announce(announceOf(at(13), { left: 4 }))
    expect(await statusLines()).toEqual([
      "2 1 0",
      "10.0.0.7:13 downloading 4 0 GB/s",
      "10.0.0.7:11 complete 0 0 GB/s",
      "10.0.0.7:12 complete 0 0 GB/s",
    ])
    // A download that begins is none that was complete.
    await leave(11, 0)
    await store.announce(announceOf(at(14), { left: 9 }))
    await store.announce(announceOf(at(14), { left: 0, event: "completed" }))
    expect((await statusLines(0))[0]).toBe("3 1 0")
  })
}
