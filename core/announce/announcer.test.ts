import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { TrackerError } from "../base/errors.js"
import { type AnnouncerStage, announcerStage } from "../testing/announcer-stage.js"
import { FakeClock } from "../testing/fake-clock.js"
import type { TrackerClient } from "./tracker-client.js"

let clock: FakeClock
let stage: AnnouncerStage

beforeEach(() => {
  clock = new FakeClock()
  stage = announcerStage(clock)
})

afterEach(async () => {
  stage.tracker.failure = undefined
  stage.tracker.hangs = false
  await stage.announcer.stop()
  expect(clock.timerCount).toBe(0)
})

const seconds = (count: number) => clock.pass(count * 1_000)

describe("Announcer", () => {
  it("says started at once, and then keeps to the tracker's interval [hostile 39]", async () => {
    stage.announcer.start()
    await seconds(200)
    expect(stage.tracker.log.map(({ atSeconds }) => atSeconds)).toEqual([0, 60, 120, 180])
    expect(stage.tracker.events).toEqual(["started", undefined, undefined, undefined])
    expect(stage.found).toEqual(Array.from({ length: 4 }, () => "10.0.0.9:7000"))
  })

  it("knows when it asks next, but for the time that it asks", async () => {
    stage.announcer.start()
    await seconds(1)
    expect(stage.announcer.nextAtMs).toBe(clock.now() + 59_000)
    stage.tracker.hangs = true
    await seconds(59)
    expect(stage.announcer.nextAtMs).toBeUndefined()
    stage.tracker.failure = new TrackerError("busy", "the tracker is busy", { retryAfterMs: 90_000 })
    stage.tracker.answerHanging()
    await seconds(0)
    expect(stage.announcer.nextAtMs).toBe(clock.now() + 90_000)
  })

  it("asks sooner while it is starved, less and less often", async () => {
    stage.starved = true
    stage.announcer.start()
    await seconds(50)
    const gaps = stage.tracker.log
      .slice(1)
      .map(({ atSeconds }, turn) => atSeconds - (stage.tracker.log[turn]?.atSeconds ?? 0))
    expect(gaps.length).toBeGreaterThan(2)
    expect(gaps[0]).toBeCloseTo(2, 1)
    for (const [turn, gap] of gaps.slice(1).entries()) expect(gap).toBeGreaterThanOrEqual(gaps[turn] ?? 0)
  })

  it("asks a standard tracker no sooner than its min interval, however starved [E3]", async () => {
    stage.tracker.standard = { minIntervalSeconds: 40 }
    stage.starved = true
    stage.announcer.start()
    await seconds(39)
    stage.announcer.reconsider()
    expect(stage.tracker.log).toHaveLength(1)
    await seconds(2)
    expect(stage.tracker.log).toHaveLength(2)
  })

  it("waits as long as a standard tracker's refusal asks for [E3]", async () => {
    stage.tracker.failure = new TrackerError("refused", "no", { retryAfterMs: 3_600_000 })
    stage.starved = true
    stage.announcer.start()
    await seconds(3_599)
    stage.announcer.reconsider()
    expect(stage.tracker.log).toHaveLength(1)
    await seconds(2)
    expect(stage.tracker.log).toHaveLength(2)
  })

  it("announces once where batched announces end while it announces alone", async () => {
    const { tracker } = stage
    const answer = { unknown: ["aaaa"], wanted: [], intervalSeconds: 60 }
    const alive = vi.fn<NonNullable<TrackerClient["alive"]>>().mockResolvedValueOnce(answer)
    alive.mockRejectedValue(new TrackerError("refused", "no", { status: 404 }))
    Object.assign(tracker, { alive, hangs: true })
    stage.left = 0
    stage.announcer.start()
    await seconds(70)
    expect(alive).toHaveBeenCalledTimes(2)
    expect(tracker.log).toHaveLength(1)
    tracker.answerHanging()
    await seconds(1)
    expect(tracker.log).toHaveLength(1)
    await seconds(60)
    expect(tracker.log).toHaveLength(2)
  })

  it("asks sooner from the moment it becomes starved", async () => {
    stage.announcer.start()
    await seconds(20)
    stage.starved = true
    stage.announcer.reconsider()
    await seconds(1)
    expect(stage.tracker.log).toHaveLength(2)
  })

  it("waits for the interval again when it is fed", async () => {
    stage.starved = true
    stage.announcer.start()
    await seconds(1)
    stage.starved = false
    stage.announcer.reconsider()
    await seconds(50)
    expect(stage.tracker.log).toHaveLength(1)
  })

  it("tries again with backoff while the tracker is away, started included [hostile 37]", async () => {
    stage.tracker.failure = new TrackerError("unreachable", "away")
    stage.announcer.start()
    await seconds(20)
    const times = stage.tracker.log.map(({ atSeconds }) => atSeconds)
    expect(times.length).toBeGreaterThan(3)
    expect(times.length).toBeLessThan(10)
    stage.tracker.failure = undefined
    await seconds(60)
    expect(stage.tracker.events.lastIndexOf("started")).toBeGreaterThan(times.length - 1)
    expect(stage.found.length).toBeGreaterThan(0)
  })

  it("waits as long as a busy tracker asked for", async () => {
    stage.tracker.failure = new TrackerError("busy", "later", { status: 429, retryAfterMs: 45_000 })
    stage.announcer.start()
    await seconds(44)
    expect(stage.tracker.log).toHaveLength(1)
    await seconds(2)
    expect(stage.tracker.log).toHaveLength(2)
  })

  it("says completed at once, once", async () => {
    stage.announcer.start()
    await seconds(10)
    stage.left = 0
    stage.announcer.completed()
    await seconds(100)
    expect(stage.tracker.log[1]).toEqual({ atSeconds: 10, event: "completed", left: 0 })
    expect(stage.tracker.events.filter((event) => event === "completed")).toHaveLength(1)
  })

  it("is not complete with some files of a folder: what is left of the others is announced at the interval", async () => {
    stage.announcer.start()
    await seconds(10)
    stage.announcer.completed()
    await seconds(60)
    expect(stage.tracker.log.map(({ event, left }) => [event, left])).toEqual([
      ["started", 100],
      [undefined, 100],
    ])
  })

  it("does not lose completed when it comes while an announce is under way", async () => {
    stage.tracker.hangs = true
    stage.announcer.start()
    await seconds(1)
    stage.left = 0
    stage.announcer.completed()
    stage.tracker.answerHanging()
    await seconds(1)
    expect(stage.tracker.events).toEqual(["started", "completed"])
  })

  it("says completed only when the announce that is under way has ended", async () => {
    stage.tracker.hangs = true
    stage.announcer.start()
    await seconds(1)
    stage.left = 0
    stage.announcer.completed()
    await seconds(5)
    expect(stage.tracker.events).toEqual(["started"])
    stage.tracker.answerHanging()
    await seconds(1)
    expect(stage.tracker.events).toEqual(["started", "completed"])
  })

  it("hangs up on an announce that is under way when it stops, and says goodbye: the tracker may have heard it", async () => {
    stage.tracker.hangs = true
    stage.announcer.start()
    await seconds(1)
    stage.tracker.hangs = false
    await stage.announcer.stop()
    await seconds(600)
    expect(stage.tracker.events).toEqual(["started", "stopped"])
  })

  it("says stopped and asks no more", async () => {
    stage.announcer.start()
    await seconds(1)
    await stage.announcer.stop()
    await stage.announcer.stop()
    await seconds(600)
    expect(stage.tracker.events).toEqual(["started", "stopped"])
  })

  it("leaves without a word when the tracker is away", async () => {
    stage.tracker.failure = new TrackerError("unreachable", "away")
    stage.announcer.start()
    await seconds(1)
    stage.tracker.failure = undefined
    await stage.announcer.stop()
    expect(stage.tracker.events).not.toContain("stopped")
  })

  it("gives up its goodbye after two seconds", async () => {
    stage.announcer.start()
    await seconds(1)
    stage.tracker.hangs = true
    const gone = stage.announcer.stop()
    let isGone = false
    void gone.then(() => (isGone = true))
    await clock.pass(1_999)
    expect(isGone).toBe(false)
    await clock.pass(1)
    expect(isGone).toBe(true)
  })
})
