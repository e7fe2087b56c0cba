import { describe, expect, it } from "vitest"
import { TrackerError } from "../base/errors.js"
import { FakeClock } from "../testing/fake-clock.js"
import { untilSo } from "../testing/until-so.js"
import type { AnnounceRequest, TrackerClient } from "./tracker-client.js"
import { createTrackerList } from "./tracker-list.js"

const request: AnnounceRequest = {
  listeningHost: "0.0.0.0",
  listeningPort: 7001,
  hash: "0b7d3c52-5a3e-4e6a-9c1f-3f0c8a3b9d11",
}

/** A tracker in the test's hand: fails while `failure` is set, and knows what was registered. */
class ScriptedTracker implements TrackerClient {
  readonly url: string
  failure: Error | undefined
  isSilent = false
  hungUpOn = 0
  readonly known = new Set<string>()
  readonly asked: string[] = []

  constructor(url: string) {
    this.url = url
  }

  async register({ hash = "made-up" }: { hash?: string }): Promise<string> {
    this.#note("register")
    this.known.add(hash)
    return hash
  }

  async announce({ hash }: AnnounceRequest, signal?: AbortSignal) {
    this.#note("announce")
    if (this.isSilent)
      await new Promise((_, reject) =>
        signal?.addEventListener("abort", () => {
          this.hungUpOn++
          reject(signal.reason)
        }),
      )
    if (!this.known.has(hash)) throw new TrackerError("unknown_hash", "unknown")
    return { peers: [], intervalSeconds: 30 }
  }

  #note(call: string): void {
    this.asked.push(call)
    if (this.failure !== undefined) throw this.failure
  }
}

function setUp() {
  const clock = new FakeClock()
  const first = new ScriptedTracker("http://first")
  const second = new ScriptedTracker("http://second")
  return { clock, first, second, list: createTrackerList([first, second], clock) }
}

describe("a list of trackers", () => {
  it("asks the first alone while it answers", async () => {
    const { first, second, list } = setUp()
    first.known.add(request.hash)
    await list.announce(request)
    expect([first.asked, second.asked, list.url]).toEqual([["announce"], [], "http://first"])
  })

  it("goes to one that was started later, when the first is away", async () => {
    const { clock, first, second } = setUp()
    const trackers = [first]
    const list = createTrackerList(() => trackers, clock)
    first.failure = new TrackerError("unreachable", "away")
    await expect(list.announce(request)).rejects.toMatchObject({ code: "unreachable" })
    trackers.push(second)
    await list.announce(request)
    expect(list.url).toBe("http://second")
  })

  it("registers a document again where it is unknown [hostile 39]", async () => {
    const { first, list } = setUp()
    expect(await list.announce(request)).toMatchObject({ registeredAgain: true })
    expect(first.asked).toEqual(["announce", "register", "announce"])
    expect(first.known).toContain(request.hash)
  })

  it("does not register a document in order to leave it", async () => {
    const { first, list } = setUp()
    await expect(list.announce({ ...request, event: "stopped" })).rejects.toMatchObject({ code: "unknown_hash" })
    expect(first.asked).toEqual(["announce"])
  })

  it("goes to the next when one is away, stays for a minute, and comes back [hostile 39]", async () => {
    const { clock, first, second, list } = setUp()
    first.known.add(request.hash)
    first.failure = new TrackerError("unreachable", "away")
    await list.announce(request)
    expect(list.url).toBe("http://second")
    first.failure = undefined
    clock.advance(59_999)
    await list.announce(request)
    expect(first.asked).toHaveLength(1)
    clock.advance(1)
    await list.announce(request)
    expect(list.url).toBe("http://first")
    expect(second.asked).toEqual(["announce", "register", "announce", "announce"])
  })

  it("does not wait long for a silent one while the next answers, and asks that one first for a minute [E4]", async () => {
    const { clock, first, second, list } = setUp()
    first.isSilent = true
    const answer = list.announce(request)
    await untilSo(() => clock.timerCount > 0)
    clock.advance(4_000)
    await answer
    expect([first.hungUpOn, list.url]).toEqual([1, "http://second"])
    await list.announce(request)
    expect([first.asked, second.asked.at(-1)]).toEqual([["announce"], "announce"])
    first.isSilent = false
    clock.advance(60_000)
    await list.announce(request)
    expect(list.url).toBe("http://first")
    expect(clock.timerCount).toBe(0)
  })

  it("does not set back a tracker that refused", async () => {
    const { first, second, list } = setUp()
    first.failure = new TrackerError("refused", "not you")
    await list.register(request)
    await list.register(request)
    expect([first.asked, second.asked]).toEqual([
      ["register", "register"],
      ["register", "register"],
    ])
  })

  it("asks set-back trackers too when no other answers, and rejects with the failure of the first", async () => {
    const { first, second, list } = setUp()
    first.failure = new TrackerError("unreachable", "first")
    second.failure = new TrackerError("timeout", "second")
    await expect(list.register(request)).rejects.toThrow("first")
    await expect(list.register(request)).rejects.toThrow("first")
    second.failure = undefined
    expect(await list.register(request)).toBe(request.hash)
  })

  it("ends at once when the caller gives up, and blames no tracker", async () => {
    const { first, second, list } = setUp()
    first.failure = new Error("aborted")
    await expect(list.announce(request)).rejects.toThrow("aborted")
    expect(second.asked).toEqual([])
    first.failure = undefined
    await list.announce(request)
    expect(list.url).toBe("http://first")
  })
})
