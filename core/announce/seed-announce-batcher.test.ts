import { beforeEach, describe, expect, it } from "vitest"
import { TrackerError } from "../base/errors.js"
import { FakeClock } from "../testing/fake-clock.js"
import { SeedAnnounceBatcher } from "./seed-announce-batcher.js"
import type { AliveRequest, TrackerClient } from "./tracker-client.js"
import { TrackerWithStatus } from "./tracker-with-status.js"

let clock: FakeClock

/** Records each round, and answers or fails as set by the test. */
class RoundTracker implements TrackerClient {
  readonly url = "http://10.0.0.1:5000"
  readonly rounds: { readonly count: number; readonly event: string | undefined }[] = []
  failure: TrackerError | undefined
  unknown: string[] = []
  registered: string[] = []
  most: number | undefined
  /** Of a proxy before the tracker. */
  refusesOver: number | undefined
  wanted: string[] = []

  async register(): Promise<string> {
    return "aaaa"
  }

  async announce() {
    return { peers: [], intervalSeconds: 60 }
  }

  hangs = false
  /** What hangs is answered, and nothing hangs any more. */
  answerHanging: () => void = () => undefined

  alive = async ({ hashes, event }: AliveRequest, signal?: AbortSignal) => {
    this.rounds.push({ count: hashes.length, event })
    if (this.hangs) await this.#hang(signal)
    if (this.failure !== undefined) throw this.failure
    if (hashes.length > (this.refusesOver ?? this.most ?? 150))
      throw new TrackerError("refused", "too many", { status: 400 })
    const { unknown, registered, wanted, most } = this
    return { unknown, registered, wanted, intervalSeconds: 60, ...(most !== undefined && { most }) }
  }

  #hang(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.answerHanging = () => {
        this.hangs = false
        resolve()
      }
      signal?.addEventListener("abort", () => reject(signal.reason))
    })
  }
}

let tracker: RoundTracker
let withStatus: TrackerWithStatus
let batcher: SeedAnnounceBatcher
let announced: string[]
let fallenBack: string[]
let registered: string[]

beforeEach(() => {
  clock = new FakeClock()
  tracker = new RoundTracker()
  withStatus = new TrackerWithStatus(tracker, {
    listeningHost: "0.0.0.0",
    listeningPort: 7001,
    clock,
    onEvent: () => undefined,
  })
  batcher = new SeedAnnounceBatcher(withStatus, clock, () => 0.5)
  announced = []
  fallenBack = []
  registered = []
})

function join(...hashes: readonly string[]): void {
  for (const hash of hashes)
    batcher.join(hash, {
      announceOnce: () => announced.push(hash),
      onRegisteredAgain: () => registered.push(hash),
      fallBack: () => fallenBack.push(hash),
    })
}

const many = (count: number) => Array.from({ length: count }, (_, index) => `hash-${index}`)
const seconds = (count: number) => clock.pass(count * 1_000)

describe("SeedAnnounceBatcher", () => {
  it("announces 1,000 documents in a few requests, once per interval", async () => {
    join(...many(1_000))
    await seconds(1)
    expect(tracker.rounds.map(({ count }) => count)).toEqual([150, 150, 150, 150, 150, 150, 100])
    await seconds(58)
    expect(tracker.rounds).toHaveLength(7)
    await seconds(2)
    expect(tracker.rounds).toHaveLength(14)
  })

  it("puts as many documents into a request as the tracker takes, once it has said so", async () => {
    tracker.most = 500
    join(...many(1_500))
    await seconds(1)
    expect(tracker.rounds.map(({ count }) => count)).toEqual([150, 500, 500, 350])
  })

  it("announces all again in smaller requests where another tracker takes fewer", async () => {
    tracker.most = 500
    join(...many(600))
    await seconds(1)
    tracker.most = undefined
    await seconds(60)
    expect(tracker.rounds.map(({ count }) => count)).toEqual([150, 450, 500, 150, 150, 150, 150])
    expect(fallenBack).toEqual([])
  })

  it("asks for no more than at first once the tracker has refused as many as it says", async () => {
    tracker.most = 500
    tracker.refusesOver = 200
    join(...many(400))
    await seconds(2)
    expect(tracker.rounds.map(({ count }) => count)).toEqual([150, 250, 150, 150, 100])
    expect(fallenBack).toEqual([])
  })

  it("begins with small requests again after a failure: a reset connection may have been a refusal", async () => {
    tracker.most = 500
    join(...many(600))
    await seconds(1)
    tracker.failure = new TrackerError("unreachable", "reset")
    await seconds(61)
    tracker.failure = undefined
    tracker.most = undefined
    await seconds(60)
    const [, , , ...afterFailure] = tracker.rounds.map(({ count }) => count)
    expect(new Set(afterFailure)).toEqual(new Set([150]))
    expect(afterFailure.length).toBeGreaterThanOrEqual(4)
    expect(fallenBack).toEqual([])
  })

  it("says which documents the tracker has registered, and announces none of them alone [hostile 39]", async () => {
    tracker.registered = ["hash-1"]
    join(...many(3))
    await seconds(1)
    expect(registered).toEqual(["hash-1"])
    expect(announced).toEqual([])
  })

  it("announces an added document soon, without the others", async () => {
    join(...many(10))
    await seconds(1)
    join("late")
    await seconds(1)
    expect(tracker.rounds.map(({ count }) => count)).toEqual([10, 1])
  })

  it("lets a document announce alone when a peer wants it or the tracker does not know it [hostile 39]", async () => {
    tracker.unknown = ["hash-1"]
    tracker.wanted = ["hash-2"]
    join(...many(3))
    await seconds(1)
    expect(announced).toEqual(["hash-1", "hash-2"])
  })

  it("falls back to single announces where the tracker knows no rounds", async () => {
    tracker.failure = new TrackerError("refused", "there is nothing here", { status: 404 })
    join(...many(2))
    await seconds(1)
    expect(fallenBack).toEqual(["hash-0", "hash-1"])
    expect(batcher.isSupported).toBe(false)
    expect(clock.timerCount).toBe(0)
  })

  it("announces all at once when another tracker may have taken the place of the last", async () => {
    join(...many(3))
    await seconds(1)
    batcher.announceAgain()
    await seconds(1)
    expect(tracker.rounds.map(({ count }) => count)).toEqual([3, 3])
  })

  it.each([
    ["is answered", undefined],
    ["fails", new TrackerError("busy", "later", { retryAfterMs: 600_000 })],
  ])("announces all once more after a round that %s and was under way then", async (_, failure) => {
    tracker.hangs = true
    join(...many(3))
    await seconds(1)
    batcher.announceAgain()
    batcher.announceAgain()
    tracker.failure = failure
    tracker.answerHanging()
    await seconds(0)
    tracker.failure = undefined
    await seconds(1)
    expect(tracker.rounds.map(({ count }) => count)).toEqual([3, 3])
    await seconds(50)
    expect(tracker.rounds).toHaveLength(2)
  })

  it("retries with backoff while the tracker is unreachable, then announces every document", async () => {
    tracker.failure = new TrackerError("unreachable", "it is away")
    join(...many(2))
    await seconds(5)
    const tries = tracker.rounds.length
    expect(tries).toBeGreaterThan(1)
    expect(tries).toBeLessThan(8)
    tracker.failure = undefined
    await seconds(60)
    expect(tracker.rounds.at(-1)).toEqual({ count: 2, event: undefined })
  })

  it("reports when the next round is due, except during a round", async () => {
    join("a")
    expect(batcher.nextAtMs).toBe(clock.now() + 50)
    tracker.failure = new TrackerError("busy", "it is busy", { retryAfterMs: 30_000 })
    await seconds(0.05)
    expect(batcher.nextAtMs).toBe(clock.now() + 30_000)
    tracker.hangs = true
    await seconds(30)
    expect(batcher.nextAtMs).toBeUndefined()
  })

  it("takes a tracker that is silent till the deadline for one that is away, and tries again [E4]", async () => {
    tracker.hangs = true
    join(...many(2))
    await seconds(1)
    tracker.hangs = false
    await seconds(18)
    expect(withStatus.snapshot().state).toBe("unasked")
    await seconds(1.1)
    expect(withStatus.snapshot()).toMatchObject({
      state: "away",
      problem: { code: "timeout", message: "no tracker answered within 20 s" },
    })
    await seconds(2)
    expect(withStatus.snapshot().state).toBe("answering")
    expect(tracker.rounds.map(({ count }) => count)).toEqual([2, 2])
  })

  it("aborts a round without remaining documents, without a failure of the tracker [E4]", async () => {
    tracker.hangs = true
    join(...many(2))
    await seconds(1)
    for (const hash of many(2)) batcher.leave(hash)
    await clock.pass(0)
    expect(withStatus.snapshot().state).toBe("unasked")
    expect(clock.timerCount).toBe(0)
  })

  it("removes documents that leave together in one request", async () => {
    join(...many(5))
    await seconds(1)
    const gone = Promise.all(many(5).map((hash) => batcher.stop(hash)))
    await clock.pass(0)
    await gone
    expect(tracker.rounds.at(-1)).toEqual({ count: 5, event: "stopped" })
    expect(clock.timerCount).toBe(0)
  })
})
