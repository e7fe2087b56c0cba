import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { TrackerError } from "../base/errors.js"
import { type AnnouncerStage, announcerStage } from "../testing/announcer-stage.js"
import { FakeClock } from "../testing/fake-clock.js"

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

describe("an announcer that is asked to announce", () => {
  it("asks at once when another tracker may have taken the place of the last, whatever it waits for", async () => {
    stage.announcer.start()
    await seconds(1)
    stage.announcer.announceAgain()
    await seconds(1)
    expect(stage.tracker.log.map(({ atSeconds }) => atSeconds)).toEqual([0, 1])
    stage.tracker.failure = new TrackerError("unreachable", "it is away")
    await seconds(100)
    const tries = stage.tracker.log.length
    stage.tracker.failure = undefined
    stage.announcer.announceAgain()
    await seconds(0)
    expect(stage.tracker.log).toHaveLength(tries + 1)
    await seconds(59)
    expect(stage.tracker.log).toHaveLength(tries + 1)
  })

  it("asks once more after an announce that was under way when another tracker may have taken the place", async () => {
    stage.tracker.hangs = true
    stage.announcer.start()
    await seconds(1)
    stage.announcer.announceAgain()
    stage.announcer.announceAgain()
    expect(stage.tracker.log).toHaveLength(1)
    stage.tracker.answerHanging()
    await seconds(1)
    expect(stage.tracker.events).toEqual(["started", undefined])
    await seconds(50)
    expect(stage.tracker.log).toHaveLength(2)
  })

  it("asks once more after an announce that fails, which was under way when another tracker may have taken the place", async () => {
    stage.tracker.hangs = true
    stage.announcer.start()
    await seconds(1)
    stage.announcer.announceAgain()
    stage.tracker.failure = new TrackerError("busy", "later", { retryAfterMs: 600_000 })
    stage.tracker.answerHanging()
    await seconds(1)
    expect(stage.tracker.log).toHaveLength(2)
  })

  it("announces at once when it is asked to, and keeps to the interval from then on", async () => {
    stage.announcer.start()
    await seconds(10)
    await stage.announcer.announceNow()
    expect(stage.tracker.log.map(({ atSeconds }) => atSeconds)).toEqual([0, 10])
    expect(stage.announcer.nextAtMs).toBeGreaterThan(clock.now() + 40_000)
  })

  it("announces anew when it is asked to while an announce is under way, once for all that ask", async () => {
    stage.tracker.hangs = true
    stage.announcer.start()
    await seconds(1)
    let done = 0
    for (let caller = 0; caller < 2; caller++) void stage.announcer.announceNow().then(() => done++)
    await seconds(0)
    expect([stage.tracker.log.length, done]).toEqual([1, 0])
    stage.tracker.answerHanging()
    await seconds(1)
    expect([stage.tracker.events, done]).toEqual([["started", undefined], 2])
  })

  it("stops without the announce that was to follow the one under way", async () => {
    stage.tracker.hangs = true
    stage.announcer.start()
    await seconds(1)
    const done = stage.announcer.announceNow()
    stage.tracker.hangs = false
    await stage.announcer.stop()
    await done
    await seconds(600)
    expect(stage.tracker.events).toEqual(["started", "stopped"])
  })
})
