import { describe, expect, it } from "vitest"
import { TrackerError } from "../base/errors.js"
import { FakeClock } from "../testing/fake-clock.js"
import type { AnnounceRequest, TrackerClient } from "./tracker-client.js"
import { createTrackerTiers } from "./tracker-tiers.js"

const request: AnnounceRequest = { listeningHost: "0.0.0.0", listeningPort: 7001, hash: "" }
const HOUR_MS = 3_600_000

class Tracker implements TrackerClient {
  readonly url: string
  readonly heard: (string | undefined)[] = []
  failure: TrackerError | undefined
  isSilent = false

  constructor(url: string) {
    this.url = url
  }

  register(): Promise<string> {
    return Promise.reject(new Error("register is not expected here"))
  }

  async announce({ event }: AnnounceRequest, signal?: AbortSignal) {
    this.heard.push(event)
    if (this.isSilent) await new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)))
    if (this.failure !== undefined) throw this.failure
    return { peers: [], intervalSeconds: 1_800, minIntervalSeconds: 900 }
  }
}

/** `shape`: how many trackers there are in each tier. */
function setUp(...shape: readonly number[]) {
  const clock = new FakeClock()
  let count = 0
  const tiers = shape.map((size) => Array.from({ length: size }, () => new Tracker(`http://${++count}`)))
  // By this chance a tier keeps its order.
  const list = createTrackerTiers(tiers, clock, () => 0)
  return { clock, trackers: tiers.flat(), list }
}

const away = (retryAfterMs?: number) => new TrackerError("unreachable", "away", { retryAfterMs })
const heardBy = (trackers: readonly Tracker[]) => trackers.map(({ heard }) => heard.length)

describe("the trackers of a .torrent file", () => {
  it("are asked till one answers, silent ones side by side, and the seventeenth too [E4]", async () => {
    const { clock, trackers, list } = setUp(...Array.from({ length: 17 }, () => 1))
    for (const [index, tracker] of trackers.entries()) tracker.isSilent = index < 6
    for (const tracker of trackers.slice(6, 16)) tracker.failure = away()
    const answer = list.announce(request)
    // A head start of 1.5 s for the first, half a second for each of the others that are silent.
    for (let waitedMs = 0; waitedMs < 1_500 + 5 * 500; waitedMs += 500) {
      await new Promise(setImmediate)
      clock.advance(500)
    }
    expect(await answer).toMatchObject({ intervalSeconds: 1_800 })
    expect(list.url).toBe("http://17")
  })

  it("that answered comes to the front of its tier, not before the tiers above it (BEP 12) [E4]", async () => {
    const { clock, trackers, list } = setUp(1, 3)
    const [first, second, third, fourth] = trackers
    if (!(first && second && third && fourth)) throw new Error("four are set up")
    for (const each of [first, second, third]) each.failure = away()
    await list.announce(request)
    for (const each of trackers) each.failure = undefined
    clock.advance(HOUR_MS)
    first.failure = away()
    await list.announce(request)
    expect(heardBy(trackers)).toEqual([2, 1, 1, 2])
    first.failure = undefined
    clock.advance(HOUR_MS)
    await list.announce(request)
    expect(list.url).toBe("http://1")
  })

  it("that failed is left alone for a while that doubles to an hour [E3]", async () => {
    const { clock, trackers, list } = setUp(1)
    const [only] = trackers
    if (only === undefined) throw new Error("one is set up")
    only.failure = away()
    const waits: (number | undefined)[] = []
    for (let turn = 0; turn < 12; turn++) {
      const failure = await list.announce(request).catch((error: TrackerError) => error)
      if (!(failure instanceof TrackerError)) throw new Error("it answered")
      waits.push(failure.retryAfterMs)
      clock.advance((failure.retryAfterMs ?? 0) - 1)
      await expect(list.announce(request)).rejects.toMatchObject({ code: "unreachable", retryAfterMs: 1 })
      clock.advance(1)
    }
    expect(only.heard).toHaveLength(12)
    expect(waits.slice(0, 3)).toEqual([11_250, 22_500, 45_000])
    expect(waits.at(-1)).toBe(HOUR_MS)
  })

  it("that refused is left alone for minutes at least, and as long as it asks for (BEP 31) [E3]", async () => {
    const { trackers, list } = setUp(1)
    const refusalsOf = async (retryAfterMs?: number) => {
      const { list: fresh, trackers: others } = setUp(1)
      for (const tracker of others) tracker.failure = new TrackerError("refused", "no", { retryAfterMs })
      return fresh.announce(request).catch((error: TrackerError) => error)
    }
    expect(await refusalsOf()).toMatchObject({ code: "refused", message: "no", retryAfterMs: 225_000 })
    expect(await refusalsOf(7_200_000)).toMatchObject({ retryAfterMs: 7_200_000 })
    expect(await refusalsOf(Number.POSITIVE_INFINITY)).toMatchObject({ retryAfterMs: 24 * HOUR_MS })
    await list.announce(request)
    expect(heardBy(trackers)).toEqual([1])
  })

  it("receive started first, each at its first announce, and stopped when they list us [E3]", async () => {
    const { clock, trackers, list } = setUp(1, 1, 1)
    const [first, second, third] = trackers
    if (!(first && second && third)) throw new Error("three are set up")
    await list.announce({ ...request, event: "started" })
    first.failure = away()
    await list.announce(request)
    await list.announce(request)
    clock.advance(HOUR_MS)
    first.failure = undefined
    await list.announce({ ...request, event: "stopped" })
    expect([first.heard, second.heard, third.heard]).toEqual([
      ["started", undefined, "stopped"],
      ["started", undefined, "stopped"],
      [],
    ])
    await expect(list.announce({ ...request, event: "stopped" })).rejects.toMatchObject({ code: "unknown_hash" })
  })

  it("that all fail are reported by the first failure and their number", async () => {
    const { trackers, list } = setUp(2)
    for (const tracker of trackers) tracker.failure = away()
    await expect(list.announce(request)).rejects.toThrow("none of 2 trackers helps; the first: away")
  })
})
