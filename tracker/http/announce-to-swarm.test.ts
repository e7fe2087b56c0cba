import { afterEach, describe, expect, it } from "vitest"
import { FakeClock } from "../../core/testing/fake-clock.js"
import { ask, closeTrackers, post, proxied, register, self, start } from "../testing/requests.js"

afterEach(closeTrackers)

describe("one address among many", () => {
  it("registers as many documents as its budget allows, then comes again later [hostile 42]", async () => {
    const clock = new FakeClock()
    const { url } = await start({ clock, proxies: ["127.0.0.1"], documentBudget: { burst: 3, perSecond: 1 } })
    const register = async (address: string) => (await post(`${url}/hash`, self(300), proxied(address))).status
    expect([await register("8.8.8.8"), await register("8.8.8.8"), await register("8.8.8.8")]).toEqual([200, 200, 200])
    expect(await post(`${url}/hash`, self(300), proxied("8.8.8.8"))).toMatchObject({
      status: 429,
      headers: { "retry-after": "60" },
      body: { error: { code: "too_many_documents" } },
    })
    expect(await register("8.8.4.4")).toBe(200)
    clock.advance(1_000)
    expect([await register("8.8.8.8"), await register("8.8.8.8")]).toEqual([200, 429])
  })

  it("adds as many peers as its budget allows, over all its addresses, and keeps those it has [hostile 42]", async () => {
    const { url } = await start({ proxies: ["127.0.0.1"], peerBudget: { burst: 2, perSecond: 0 } })
    const hash = "0b7d3c52-5a3e-4e6a-9c1f-3f0c8a3b9d11"
    await post(`${url}/hash`, { hash, ...self(300) })
    const announce = async (port: number, address = "2001:db8::1") =>
      (await post(`${url}/peers`, { hash, ...self(port) }, proxied(address))).status
    expect([await announce(1), await announce(2, "2001:db8::2"), await announce(3, "2001:db8::3")]).toEqual([
      200, 200, 429,
    ])
    expect([await announce(1), await announce(3, "2001:db8:0:1::3")]).toEqual([200, 200])
    const query = `hash=${hash}&info_hash=${"x".repeat(20)}&port=9`
    const headers = proxied("2001:db8::1")
    expect((await ask(`${url}/announce?${query}`, { method: "GET", headers })).text).toMatch(/^d14:failure reason/)
  })

  it("gets intervals that vary, so that the announces of a swarm spread out", async () => {
    const tracker = await start({ jitters: true })
    const hash = await register(tracker, 300)
    const seen = new Set<number>()
    for (let round = 0; round < 50; round++) {
      const { body } = await post(`${tracker.url}/peers`, { hash, ...self(301) })
      seen.add((body as { interval: number }).interval)
    }
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(27)
    expect(Math.max(...seen)).toBeLessThanOrEqual(33)
    expect(seen.size).toBeGreaterThan(1)
  })
})
