import { Cluster, Redis } from "ioredis"
import pino from "pino"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { createTrackerClient } from "../../core/announce/tracker-client.js"
import { type Clock, systemClock } from "../../core/base/clock.js"
import { FakeClock } from "../../core/testing/fake-clock.js"
import { untilSo } from "../../core/testing/until-so.js"
import { COMPACT4_BYTES, encodeCompact, formatCompact, splitCompact } from "../peers/compact.js"
import { startTracker, type Tracker } from "../program/server.js"
import { AGE, RedisServer, redisIsInstalled, startRedisCluster } from "../testing/redis-server.js"
import { EXPIRY_SECONDS, MAX_PEERS, testPeerStore } from "../testing/store-contract.js"
import { parseRedisAddress } from "./redis-address.js"
import { RedisStore } from "./redis-store.js"

const silent = pino({ level: "silent" })
const hash = "0b7d3c52-5a3e-4e6a-9c1f-3f0c8a3b9d11"
const peer = (number: number) => encodeCompact(`10.0.0.${number}`, 7_000) ?? new Uint8Array()

/** A store that is connected. Until then it says that it is away. */
async function openReady(text: string, log = silent, clock: Clock = systemClock): Promise<RedisStore> {
  const options = { expirySeconds: EXPIRY_SECONDS, maxPeersPerDocument: MAX_PEERS, log, clock }
  const store = new RedisStore({ address: parseRedisAddress(text), ...options })
  await untilSo(() => answers(store))
  return store
}

const answers = (store: RedisStore) =>
  store.count(hash).then(
    () => true,
    () => false,
  )

describe.skipIf(!redisIsInstalled)("with one Redis server", () => {
  let server: RedisServer
  let admin: Redis
  beforeAll(async () => {
    server = await RedisServer.start()
    admin = new Redis({ port: server.port, host: "127.0.0.1" })
    admin.on("error", () => {})
  })
  afterAll(async () => {
    admin.disconnect()
    await server.destroy()
  })
  const stores: RedisStore[] = []
  const trackers: Tracker[] = []
  afterEach(async () => {
    for (const tracker of trackers.splice(0)) await tracker.close()
    for (const store of stores.splice(0)) await store.close()
  })
  const url = () => `redis://127.0.0.1:${server.port}`

  async function tracker(): Promise<{ client: ReturnType<typeof createTrackerClient>; url: string }> {
    const started = await startTracker({ host: "127.0.0.1", port: 0, store: await openReady(url()) })
    trackers.push(started)
    return { client: createTrackerClient({ url: started.url }), url: started.url }
  }

  testPeerStore("the Redis store", async () => {
    await admin.flushall()
    return {
      store: await openReady(url()),
      async passSeconds(seconds) {
        await admin.eval(AGE, 0, seconds)
      },
    }
  })

  it("leaves peers to the expiry of their keys, and keeps documents", async () => {
    await admin.flushall()
    const store = await openReady(url())
    stores.push(store)
    await store.register(hash, peer(1))
    await store.announce({ hash, peer: peer(2), left: 1, event: undefined, limit: 0, mayAdd: true })
    await store.announce({ hash, peer: peer(3), left: 2, event: undefined, limit: 0, mayAdd: true })
    await store.announce({ hash, peer: peer(3), left: 2, event: "stopped", limit: 0, mayAdd: true })
    await admin.eval(AGE, 0, 86_400 + EXPIRY_SECONDS + 2)
    expect(await admin.keys("*")).toEqual([`p2p-tracker:{${hash}}`])
  })

  it("keeps the bytes left of peers that are here or gone, and of no others", async () => {
    await admin.flushall()
    const store = await openReady(url())
    stores.push(store)
    await store.register(hash, peer(1))
    const announce = (number: number, left: number | undefined, event?: "stopped") =>
      store.announce({ hash, peer: peer(number), left, event, limit: 0, mayAdd: true })
    for (let number = 1; number <= 9; number++) await announce(number, number)
    await announce(1, 0)
    await announce(2, undefined)
    await announce(3, 0, "stopped")
    await announce(4, 7, "stopped")
    await announce(5, undefined, "stopped")
    const kept = async (name: string) => Object.values(await admin.hgetall(`p2p-tracker:{${hash}}:${name}`)).sort()
    expect([await kept("left"), await kept("gone-left")]).toEqual([
      ["6 0", "7 0", "8 0", "9 0"],
      ["5 0", "7 0"],
    ])
    await admin.eval(AGE, 0, EXPIRY_SECONDS + 1)
    expect(await store.status(hash, 2)).toMatchObject({ complete: 2, downloading: 0, silent: 6 })
    expect([await kept("left"), await kept("gone-left")]).toEqual([[], ["5 0", "6 0", "7 0", "7 0", "8 0", "9 0"]])
    await announce(8, 1)
    expect([await kept("left"), await kept("gone-left")]).toEqual([["1 0"], ["5 0", "6 0", "7 0", "7 0", "9 0"]])
    await admin.eval(AGE, 0, 86_400)
    expect(await store.status(hash, 100)).toMatchObject({ complete: 0, downloading: 0, silent: 1 })
    expect([await kept("left"), await kept("gone-left")]).toEqual([[], ["1 0"]])
  })

  it("tells the status of a large swarm page by page, each peer once, those that lack most first", async () => {
    await admin.flushall()
    const options = { expirySeconds: EXPIRY_SECONDS, log: silent }
    const store = new RedisStore({ address: parseRedisAddress(url()), ...options })
    stores.push(store)
    await untilSo(() => answers(store))
    await store.register(hash, peer(1))
    const peerOf = (number: number) => encodeCompact(`10.1.${number >> 8}.${number & 255}`, 7_000) ?? new Uint8Array()
    const announce = (number: number) =>
      store.announce({ hash, peer: peerOf(number), left: number % 2_500, event: undefined, limit: 0, mayAdd: true })
    for (let start = 0; start < 5_000; start += 100)
      await Promise.all(Array.from({ length: 100 }, (_, number) => announce(start + number)))
    const { machines = [], ...sums } = (await store.status(hash, 6_000)) ?? {}
    expect(sums).toEqual({ complete: 3, downloading: 4_998, silent: 0 })
    expect(new Set(machines.map(({ peer }) => formatCompact(peer))).size).toBe(5_001)
    expect((await store.status(hash, 3))?.machines.map(({ left }) => left)).toEqual([2_499, 2_499, 2_498])
    expect((await store.status(hash, 5_000))?.machines.filter(({ left }) => left === 0)).toHaveLength(2)
  })

  const us = { listeningHost: "0.0.0.0", listeningPort: 7001 }

  it("shows one swarm to all trackers on it", async () => {
    const [one, other] = [await tracker(), await tracker()]
    const registered = await one.client.register(us)
    const answer = await other.client.announce({ ...us, listeningPort: 7002, hash: registered })
    expect(answer.peers).toEqual([{ host: "127.0.0.1", port: 7001 }])
  })

  it("chooses the peers of a large swarm once for many callers, each of whom gets all it wanted but itself", async () => {
    await admin.flushall()
    const store = await openReady(url(), silent, new FakeClock())
    stores.push(store)
    await store.register(hash, peer(1))
    const announce = (number: number, limit: number) =>
      store.announce({ hash, peer: peer(number), left: number % 2, event: undefined, limit, mayAdd: true })
    for (let number = 1; number <= 200; number++) await announce(number, 0)
    await admin.config("RESETSTAT")
    for (let number = 1; number <= 130; number++) {
      const view = await announce(number, 60)
      const given = splitCompact(view?.peers4 ?? new Uint8Array(), COMPACT4_BYTES).map(formatCompact)
      expect([view?.seeders, view?.leechers, new Set(given).size]).toEqual([100, 100, 60])
      expect(given).not.toContain(`10.0.0.${number}:7000`)
    }
    // The first caller's own, then four of 32 callers and one more, each chosen from seeders and leechers.
    expect(await admin.info("commandstats")).toMatch(/cmdstat_zrandmember:calls=12,/)
  })

  it("gives the current peers of a large swarm that became small, and no sample of an unknown document", async () => {
    await admin.flushall()
    const clock = new FakeClock()
    const store = await openReady(url(), silent, clock)
    stores.push(store)
    await store.register(hash, peer(1))
    const announce = (number: number, event?: "stopped") =>
      store.announce({ hash, peer: peer(number), left: 1, event, limit: 50, mayAdd: true })
    for (let number = 1; number <= 60; number++) await announce(number)
    for (let number = 4; number <= 60; number++) await announce(number, "stopped")
    clock.advance(1_000)
    for (let round = 0; round < 3; round++) {
      const view = await announce(1)
      expect([...(view?.peers4 ?? [])].sort()).toEqual([...peer(2), ...peer(3)].sort())
    }
    await admin.flushall()
    expect(await announce(1)).toBeUndefined()
  })

  it("makes trackers answer 503 while it is away, and serve again when it is back [hostile 44]", async () => {
    const { client, url } = await tracker()
    const registered = await client.register(us)
    await server.kill()
    await expect(client.announce({ ...us, hash: registered })).rejects.toMatchObject({ code: "busy", status: 503 })
    const headers = { "content-type": "application/json" }
    const body = JSON.stringify({ listening_host: "0.0.0.0", listening_port: 1 })
    const answer = await fetch(`${url}/hash`, { method: "POST", headers, body })
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "5"])
    await server.launch()
    await untilSo(() => client.announce({ ...us, hash: registered }).catch(() => undefined))
  })

  it("may be away when a tracker starts", async () => {
    await server.kill()
    const options = { expirySeconds: EXPIRY_SECONDS, log: silent }
    const store = new RedisStore({ address: parseRedisAddress(url()), ...options })
    stores.push(store)
    await expect(store.count(hash)).rejects.toMatchObject({ code: "store_away" })
    await server.launch()
    await untilSo(() => answers(store))
  })

  it("loses no document that was answered for when it is killed in mid-load [hostile 44]", async () => {
    const { client } = await tracker()
    const acknowledged: string[] = []
    let killed: Promise<void> | undefined
    const load = Array.from({ length: 8 }, async () => {
      for (;;) {
        acknowledged.push(await client.register(us))
        if (acknowledged.length === 200) killed = server.kill()
      }
    })
    for (const { status } of await Promise.allSettled(load)) expect(status).toBe("rejected")
    await killed
    await server.launch()
    const again = await tracker()
    for (const registered of acknowledged) await again.client.announce({ ...us, hash: registered })
  })

  it("warns of a Redis that would forget", async () => {
    await admin.config("SET", "appendonly", "no")
    const lines: string[] = []
    stores.push(await openReady(url(), pino({}, { write: (line: string) => lines.push(line) })))
    await untilSo(() => lines.join().includes("append-only"))
    await admin.config("SET", "appendonly", "yes")
  })
})

describe.skipIf(!redisIsInstalled)("with a Redis Cluster of three nodes", () => {
  let servers: readonly RedisServer[] = []
  let admin: Cluster
  beforeAll(async () => {
    servers = await startRedisCluster()
    admin = new Cluster(servers.map(({ port }) => ({ host: "127.0.0.1", port })))
    admin.on("error", () => {})
  })
  afterAll(async () => {
    admin.disconnect()
    for (const server of servers) await server.destroy()
  })
  const url = () => `redis-cluster://${servers.map(({ port }) => `127.0.0.1:${port}`).join(",")}`

  testPeerStore("the Redis store", async () => {
    for (const node of admin.nodes("master")) await node.flushall()
    return {
      store: await openReady(url()),
      async passSeconds(seconds) {
        for (const node of admin.nodes("master")) await node.eval(AGE, 0, seconds)
      },
    }
  })

  it("loses no document when a node is killed in mid-load, and serves those of the others meanwhile [hostile 44]", async () => {
    const store = await openReady(url())
    const uuidOf = (number: number) => hash.replace("0b7d3c52", (10_000_000 + number).toString())
    const acknowledged: string[] = []
    let next = 0
    let killed: Promise<void> | undefined
    const load = Array.from({ length: 8 }, async () => {
      while (next < 320) {
        const registered = uuidOf(next++)
        await store.register(registered, peer(1)).then(
          () => acknowledged.push(registered),
          (error) => expect(error).toMatchObject({ code: "store_away" }),
        )
        if (acknowledged.length >= 200) killed ??= servers[1]?.kill()
      }
    })
    await Promise.all(load)
    await killed
    expect(acknowledged.length).toBeGreaterThan(200)
    await servers[1]?.launch()
    await untilSo(
      async () =>
        (await Promise.allSettled(acknowledged.map((known) => store.count(known)))).every(
          ({ status }) => status === "fulfilled",
        ),
      100,
    )
    for (const known of acknowledged) expect(await store.count(known)).toBeDefined()
    await store.close()
  })
})
