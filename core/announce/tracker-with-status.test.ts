import { beforeEach, describe, expect, it } from "vitest"
import type { ClientEvent } from "../api/events.js"
import { TrackerError } from "../base/errors.js"
import { FakeClock } from "../testing/fake-clock.js"
import type { AnnounceRequest, RegisterRequest, TrackerClient } from "./tracker-client.js"
import { TrackerWithStatus } from "./tracker-with-status.js"

const answer = { peers: [], intervalSeconds: 30 }
const request = { hash: "aaaa", left: 5 }
const listening = { listeningHost: "0.0.0.0", listeningPort: 7001 }

/** A tracker that fails with what is queued, then answers. */
class ScriptedTracker implements TrackerClient {
  readonly url = "http://10.0.0.1:5000"
  readonly failures: Error[] = []
  readonly announced: AnnounceRequest[] = []
  readonly registered: RegisterRequest[] = []
  warnings: readonly string[] = []

  async announce(request: AnnounceRequest) {
    this.announced.push(request)
    this.#fail()
    return { ...answer, warnings: this.warnings }
  }

  async register(request: RegisterRequest) {
    this.registered.push(request)
    this.#fail()
    return request.hash ?? "new-uuid"
  }

  #fail(): void {
    const failure = this.failures.shift()
    if (failure !== undefined) throw failure
  }
}

let tracker: ScriptedTracker
let clock: FakeClock
let events: ClientEvent[]
let withStatus: TrackerWithStatus

beforeEach(() => {
  tracker = new ScriptedTracker()
  clock = new FakeClock(1_000)
  events = []
  withStatus = new TrackerWithStatus(tracker, { ...listening, clock, onEvent: (event) => events.push(event) })
})

const { signal } = new AbortController()
const away = () => new TrackerError("unreachable", "the tracker is away")

describe("TrackerWithStatus", () => {
  it("adds where we listen", async () => {
    await withStatus.announce(request, signal)
    expect(tracker.announced).toEqual([{ ...request, ...listening }])
    expect(await withStatus.register()).toBe("new-uuid")
    expect(tracker.registered).toEqual([listening])
  })

  it("says once that the tracker is away, and once that it is back", async () => {
    await withStatus.announce(request, signal)
    tracker.failures.push(away(), away(), away())
    for (let turn = 0; turn < 3; turn++)
      await expect(withStatus.announce(request, signal)).rejects.toThrow(TrackerError)
    const problem = { code: "unreachable", message: "the tracker is away" }
    expect(withStatus.snapshot()).toMatchObject({ state: "away", problem, answeredAtMs: 1_000 })
    clock.advance(500)
    await withStatus.announce(request, signal)
    await withStatus.announce(request, signal)
    expect(events.map(({ name }) => name)).toEqual(["tracker_away", "tracker_back"])
    expect(events[0]?.facts).toEqual({ code: "unreachable", status: undefined, errno: undefined })
    expect(withStatus.snapshot()).toMatchObject({ state: "answering", problem: undefined, answeredAtMs: 1_500 })
  })

  it("keeps the facts of a failure: code, sentence, status, system code and time of the retry", async () => {
    const cause = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" })
    tracker.failures.push(new TrackerError("unreachable", "nobody \u001b[2Jthere", { cause }))
    await expect(withStatus.announce(request, signal)).rejects.toThrow(TrackerError)
    expect(withStatus.snapshot().problem).toEqual({
      ...{ code: "unreachable", message: "nobody \uFFFD[2Jthere", errno: "ECONNREFUSED" },
      ...{ status: undefined, retryAtMs: undefined },
    })
    tracker.failures.push(new TrackerError("busy", "the tracker is busy", { status: 503, retryAfterMs: 30_000 }))
    await expect(withStatus.announce(request, signal)).rejects.toThrow(TrackerError)
    expect(withStatus.snapshot().problem).toMatchObject({ status: 503, errno: undefined, retryAtMs: 31_000 })
  })

  it("has nothing to say about a first answer", async () => {
    expect(withStatus.snapshot().state).toBe("unasked")
    await withStatus.announce(request, signal)
    expect(events).toEqual([])
  })

  it("distinguishes a tracker that refuses from one that is unreachable or busy", async () => {
    tracker.failures.push(new TrackerError("refused", "no", { status: 400 }))
    await expect(withStatus.announce(request, signal)).rejects.toThrow()
    expect(withStatus.snapshot().state).toBe("refusing")
    tracker.failures.push(new TrackerError("busy", "later", { status: 429 }))
    await expect(withStatus.announce(request, signal)).rejects.toThrow()
    expect(withStatus.snapshot().state).toBe("away")
  })

  it("has no warning about a tracker that never knew the document that is left", async () => {
    tracker.failures.push(new TrackerError("unknown_hash", "the tracker does not know this document", { status: 404 }))
    await expect(withStatus.announce({ ...request, event: "stopped" }, signal)).rejects.toThrow()
    expect(withStatus.snapshot().state).toBe("answering")
    expect(events).toEqual([])
  })

  it("reports each warning of a tracker once, up to a bound [F7]", async () => {
    for (let turn = 0; turn < 30; turn++) {
      tracker.warnings = ["the tracker warns: old client", `the tracker warns: ${Math.floor(turn / 2)}`]
      await withStatus.announce(request, signal)
    }
    const messages = events.map(({ name, message }) => `${name} ${message}`)
    expect(messages[0]).toBe("tracker_warning http://10.0.0.1:5000: the tracker warns: old client")
    expect(new Set(messages).size).toBe(messages.length)
    expect(messages).toHaveLength(16)
    for (let turn = 0; turn < 30; turn++) {
      tracker.warnings = [`other ${turn}`]
      await withStatus.announce(request, signal)
    }
    expect(events).toHaveLength(20)
  })

  it("does not take our own hanging up for the tracker's failure", async () => {
    tracker.failures.push(new Error("aborted"))
    await expect(withStatus.announce(request, signal)).rejects.toThrow("aborted")
    expect(withStatus.snapshot().state).toBe("unasked")
    expect(events).toEqual([])
  })
})
