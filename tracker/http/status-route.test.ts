import { afterEach, describe, expect, it } from "vitest"
import { encodeCompact, formatCompact } from "../peers/compact.js"
import { MemoryStore } from "../stores/memory-store.js"
import { ask, closeTrackers, post, register, self, start } from "../testing/requests.js"
import { type Caller, reachablePeer } from "./client-address.js"

afterEach(closeTrackers)

const UUID = "0b7d3c52-5a3e-4e6a-9c1f-3f0c8a3b9d11"

describe("POST /status", () => {
  it("tells how far each machine is, and makes the caller none of them", async () => {
    const tracker = await start()
    const hash = await register(tracker, 7_001)
    await post(`${tracker.url}/peers`, { hash, ...self(7_002), left: 5_000 })
    await post(`${tracker.url}/peers`, { hash, ...self(7_003), left: 7, event: "stopped" })
    for (let time = 0; time < 2; time++)
      expect((await post(`${tracker.url}/status`, { hash })).body).toEqual({
        machines: [
          {
            listening_host: "127.0.0.1",
            listening_port: 7_002,
            state: "downloading",
            left: 5_000,
            rate: 0,
            heard: expect.any(Number),
          },
          {
            listening_host: "127.0.0.1",
            listening_port: 7_001,
            state: "complete",
            left: 0,
            rate: 0,
            heard: expect.any(Number),
          },
        ],
        ...{ total: 2, complete: 1, downloading: 1, silent: 0 },
      })
  })

  it("is answered to a GET, too", async () => {
    const tracker = await start()
    const hash = await register(tracker, 7_001)
    const get = (query: string) => ask(`${tracker.url}/status${query}`, { method: "GET" })
    expect((await get(`?hash=${hash.toUpperCase()}&limit=0`)).body).toMatchObject({ machines: [], complete: 1 })
    expect((await get(`?hash=${hash}`)).body).toMatchObject({ machines: [{ left: 0 }] })
    for (const query of ["", "?hash=x", `?hash=${hash}&limit=-1`, `?hash=${hash}&limit=x`, `?hash=${hash}&limit=1.5`])
      expect((await get(query)).status, query).toBe(400)
    expect((await get(`?hash=${UUID}`)).status).toBe(404)
  })

  it("needs the token, a known document, and a body of its shape", async () => {
    const { url } = await start({ token: "open-sesame" })
    const authorization = "Bearer open-sesame"
    const send = (body: unknown, headers = { authorization }) => post(`${url}/status`, body, headers)
    expect(await post(`${url}/status`, { hash: UUID })).toMatchObject({ status: 401 })
    expect(await send({ hash: UUID })).toMatchObject({ status: 404, body: { error: { code: "unknown_hash" } } })
    for (const body of [{}, { hash: "x" }, { hash: UUID, limit: -1 }, { hash: UUID, limit: "5" }, []])
      expect(await send(body)).toMatchObject({ status: 400, body: { error: { code: "bad_request" } } })
  })

  it("lists 1,000 machines unless asked for more, 10,000 at most, and their sums", async () => {
    const store = new MemoryStore({ expirySeconds: 90 })
    for (let number = 0; number < 10_100; number++)
      await store.register(UUID, encodeCompact(`10.0.${number >> 8}.${number & 255}`, 7_000) ?? new Uint8Array())
    const { url } = await start({ store })
    const listed = async (limit?: number) => {
      const { body } = await post(`${url}/status`, { hash: UUID, limit })
      const { machines, total } = body as { readonly machines: readonly unknown[]; readonly total: number }
      return [machines.length, total]
    }
    expect(await listed()).toEqual([1_000, 10_100])
    expect(await listed(0)).toEqual([0, 10_100])
    expect(await listed(1e9)).toEqual([10_000, 10_100])
  })

  it("gives a machine of the tracker's own host under the address by which the caller reached the tracker", () => {
    const caller: Caller = {
      ...{ address: { host: "192.0.2.7", kind: "ordinary" }, trackerAddress: { host: "192.0.2.1", kind: "ordinary" } },
      ...{ onThisMachine: false, isProxys: false, compact: compact("192.0.2.7"), budgetKey: "" },
    }
    const local = compact("127.0.0.1")
    expect(formatCompact(reachablePeer(caller, local))).toBe("192.0.2.1:7000")
    expect(formatCompact(local)).toBe("127.0.0.1:7000")
    expect(formatCompact(reachablePeer(caller, compact("192.0.2.3")))).toBe("192.0.2.3:7000")
    expect(formatCompact(reachablePeer({ ...caller, onThisMachine: true }, local))).toBe("127.0.0.1:7000")
  })
})

const compact = (host: string) => encodeCompact(host, 7_000) ?? new Uint8Array()
