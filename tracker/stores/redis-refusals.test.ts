import { Redis } from "ioredis"
import pino from "pino"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { untilSo } from "../../core/testing/until-so.js"
import { encodeCompact } from "../peers/compact.js"
import { RedisServer, redisIsInstalled } from "../testing/redis-server.js"
import { parseRedisAddress } from "./redis-address.js"
import { RedisStore } from "./redis-store.js"

const HASH = "0b7d3c52-5a3e-4e6a-9c1f-3f0c8a3b9d11"
const peer = encodeCompact("10.0.0.1", 7_000) ?? new Uint8Array()

describe.skipIf(!redisIsInstalled)("a Redis that answers, and does not do its work (redis-server)", () => {
  let server: RedisServer
  let admin: Redis
  let store: RedisStore
  const messages: string[] = []
  beforeAll(async () => {
    server = await RedisServer.start()
    admin = new Redis({ port: server.port, host: "127.0.0.1" })
    const log = pino({}, { write: (line: string) => void messages.push((JSON.parse(line) as { msg: string }).msg) })
    store = new RedisStore({ address: parseRedisAddress(`redis://127.0.0.1:${server.port}`), expirySeconds: 90, log })
    await untilSo(() =>
      store.count(HASH).then(
        () => true,
        () => false,
      ),
    )
  })
  afterEach(async () => {
    await admin.config("SET", "maxmemory", "0")
  })
  afterAll(async () => {
    admin.disconnect()
    await store.close()
    await server.destroy()
  })

  it.each([
    ["OOM", () => admin.config("SET", "maxmemory", "1"), () => admin.config("SET", "maxmemory", "0")],
    ["NOPERM", () => admin.acl("SETUSER", "default", "-set"), () => admin.acl("SETUSER", "default", "+set")],
    ["NOPERM", () => admin.acl("SETUSER", "default", "-evalsha"), () => admin.acl("SETUSER", "default", "+evalsha")],
    ["READONLY", () => admin.replicaof("127.0.0.1", 1), () => admin.replicaof("NO", "ONE")],
  ] as const)(
    "makes the tracker not ready with its word, and ready when it works again: %s [S15]",
    async (word, refuse, mend) => {
      expect(await store.probe()).toBeUndefined()
      await refuse()
      expect(await store.probe()).toBe(word)
      await mend()
      await untilSo(async () => (await store.probe()) === undefined)
    },
  )

  it("is not ready when no server answers [S15]", async () => {
    const log = pino({ level: "silent" })
    const absent = new RedisStore({ address: parseRedisAddress("redis://127.0.0.1:1"), expirySeconds: 90, log })
    expect(await absent.probe()).toBe("away")
    await absent.close()
  })

  it("is said in the log, once, with the word that it answered [S15]", async () => {
    await admin.config("SET", "maxmemory", "1")
    for (let attempt = 0; attempt < 3; attempt++)
      await expect(store.register(HASH, peer)).rejects.toMatchObject({ code: "store_away" })
    expect(messages.filter((message) => message.includes("OOM"))).toEqual([
      "Redis answers OOM: answering 503 until it does its work",
    ])
  })
})
