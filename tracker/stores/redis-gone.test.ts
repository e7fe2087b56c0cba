import { Redis } from "ioredis"
import pino from "pino"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { untilSo } from "../../core/testing/until-so.js"
import { encodeCompact } from "../peers/compact.js"
import { AGE, RedisServer, redisIsInstalled } from "../testing/redis-server.js"
import { EXPIRY_SECONDS } from "../testing/store-contract.js"
import { parseRedisAddress } from "./redis-address.js"
import { RedisStore } from "./redis-store.js"

const hash = "0b7d3c52-5a3e-4e6a-9c1f-3f0c8a3b9d11"
const peer = (number: number) => encodeCompact(`10.0.0.${number}`, 7_000) ?? new Uint8Array()

describe.skipIf(!redisIsInstalled)("with one Redis server", () => {
  let server: RedisServer
  let admin: Redis
  let store: RedisStore
  beforeAll(async () => {
    server = await RedisServer.start()
    admin = new Redis({ port: server.port, host: "127.0.0.1" })
    const address = parseRedisAddress(`redis://127.0.0.1:${server.port}`)
    store = new RedisStore({ address, expirySeconds: EXPIRY_SECONDS, log: pino({ level: "silent" }) })
    // Until it is connected it says that it is away.
    await untilSo(() =>
      store.count(hash).then(
        () => true,
        () => false,
      ),
    )
  })
  afterAll(async () => {
    await store.close()
    admin.disconnect()
    await server.destroy()
  })

  it("forgets peers that left after a day where others leave all the time, also if no status is asked", async () => {
    await store.register(hash, peer(1))
    const leave = async (number: number, left: number) => {
      await store.announce({ hash, peer: peer(number), left, event: undefined, limit: 0, mayAdd: true })
      await store.announce({ hash, peer: peer(number), left, event: "stopped", limit: 0, mayAdd: true })
    }
    const held = async () => {
      const counts = ["gone-seeders", "gone-leechers"].map((name) => admin.zcard(`p2p-tracker:{${hash}}:${name}`))
      return [...(await Promise.all(counts)), await admin.hlen(`p2p-tracker:{${hash}}:gone-left`)]
    }
    for (const number of [2, 3]) await leave(number, 0)
    for (const number of [4, 5]) await leave(number, 9)
    for (const half of [1, 2]) {
      await admin.eval(AGE, 0, 43_201)
      await leave(6, 0)
      await leave(7, 8)
      // The first peer, which expired in the first half, is one of them.
      expect(await held()).toEqual(half === 1 ? [4, 3, 3] : [1, 1, 1])
    }
  })
})
