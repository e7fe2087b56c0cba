import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import pino from "pino"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { untilSo } from "../../core/testing/until-so.js"
import { encodeCompact } from "../peers/compact.js"
import type { PeerStore } from "../peers/peer-store.js"
import { LmdbStore } from "../stores/lmdb-store.js"
import { MemoryStore } from "../stores/memory-store.js"
import { parseRedisAddress } from "../stores/redis-address.js"
import { RedisStore } from "../stores/redis-store.js"
import { RedisServer, redisIsInstalled } from "../testing/redis-server.js"

const log = pino({ level: "silent" })
const hash = "0b7d3c52-5a3e-4e6a-9c1f-3f0c8a3b9d11"
const peer = (number: number) => encodeCompact(`10.0.0.${number}`, 7_000) ?? new Uint8Array()
const announce = (store: PeerStore, number: number) =>
  store.announce({ hash, peer: peer(number), left: 1, event: undefined, limit: 50, mayAdd: true })

const HOUR_MS = 3_600_000
const stores: PeerStore[] = []

beforeEach(() => {
  // Date alone: the stores' own time is the process's monotonic one, or the Redis server's.
  vi.useFakeTimers({ toFake: ["Date"], now: 1_700_000_000_000 })
})

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
  vi.useRealTimers()
})

describe("when the wall clock is set", () => {
  it.each([
    ["an hour forward", HOUR_MS],
    ["an hour back", -HOUR_MS],
  ])("%s no peer in memory expires, and those that announce are known [hostile 43]", async (_, jumpMs) => {
    const store = new MemoryStore({ expirySeconds: 90 })
    stores.push(store)
    await store.register(hash, peer(1))
    await announce(store, 2)
    vi.setSystemTime(Date.now() + jumpMs)
    expect(await announce(store, 2)).toMatchObject({ caller: "known", seeders: 1, leechers: 1 })
  })

  it.each([
    ["an hour forward", HOUR_MS],
    ["an hour back", -HOUR_MS],
  ])("%s between two runs the disk's peers are those of before [hostile 43]", async (_, jumpMs) => {
    const folder = await mkdtemp(join(tmpdir(), "p2p-tracker-"))
    const first = await LmdbStore.open({ folder, log, expirySeconds: 90 })
    await first.register(hash, peer(1))
    await announce(first, 2)
    await first.close()
    vi.setSystemTime(Date.now() + jumpMs)
    const second = await LmdbStore.open({ folder, log, expirySeconds: 90 })
    stores.push(second)
    expect(await second.count(hash)).toMatchObject({ seeders: 1, leechers: 1 })
    await second.close()
    await rm(folder, { recursive: true })
  })
})

it.skipIf(!redisIsInstalled)(
  "two trackers whose clocks are an hour apart expire none of each other's peers in Redis [hostile 43]",
  async () => {
    const server = await RedisServer.start()
    const open = () => {
      const address = parseRedisAddress(`redis://127.0.0.1:${server.port}`)
      const store = new RedisStore({ address, expirySeconds: 90, log })
      stores.push(store)
      return store
    }
    try {
      const [one, other] = [open(), open()]
      for (const store of [one, other])
        await untilSo(() =>
          store.count(hash).then(
            () => true,
            () => false,
          ),
        )
      await one.register(hash, peer(1))
      await announce(one, 2)
      vi.setSystemTime(Date.now() + HOUR_MS)
      expect(await announce(other, 3)).toMatchObject({ seeders: 1, leechers: 2 })
      vi.setSystemTime(Date.now() - 2 * HOUR_MS)
      expect(await announce(one, 2)).toMatchObject({ caller: "known", seeders: 1, leechers: 2 })
    } finally {
      for (const store of stores.splice(0)) await store.close()
      await server.destroy()
    }
  },
)
