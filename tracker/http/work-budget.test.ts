import { afterEach, describe, expect, it } from "vitest"
import { FakeClock } from "../../core/testing/fake-clock.js"
import { untilSo } from "../../core/testing/until-so.js"
import { encodeCompact } from "../peers/compact.js"
import type { PeerStore } from "../peers/peer-store.js"
import { MemoryStore } from "../stores/memory-store.js"
import { ask, closeTrackers, post, proxied, self, start } from "../testing/requests.js"

afterEach(closeTrackers)

const uuid = (number: number) => `0b7d3c52-5a3e-4e6a-9c1f-${String(number).padStart(12, "0")}`
const alive = (count: number) => ({ ...self(300), hashes: Array.from({ length: count }, (_, number) => uuid(number)) })

describe("what one address asks for", () => {
  it("is counted in documents, and refused beyond its budget without being read, while it may announce [S11]", async () => {
    const clock = new FakeClock()
    const { url } = await start({ clock, proxies: ["127.0.0.1"], workBudget: { burst: 300, perSecond: 100 } })
    await post(`${url}/hash`, { hash: uuid(0), ...self(300) })
    const from = proxied("8.8.8.8")
    const send = async () => (await post(`${url}/alive`, alive(150), from)).status
    expect([await send(), await send()]).toEqual([200, 200])
    expect(await post(`${url}/alive`, alive(150), from)).toMatchObject({
      status: 429,
      headers: { "retry-after": "1" },
      body: { error: { code: "too_much_work" } },
    })
    // A body that is not JSON is refused the same way, because it is not parsed.
    expect((await ask(`${url}/alive`, { headers: from, body: "{" })).status).toBe(429)
    expect((await post(`${url}/peers`, { hash: uuid(0), ...self(300) }, from)).status).toBe(200)
    expect((await post(`${url}/alive`, alive(150), proxied("8.8.4.4"))).status).toBe(200)
    clock.advance(1_000)
    expect([await send(), await send()]).toEqual([200, 429])
  })

  it("reads the metrics now and then only [S11]", async () => {
    const metrics = async () => ({ contentType: "text/plain", text: "" })
    const { url } = await start({ readMetrics: metrics, workBudget: { burst: 400, perSecond: 0 } })
    const read = async () => (await ask(`${url}/metrics`, { method: "GET" })).status
    expect([await read(), await read(), await read()]).toEqual([200, 200, 429])
  })

  it("of a status is its size: a hundredth of the peers it looked at [S11]", async () => {
    const store = new MemoryStore({ expirySeconds: 90 })
    const hash = uuid(1)
    for (let number = 0; number < 1_000; number++)
      await store.register(hash, encodeCompact(`10.0.${number >> 8}.${number & 255}`, 7_000) ?? new Uint8Array())
    const { url } = await start({ store, workBudget: { burst: 20, perSecond: 0 } })
    const read = async () => (await post(`${url}/status`, { hash, limit: 1 })).status
    expect([await read(), await read(), await read()]).toEqual([200, 200, 429])
  })

  it("of a status is charged before its list is made, so that questions at once cost no more than the budget [S11]", async () => {
    const store = new MemoryStore({ expirySeconds: 90 })
    const hash = uuid(1)
    for (let number = 0; number < 1_000; number++)
      await store.register(hash, encodeCompact(`10.0.${number >> 8}.${number & 255}`, 7_000) ?? new Uint8Array())
    let lists = 0
    let letGo: () => void = () => {}
    const held = new Promise<void>((resolve) => {
      letGo = resolve
    })
    const status = store.status.bind(store)
    store.status = async (asked, limit) => {
      if (limit > 0) lists++
      await held
      return status(asked, limit)
    }
    const { url } = await start({ store, proxies: ["127.0.0.1"], workBudget: { burst: 20, perSecond: 0 } })
    const from = proxied("8.8.8.8")
    const asked = Array.from({ length: 6 }, () => post(`${url}/status`, { hash, limit: 1 }, from))
    // One that came later is answered: the others wait for their turns.
    await post(`${url}/peers`, { hash, ...self(300) }, proxied("8.8.4.4"))
    letGo()
    const answers = (await Promise.all(asked)).map(({ status: code }) => code).sort()
    expect(answers).toEqual([200, 200, 429, 429, 429, 429])
    expect(lists).toBe(2)
  })

  it("is done in small pieces, one request after the other, so that others' announces come in between [S11]", async () => {
    const inner = new MemoryStore({ expirySeconds: 90 })
    const underWay: (() => void)[] = []
    let most = 0
    const store: PeerStore = {
      register: (hash, peer) => inner.register(hash, peer),
      count: (hash) => inner.count(hash),
      status: (hash, limit) => inner.status(hash, limit),
      probe: () => inner.probe(),
      totals: () => undefined,
      close: () => inner.close(),
      async announce(announce) {
        // Of the flood, whose peers are all seeders.
        if (announce.left === 0) {
          const released = new Promise<void>((resolve) => underWay.push(resolve))
          most = Math.max(most, underWay.length)
          await released
        }
        return inner.announce(announce)
      },
    }
    const { url } = await start({ store })
    await post(`${url}/hash`, { hash: uuid(0), ...self(300) })
    let isDone = false
    const flood = Promise.all(Array.from({ length: 5 }, () => post(`${url}/alive`, alive(150)))).finally(() => {
      isDone = true
    })
    await untilSo(() => underWay.length > 0)
    expect((await post(`${url}/peers`, { hash: uuid(0), ...self(301), left: 1 })).status).toBe(200)
    const letGo = setInterval(() => {
      for (const resolve of underWay.splice(0)) resolve()
    }, 1)
    await untilSo(() => isDone)
    clearInterval(letGo)
    for (const { status } of await flood) expect(status).toBe(200)
    expect(most).toBe(16)
  })
})
