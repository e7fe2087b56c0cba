import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { COMPACT4_BYTES, COMPACT6_BYTES, formatCompact, splitCompact } from "../peers/compact.js"
import type { PeerStore, SwarmView } from "../peers/peer-store.js"
import {
  announceOf,
  compact,
  documentA,
  documentB,
  EXPIRY_SECONDS,
  MAX_PEERS,
  peer,
  peer6,
  type StoreUnderTest,
} from "./contract-peers.js"
import { testStatus } from "./status-contract.js"

export { EXPIRY_SECONDS, MAX_PEERS } from "./contract-peers.js"

function peersOf(view: SwarmView | undefined): string[] {
  if (view === undefined) throw new Error("the document is unknown")
  const all = [...splitCompact(view.peers4, COMPACT4_BYTES), ...splitCompact(view.peers6, COMPACT6_BYTES)]
  return all.map(formatCompact).sort()
}

let opened: StoreUnderTest
let store: PeerStore

/** What every PeerStore does. `open` makes a fresh, empty one; it is closed after each test. */
export function testPeerStore(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name} as a peer store`, () => {
    beforeEach(async () => {
      opened = await open()
      store = opened.store
    })
    afterEach(() => store.close())
    testPeersGiven()
    testForgetting()
    testCounts()
    testStatus(() => opened)
    testSamples()
    testStrangers()
    testItsLife()
  })
}

/** Peers in an answer. */
function testPeersGiven(): void {
  it("does not know a document that was not registered", async () => {
    expect(await store.announce(announceOf(peer(1)))).toBeUndefined()
    expect(await store.count(documentA)).toBeUndefined()
  })

  it("lists the peer that registered a document", async () => {
    await store.register(documentA, peer(1))
    expect(peersOf(await store.announce(announceOf(peer(2))))).toEqual(["10.0.0.1:7000"])
  })

  it("never lists the caller, and lists it once however often it announces", async () => {
    await store.register(documentA, peer(1))
    await store.announce(announceOf(peer(1)))
    expect(peersOf(await store.announce(announceOf(peer(1))))).toEqual([])
    expect(peersOf(await store.announce(announceOf(peer(2))))).toEqual(["10.0.0.1:7000"])
  })

  it("distinguishes two peers on one address", async () => {
    await store.register(documentA, compact("10.0.0.1", 1))
    expect(peersOf(await store.announce(announceOf(compact("10.0.0.1", 65_535))))).toEqual(["10.0.0.1:1"])
    expect(peersOf(await store.announce(announceOf(compact("10.0.0.1", 1))))).toEqual(["10.0.0.1:65535"])
  })

  it("lists IPv4 and IPv6 peers to both", async () => {
    await store.register(documentA, peer6(1))
    await store.announce(announceOf(peer(1)))
    expect(peersOf(await store.announce(announceOf(peer6(2))))).toEqual(["10.0.0.1:7000", "[2001:db8::1]:7000"])
  })

  it("keeps documents apart", async () => {
    await store.register(documentA, peer(1))
    await store.register(documentB, peer(2))
    expect(peersOf(await store.announce(announceOf(peer(3))))).toEqual(["10.0.0.1:7000"])
  })

  it("keeps the peers of a document that is registered again", async () => {
    await store.register(documentA, peer(1))
    await store.register(documentA, peer(2))
    expect(peersOf(await store.announce(announceOf(peer(3))))).toEqual(["10.0.0.1:7000", "10.0.0.2:7000"])
  })

  it("gives no peers to a caller that wants none", async () => {
    await store.register(documentA, peer(1))
    const view = await store.announce(announceOf(peer(2), { limit: 0 }))
    expect(peersOf(view)).toEqual([])
    expect(view).toMatchObject({ seeders: 1, leechers: 1 })
  })
}

/** What is forgotten, and when. */
function testForgetting(): void {
  it("removes a peer that stopped, at once, and gives it the others", async () => {
    await store.register(documentA, peer(1))
    await store.announce(announceOf(peer(2)))
    expect(peersOf(await store.announce(announceOf(peer(1), { event: "stopped" })))).toEqual(["10.0.0.2:7000"])
    expect(peersOf(await store.announce(announceOf(peer(2))))).toEqual([])
  })

  it("takes a stop of a peer it does not know", async () => {
    await store.register(documentA, peer(1))
    expect(peersOf(await store.announce(announceOf(peer(9), { event: "stopped" })))).toEqual(["10.0.0.1:7000"])
    expect(await store.count(documentA)).toMatchObject({ seeders: 1, leechers: 0 })
  })

  it("expires a peer that was not heard of, and keeps one that was", async () => {
    await store.register(documentA, peer(1))
    await store.announce(announceOf(peer(2)))
    await opened.passSeconds(EXPIRY_SECONDS - 10)
    expect(peersOf(await store.announce(announceOf(peer(2))))).toEqual(["10.0.0.1:7000"])
    await opened.passSeconds(20)
    expect(await store.count(documentA)).toMatchObject({ seeders: 0, leechers: 1 })
    expect(peersOf(await store.announce(announceOf(peer(3))))).toEqual(["10.0.0.2:7000"])
  })

  it("removes a document without use for 90 days, and keeps a used one [S12]", async () => {
    const day = 86_400
    await store.register(documentA, peer(1))
    await store.register(documentB, peer(1))
    await opened.passSeconds(60 * day)
    expect(peersOf(await store.announce(announceOf(peer(2), { hash: documentB })))).toEqual([])
    await opened.passSeconds(40 * day)
    expect(await store.announce(announceOf(peer(2)))).toBeUndefined()
    expect(peersOf(await store.announce(announceOf(peer(3), { hash: documentB })))).toEqual([])
    await store.register(documentA, peer(4))
    expect(peersOf(await store.announce(announceOf(peer(2))))).toEqual(["10.0.0.4:7000"])
  })

  it("keeps a document whose peers are long gone [hostile 44]", async () => {
    await store.register(documentA, peer(1))
    await opened.passSeconds(1_000_000)
    expect(peersOf(await store.announce(announceOf(peer(2))))).toEqual([])
  })
}

/** Seeders, leechers and completed downloads. */
function testCounts(): void {
  it("counts seeders and leechers as they announce themselves", async () => {
    await store.register(documentA, peer(1))
    expect(await store.announce(announceOf(peer(2), { left: 5 }))).toMatchObject({ seeders: 1, leechers: 1 })
    expect(await store.announce(announceOf(peer(2), { left: 0 }))).toMatchObject({ seeders: 2, leechers: 0 })
    expect(await store.announce(announceOf(peer(1), { left: 9 }))).toMatchObject({ seeders: 1, leechers: 1 })
    await store.announce(announceOf(peer(2), { event: "stopped" }))
    expect(await store.count(documentA)).toMatchObject({ seeders: 0, leechers: 1 })
  })

  it("counts completed downloads, a peer's once until it lacks something again [E14]", async () => {
    const completions = async () => (await store.count(documentA))?.completions
    await store.register(documentA, peer(1))
    await store.register(documentB, peer(1))
    await store.announce(announceOf(peer(2), { left: 5 }))
    await store.announce(announceOf(peer(2), { left: 5, event: "completed" }))
    expect(await completions()).toBe(0)
    for (let time = 0; time < 3; time++)
      await store.announce(announceOf(peer(2), { left: 0, event: "completed", limit: 0 }))
    // A seeder says that it is there.
    await store.announce(announceOf(peer(3), { left: 0, event: "started" }))
    await store.announce(announceOf(peer(4), { left: undefined, event: "completed" }))
    await store.announce(announceOf(peer(5), { left: 0, event: "completed", mayAdd: false }))
    expect(await completions()).toBe(2)
    await opened.passSeconds(EXPIRY_SECONDS + 1)
    await store.register(documentA, peer(1))
    await store.announce(announceOf(peer(2), { left: 5 }))
    await store.announce(announceOf(peer(2), { left: 0, event: "completed" }))
    expect(await completions()).toBe(3)
    expect(await store.count(documentB)).toMatchObject({ completions: 0 })
  })

  it("counts right when many announce at once", async () => {
    await store.register(documentA, peer(0))
    const many = Array.from({ length: 300 }, (_, number) =>
      store.announce(announceOf(peer(number), { left: number % 2 })),
    )
    await Promise.all(many)
    expect(await store.count(documentA)).toMatchObject({ seeders: 150, leechers: 150 })
  })
}

/** An answer of a large swarm has a sample of its peers. */
function testSamples(): void {
  it("gives all peers up to the limit, and a random sample beyond it, each peer once", async () => {
    await store.register(documentA, peer(0))
    for (let number = 1; number < 60; number++) await store.announce(announceOf(peer(number), { limit: 0 }))
    expect(new Set(peersOf(await store.announce(announceOf(peer(0), { limit: 59 })))).size).toBe(59)
    const seen = new Set<string>()
    for (let round = 0; round < 100; round++) {
      const sample = peersOf(await store.announce(announceOf(peer(0), { limit: 10 })))
      expect(new Set(sample).size).toBe(10)
      for (const address of sample) seen.add(address)
    }
    // 59 peers, each missed 100 times with a chance of (49/59)^100 < 1e-8.
    expect(seen.size).toBe(59)
    expect(seen).not.toContain("10.0.0.0:7000")
  })

  it("keeps the limit over both address families, and lets none starve", async () => {
    await store.register(documentA, peer(0))
    for (let number = 1; number < 40; number++) await store.announce(announceOf(peer(number), { limit: 0 }))
    for (let number = 1; number < 5; number++) await store.announce(announceOf(peer6(number), { limit: 0 }))
    let seen6 = 0
    for (let round = 0; round < 200; round++) {
      const sample = peersOf(await store.announce(announceOf(peer(0), { limit: 4 })))
      expect(sample.length).toBeLessThanOrEqual(4)
      expect(sample.length).toBeGreaterThanOrEqual(3)
      seen6 += sample.filter((address) => address.startsWith("[")).length
    }
    expect(seen6).toBeGreaterThan(0)
  })
}

/** Callers that are not added. */
function testStrangers(): void {
  it("says whether it knew the caller", async () => {
    await store.register(documentA, peer(1))
    expect(await store.announce(announceOf(peer(1)))).toMatchObject({ caller: "known" })
    expect(await store.announce(announceOf(peer(2)))).toMatchObject({ caller: "added" })
    expect(await store.announce(announceOf(peer(2), { left: 0 }))).toMatchObject({ caller: "known" })
    expect(await store.announce(announceOf(peer(3), { event: "stopped" }))).toMatchObject({ caller: "known" })
  })

  it("refuses a stranger that may not be added, and serves a peer it knows", async () => {
    await store.register(documentA, peer(1))
    const refused = { caller: "refused", seeders: 1, leechers: 0 }
    const view = await store.announce(announceOf(peer(2), { mayAdd: false }))
    expect(view).toMatchObject(refused)
    expect(peersOf(view)).toEqual([])
    expect(await store.announce(announceOf(peer(1), { mayAdd: false }))).toMatchObject({ caller: "known" })
    expect(await store.announce(announceOf(peer(1), { mayAdd: false, event: "stopped" }))).toMatchObject({
      caller: "known",
    })
  })

  it("takes no more peers than a document may have, until one leaves [hostile 42]", async () => {
    await store.register(documentA, peer(0))
    const fill = Array.from({ length: MAX_PEERS - 1 }, (_, number) =>
      store.announce(announceOf(peer(number + 1), { limit: 0 })),
    )
    await Promise.all(fill)
    expect(await store.announce(announceOf(peer(9_999)))).toMatchObject({
      caller: "refused",
      leechers: MAX_PEERS - 1,
    })
    await store.register(documentA, peer(9_999))
    expect(await store.count(documentA)).toMatchObject({ seeders: 1, leechers: MAX_PEERS - 1 })
    await store.announce(announceOf(peer(0), { event: "stopped" }))
    expect(await store.announce(announceOf(peer(9_999)))).toMatchObject({ caller: "added" })
  })
}

/** The store itself. */
function testItsLife(): void {
  it("takes what is written to it [S15]", async () => {
    expect(await store.probe()).toBeUndefined()
    expect(await store.probe()).toBeUndefined()
  })

  it("may be closed twice", async () => {
    await store.close()
    await store.close()
  })
}
