import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { systemClock } from "../base/clock.js"
import { Heartbeat } from "./heartbeat.js"

let needed: boolean
let beats: number
let heart: Heartbeat

beforeEach(() => {
  vi.useFakeTimers()
  needed = true
  beats = 0
  // vitest moves it.
  heart = new Heartbeat(
    { ...systemClock, now: () => Date.now() },
    250,
    () => beats++,
    () => needed,
  )
})

afterEach(() => {
  heart.close()
  vi.useRealTimers()
})

describe("a heartbeat", () => {
  it("beats from waking until it is not needed any more, and leaves no timer then", () => {
    expect(vi.getTimerCount()).toBe(0)
    heart.wake()
    vi.advanceTimersByTime(1_000)
    expect(beats).toBe(4)
    needed = false
    vi.advanceTimersByTime(250)
    expect(vi.getTimerCount()).toBe(0)
    vi.advanceTimersByTime(1_000)
    expect(beats).toBe(5)
  })

  it("beats no faster for being woken often", () => {
    for (let time = 0; time < 100; time++) heart.wake()
    vi.advanceTimersByTime(250)
    expect(beats).toBe(1)
  })

  it("sleeps on when there is nothing to wake for", () => {
    needed = false
    heart.wake()
    expect(vi.getTimerCount()).toBe(0)
  })

  it("beats again when it is needed again, and never after its end", () => {
    heart.wake()
    needed = false
    vi.advanceTimersByTime(250)
    needed = true
    heart.wake()
    vi.advanceTimersByTime(250)
    expect(beats).toBe(2)
    heart.close()
    heart.wake()
    vi.advanceTimersByTime(1_000)
    expect(beats).toBe(2)
  })
})
