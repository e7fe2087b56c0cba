import { describe, expect, it } from "vitest"
import { seededRandom } from "../testing/seeded-random.js"
import { type AnnounceSchedule, afterAnswer, afterFailure, newSchedule, nextAnnounceAtMs } from "./schedule.js"

const middle = () => 0.5
const calm = { starved: false, eventWaiting: false }
const starving = { starved: true, eventWaiting: false }
const waiting = { starved: false, eventWaiting: true }

function answers(count: number, starved: boolean): { schedule: AnnounceSchedule; waitsMs: number[] } {
  let schedule = newSchedule(0)
  const waitsMs: number[] = []
  let nowMs = 0
  for (let n = 0; n < count; n++) {
    schedule = afterAnswer(schedule, { nowMs, intervalSeconds: 30, starved }, middle)
    const next = nextAnnounceAtMs(schedule, starved ? starving : calm)
    waitsMs.push(next - nowMs)
    nowMs = next
  }
  return { schedule, waitsMs }
}

describe("the announce schedule", () => {
  it("announces at once when nothing was announced yet", () => {
    expect(nextAnnounceAtMs(newSchedule(1_000), calm)).toBe(1_000)
  })

  it("keeps to the tracker's interval", () => {
    expect(answers(3, false).waitsMs).toEqual([30_000, 30_000, 30_000])
  })

  it("asks sooner while starved, from 2 s on, ever rarer, up to the interval", () => {
    expect(answers(6, true).waitsMs).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  })

  it("starts again at 2 s when it starves anew", () => {
    const fed = afterAnswer(answers(6, true).schedule, { nowMs: 0, intervalSeconds: 30, starved: false }, middle)
    expect(nextAnnounceAtMs(fed, starving)).toBe(2_000)
  })

  it("sends an event at once while the tracker answers", () => {
    const schedule = afterAnswer(newSchedule(0), { nowMs: 70, intervalSeconds: 30, starved: false }, middle)
    expect(nextAnnounceAtMs(schedule, waiting)).toBe(70)
  })

  it("backs off after failures, but never beyond the interval, events too [hostile 37]", () => {
    let schedule = newSchedule(0)
    const waitsMs: number[] = []
    for (let n = 0; n < 8; n++) {
      schedule = afterFailure(schedule, { nowMs: 0 }, middle)
      expect(nextAnnounceAtMs(schedule, waiting)).toBe(schedule.dueAtMs)
      expect(nextAnnounceAtMs(schedule, starving)).toBe(schedule.dueAtMs)
      waitsMs.push(schedule.dueAtMs)
    }
    expect(waitsMs).toEqual([750, 1_500, 3_000, 6_000, 12_000, 22_500, 22_500, 22_500])
  })

  it("forgets its failures with the first answer", () => {
    let schedule = afterFailure(newSchedule(0), { nowMs: 0 }, middle)
    schedule = afterAnswer(schedule, { nowMs: 0, intervalSeconds: 30, starved: false }, middle)
    expect(afterFailure(schedule, { nowMs: 0 }, middle).dueAtMs).toBe(750)
  })

  it("waits as long as a busy tracker asks, up to a bound", () => {
    expect(afterFailure(newSchedule(0), { nowMs: 0, retryAfterMs: 60_000 }, middle).dueAtMs).toBe(60_000)
    expect(afterFailure(newSchedule(0), { nowMs: 0, retryAfterMs: 1e12 }, middle).dueAtMs).toBe(86_400_000)
  })

  it.each([
    ["interval and min interval", { intervalSeconds: 1_800, minIntervalSeconds: 900 }, 1_800_000, 900_000],
    ["one that is longer than the interval", { intervalSeconds: 60, minIntervalSeconds: 900 }, 900_000, 900_000],
    ["an interval alone", { intervalSeconds: 7_200, minIntervalSeconds: 7_200 }, 7_200_000, 7_200_000],
    ["intervals without sense", { intervalSeconds: 1e9, minIntervalSeconds: 0.001 }, 86_400_000, 5_000],
  ])("keeps a standard tracker's %s, also while starved [E3]", (_what, intervals, expected, starvedExpected) => {
    const answer = { nowMs: 0, starved: true, ...intervals }
    expect(nextAnnounceAtMs(afterAnswer(newSchedule(0), answer, middle), calm)).toBe(expected)
    for (const chance of [0, 0.5, 0.999]) {
      const schedule = afterAnswer(newSchedule(0), answer, () => chance)
      expect(nextAnnounceAtMs(schedule, starving)).toBe(starvedExpected)
      expect(nextAnnounceAtMs(schedule, calm)).toBeGreaterThanOrEqual(starvedExpected)
      expect(nextAnnounceAtMs(schedule, waiting)).toBe(0)
    }
  })

  it.each([
    [0.001, 5_000],
    [1e9, 3_600_000],
  ])("takes an interval of %d s for %d ms", (intervalSeconds, expected) => {
    expect(afterAnswer(newSchedule(0), { nowMs: 0, intervalSeconds, starved: false }, middle).dueAtMs).toBe(expected)
  })

  it("spreads its waits within bounds, and never asks later for being starved [hostile 37]", () => {
    const seed = 20
    const random = seededRandom(seed)
    let schedule = newSchedule(0)
    for (let n = 0; n < 2_000; n++) {
      const intervalSeconds = 1 + 100 * random()
      schedule =
        random() < 0.3
          ? afterFailure(schedule, { nowMs: 0 }, random)
          : afterAnswer(schedule, { nowMs: 0, intervalSeconds, starved: random() < 0.5 }, random)
      expect(schedule.starvedDueAtMs, `seed ${seed}`).toBeLessThanOrEqual(schedule.dueAtMs)
      expect(schedule.dueAtMs, `seed ${seed}`).toBeLessThanOrEqual(schedule.intervalMs * 1.1)
      expect(schedule.dueAtMs, `seed ${seed}`).toBeGreaterThanOrEqual(500)
    }
  })
})
