import { afterEach, expect, it, vi } from "vitest"
import { FakeClock } from "../../core/testing/fake-clock.js"
import { MemoryStore } from "../stores/memory-store.js"
import { ask, closeTrackers, start } from "../testing/requests.js"
import { Readiness } from "./readiness.js"

afterEach(async () => {
  vi.useRealTimers()
  await closeTrackers()
})

it("asks the store once in a second, however many want to know [S15]", async () => {
  const clock = new FakeClock()
  const faults = ["OOM", undefined]
  let probes = 0
  const readiness = new Readiness({ probe: async () => faults[probes++] }, clock)
  const all = await Promise.all(Array.from({ length: 50 }, () => readiness.findFault()))
  expect(new Set(all)).toEqual(new Set(["OOM"]))
  clock.advance(999)
  expect(await readiness.findFault()).toBe("OOM")
  expect(probes).toBe(1)
  clock.advance(1)
  expect(await readiness.findFault()).toBeUndefined()
  expect(probes).toBe(2)
})

it("does not wait for a store that hangs, and asks it no second time meanwhile [S15]", async () => {
  vi.useFakeTimers()
  const clock = new FakeClock()
  let probes = 0
  let answer = (_fault: string | undefined) => {}
  const probe = () => {
    probes++
    return new Promise<string | undefined>((resolve) => {
      answer = resolve
    })
  }
  const readiness = new Readiness({ probe }, clock)
  for (let time = 0; time < 3; time++) {
    const asked = readiness.findFault()
    await vi.advanceTimersByTimeAsync(2_000)
    expect(await asked).toBe("timeout")
    clock.advance(1_000)
  }
  expect(probes).toBe(1)
  answer(undefined)
  expect(await readiness.findFault()).toBeUndefined()
})

it("is public, and separate from whether the tracker is alive [S15]", async () => {
  class FullStore extends MemoryStore {
    override async probe(): Promise<string> {
      return "OOM"
    }
  }
  const { url } = await start({ store: new FullStore({ expirySeconds: 90 }), token: "secret" })
  const get = (path: string, method = "GET") => ask(`${url}${path}`, { method })
  expect(await get("/ready")).toMatchObject({
    status: 503,
    headers: { "retry-after": "5" },
    body: { error: { code: "not_ready", message: "the store takes no writes: OOM" } },
  })
  expect(await get("/ready", "HEAD")).toMatchObject({ status: 503, text: "" })
  expect((await get("/health")).status).toBe(200)
  expect((await get("/metrics")).status).toBe(401)
  expect(await ask(`${(await start()).url}/ready`, { method: "GET" })).toMatchObject({
    status: 200,
    body: { status: "ok" },
  })
})
