import { stat } from "node:fs/promises"
import { join } from "node:path"
import { open as openRoot } from "lmdb"
import pino from "pino"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { FakeClock } from "../../core/testing/fake-clock.js"
import { inTemporaryFolder } from "../../core/testing/temporary-folder.js"
import { type CompactPeer, encodeCompact } from "../peers/compact.js"
import { readBatch } from "./announce-log.js"
import { LmdbStore } from "./lmdb-store.js"
import { openTables } from "./lmdb-tables.js"

/** Three intervals of 30 s. */
const EXPIRY_SECONDS = 90
const HASH = "0b7d3c52-5a3e-4e6a-9c1f-3f0c8a3b9d11"

let folder: string
let clock: FakeClock
const opened: LmdbStore[] = []
inTemporaryFolder((path) => {
  folder = path
})

beforeEach(async () => {
  clock = new FakeClock(60_000)
})
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
})

async function open(more: { maxLogBytes?: number; maxPeersPerDocument?: number } = {}): Promise<LmdbStore> {
  const log = pino({ level: "silent" })
  const store = await LmdbStore.open({ folder, log, clock, expirySeconds: EXPIRY_SECONDS, isChecked: true, ...more })
  opened.push(store)
  return store
}

const path = () => join(folder, "tracker-1.lmdb")
const peerOf = (number: number): CompactPeer =>
  encodeCompact(`10.0.${number >> 8}.${number & 255}`, 7_000) ?? new Uint8Array()
const announce = (store: LmdbStore, number: number, left = 0, event?: "stopped") =>
  store.announce({ hash: HASH, peer: peerOf(number), left, event, limit: 0, mayAdd: true })

/** States of a peer in the file, oldest first, while the store is open. */
async function logged(number: number): Promise<string[]> {
  const root = openRoot({ path: path(), noSubdir: true, maxDbs: 4, readOnly: true })
  const entries = [...openTables(root).batches.getRange({})].flatMap(({ value }) => [...readBatch(value)])
  await root.close()
  return entries.flatMap(({ peer, left, what }) =>
    Buffer.compare(peer, peerOf(number)) === 0 ? [what === "here" ? `left ${left}` : what] : [],
  )
}

describe("what a caller repeats", () => {
  it("is written once in half an interval, and whatever changes at once [S4]", async () => {
    const store = await open()
    await store.register(HASH, peerOf(0))
    // Half an interval is 15 s, and 60 s is the beginning of one.
    for (let second = 0; second < 29; second++) {
      for (let time = 0; time < 100; time++) await announce(store, 1)
      store.exchange()
      clock.advance(1_000)
    }
    expect(await logged(1)).toEqual(["left 0", "left 0"])
    await announce(store, 1, 5)
    await announce(store, 1, 5)
    await announce(store, 1, 5, "stopped")
    await announce(store, 1, 5, "stopped")
    store.exchange()
    expect(await logged(1)).toEqual(["left 0", "left 0", "left 5", "stopped"])
  })

  it("is not written when the caller is refused [S4]", async () => {
    const store = await open({ maxPeersPerDocument: 1 })
    await store.register(HASH, peerOf(0))
    expect(await announce(store, 1)).toMatchObject({ caller: "refused" })
    store.exchange()
    expect(await logged(1)).toEqual([])
  })

  it("keeps a peer that announces every interval alive in the memory of another process [S4]", async () => {
    const [one, other] = [await open(), await open()]
    await one.register(HASH, peerOf(0))
    await announce(one, 1)
    for (let round = 0; round < 10; round++) {
      one.exchange()
      other.exchange()
      clock.advance(30_000)
      await announce(one, 1)
      expect(await other.count(HASH)).toMatchObject({ seeders: round < 3 ? 2 : 1 })
    }
  })
})

describe("the status of a document", () => {
  const statusOf = async (store: LmdbStore) => {
    const { machines = [], ...sums } = (await store.status(HASH, 10)) ?? {}
    return { ...sums, lefts: machines.map(({ left }) => left) }
  }

  it("is the same in another process and in the next run, with those that left", async () => {
    const [one, other] = [await open(), await open()]
    await one.register(HASH, peerOf(0))
    await announce(one, 1, 2 ** 40)
    await announce(one, 2, 5)
    await announce(one, 3, 0)
    await announce(one, 3, 0, "stopped")
    await announce(one, 2, 4, "stopped")
    one.exchange()
    other.exchange()
    const expected = { complete: 2, downloading: 1, silent: 1, lefts: [2 ** 40, 4, 0, 0] }
    expect(await statusOf(other)).toEqual(expected)
    await one.close()
    await other.close()
    expect(await statusOf(await open())).toEqual(expected)
  })

  it("has those that left long ago in the next run, too, if the tracker was ended in order", async () => {
    const store = await open()
    await store.register(HASH, peerOf(0))
    await announce(store, 3, 0)
    await announce(store, 3, 0, "stopped")
    for (let round = 0; round < 20; round++) {
      clock.advance(30_000)
      await announce(store, 1, 1_000 - round)
      store.exchange()
    }
    // The first one has expired.
    expect(await statusOf(store)).toEqual({ complete: 2, downloading: 1, silent: 0, lefts: [981, 0, 0] })
    await store.close()
    expect(await statusOf(await open())).toEqual({ complete: 2, downloading: 1, silent: 0, lefts: [981, 0, 0] })
  })
})

describe("the file", () => {
  it("has a bound, whatever is announced, and is read soon by the next run [S4]", async () => {
    const maxLogBytes = 512 * 1024
    const store = await open({ maxLogBytes })
    await store.register(HASH, peerOf(0))
    const sizes: number[] = []
    for (let second = 0; second < 60; second++) {
      // 2,000 peers that come and go: nearly 100 kB a second.
      for (let number = 1; number <= 2_000; number++) {
        await announce(store, number, 0)
        await announce(store, number, 1)
      }
      store.exchange()
      clock.advance(1_000)
      sizes.push((await stat(path())).size)
    }
    expect(sizes[59]).toBe(sizes[30])
    expect(sizes[59]).toBeLessThan(4 * maxLogBytes)
    await store.close()
    expect(await (await open()).count(HASH)).toMatchObject({ seeders: 0, leechers: 2_000 })
  })

  it("takes no more peers of another process than a document may have [S4]", async () => {
    const [one, other] = [await open(), await open({ maxPeersPerDocument: 10 })]
    await one.register(HASH, peerOf(0))
    for (let number = 1; number < 50; number++) await announce(one, number)
    one.exchange()
    other.exchange()
    expect(await other.count(HASH)).toMatchObject({ seeders: 10, leechers: 0 })
  })
})
