import { join } from "node:path"
import { open as openRoot } from "lmdb"
import pino from "pino"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { FakeClock } from "../../core/testing/fake-clock.js"
import { inTemporaryFolder } from "../../core/testing/temporary-folder.js"
import { encodeCompact } from "../peers/compact.js"
import { uuidBytes } from "../stores/announce-log.js"
import { LmdbStore } from "../stores/lmdb-store.js"
import { openTables } from "../stores/lmdb-tables.js"
import { MemoryStore } from "../stores/memory-store.js"
import { closeTrackers, post, proxied, self, start } from "../testing/requests.js"

const DAY_MS = 86_400_000
const uuid = (number: number) => `0b7d3c52-5a3e-4e6a-9c1f-${String(number).padStart(12, "0")}`
const peer = encodeCompact("10.0.0.1", 7_000) ?? new Uint8Array()
const options = { expirySeconds: 90, maxDocuments: 3 }

let folder: string
let clock: FakeClock
const opened: LmdbStore[] = []
inTemporaryFolder((path) => {
  folder = path
})

beforeEach(async () => {
  clock = new FakeClock()
})
afterEach(async () => {
  await closeTrackers()
  for (const store of opened.splice(0)) await store.close()
})

async function openLmdbStore(itsClock = clock): Promise<LmdbStore> {
  const log = pino({ level: "silent" })
  const store = await LmdbStore.open({ ...options, folder, log, clock: itsClock, isChecked: true })
  opened.push(store)
  return store
}

describe.each([
  ["memory", () => new MemoryStore({ ...options, clock })],
  ["LMDB", openLmdbStore],
])("a store in %s that has as many documents as it may", (_name, open) => {
  it("takes no new one, serves those it has, and removes those without use for a day [S12]", async () => {
    const store = await open()
    for (let number = 0; number < 3; number++) await store.register(uuid(number), peer)
    await expect(store.register(uuid(3), peer)).rejects.toMatchObject({ code: "store_full" })
    await store.register(uuid(0), peer)
    clock.advance(DAY_MS)
    await store.announce({ hash: uuid(0), peer, left: 0, event: undefined, limit: 0, mayAdd: true })
    if (store instanceof LmdbStore) store.exchange()
    else store.sweep()
    await store.register(uuid(3), peer)
    expect(await store.count(uuid(0))).toBeDefined()
    expect(await store.count(uuid(1))).toBeUndefined()
    expect(store.totals()).toMatchObject({ documents: 2 })
    if (store instanceof MemoryStore) await store.close()
  })
})

describe("an LMDB store", () => {
  it("counts the days in which a tracker served on it, over its runs [S12]", async () => {
    for (let run = 0; run < 10; run++) {
      // Each run has a clock that begins anywhere.
      const itsClock = new FakeClock(run * 7 * DAY_MS)
      const store = await openLmdbStore(itsClock)
      if (run === 0) await store.register(uuid(0), peer)
      expect(await store.count(uuid(0)), `run ${run}`).toEqual(run < 9 ? expect.anything() : undefined)
      itsClock.advance(10 * DAY_MS + 1_000)
      store.exchange()
      await store.close()
    }
  })

  it("takes documents of the first layout as used now [S12]", async () => {
    const root = openRoot({ path: join(folder, "tracker-1.lmdb"), noSubdir: true, maxDbs: 4 })
    openTables(root).documents.putSync(uuidBytes(uuid(0)), Buffer.from([1]))
    await root.close()
    const store = await openLmdbStore()
    for (const days of [1, 89]) {
      clock.advance(days * DAY_MS)
      store.exchange()
      expect(await store.count(uuid(0))).toMatchObject({ seeders: 0, leechers: 0 })
    }
    clock.advance(2 * DAY_MS)
    store.exchange()
    expect(await store.count(uuid(0))).toBeUndefined()
  })
})

describe("the tracker", () => {
  it("answers 507 when its store is full [S12]", async () => {
    const { url } = await start({ store: new MemoryStore({ expirySeconds: 90, maxDocuments: 1 }) })
    expect((await post(`${url}/hash`, self(1))).status).toBe(200)
    expect(await post(`${url}/hash`, self(1))).toMatchObject({
      status: 507,
      headers: { "retry-after": "3600" },
      body: { error: { code: "store_full" } },
    })
  })

  it("lets an IPv6 /48 register ten times what one /64 may [S12]", async () => {
    const { url } = await start({ proxies: ["127.0.0.1"], documentBudget: { burst: 2, perSecond: 0 } })
    const statuses: number[] = []
    for (let network = 0; network < 25; network++)
      statuses.push((await post(`${url}/hash`, self(1), proxied(`2001:db8:1:${network}::1`))).status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(20)
    expect((await post(`${url}/hash`, self(1), proxied("2001:db8:2::1"))).status).toBe(200)
  })
})
