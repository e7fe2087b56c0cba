import { Redis } from "ioredis"
import pino from "pino"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createTrackerClient } from "../../core/announce/tracker-client.js"
import { untilSo } from "../../core/testing/until-so.js"
import { startTracker, type Tracker } from "../program/server.js"
import {
  type RedisServer,
  redisIsInstalled,
  startRedisCluster,
  startReplica,
  untilReplicated,
} from "../testing/redis-server.js"
import { parseRedisAddress } from "./redis-address.js"
import { RedisStore } from "./redis-store.js"

const us = { listeningHost: "0.0.0.0", listeningPort: 7001 }

describe.skipIf(!redisIsInstalled)("with a Redis Cluster of three masters, one of which has a replica", () => {
  let servers: readonly RedisServer[] = []
  let master: RedisServer
  let tracker: Tracker

  beforeAll(async () => {
    const masters = await startRedisCluster()
    const [first] = masters
    if (first === undefined) throw new Error("no master was started")
    master = first
    servers = [...masters, await startReplica(master)]
    const address = parseRedisAddress(`redis-cluster://${masters.map(({ port }) => `127.0.0.1:${port}`).join(",")}`)
    const store = new RedisStore({ address, expirySeconds: 90, log: pino({ level: "silent" }) })
    tracker = await startTracker({ host: "127.0.0.1", port: 0, store })
  })

  afterAll(async () => {
    await tracker.close()
    for (const server of servers) await server.destroy()
  })

  it("a replica takes a killed master's place: what was confirmed is there, and no process is restarted [hostile 44]", async () => {
    const client = createTrackerClient({ url: tracker.url })
    await untilSo(() => client.register(us).catch(() => undefined))
    const registered = await Promise.all(Array.from({ length: 100 }, () => client.register(us)))
    const admin = new Redis({ host: "127.0.0.1", port: master.port })
    await untilReplicated(admin)
    admin.disconnect()
    await master.kill()

    // Meanwhile a third of the documents can't be asked for, which is said as what passes; the others can.
    const meanwhile = await Promise.allSettled(registered.map((hash) => client.announce({ ...us, hash })))
    const refusals = meanwhile.flatMap((answer) => (answer.status === "rejected" ? [answer.reason] : []))
    expect(refusals.length).toBeGreaterThan(0)
    expect(refusals.length).toBeLessThan(registered.length)
    for (const refusal of refusals) expect(refusal).toMatchObject({ code: "busy", status: 503, retryAfterMs: 5_000 })

    for (const hash of registered) await untilSo(() => client.announce({ ...us, hash }).catch(() => undefined))
    expect(await client.register(us)).toMatch(/^[0-9a-f-]{36}$/)
  })
})
