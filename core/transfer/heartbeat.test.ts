import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { FakeClock } from "../testing/fake-clock.js"
import { Heartbeat } from "./heartbeat.js"

let clock: FakeClock
let needed: boolean
let beats: number
let looks: number
let heart: Heartbeat

beforeEach(() => {
  clock = new FakeClock()
  needed = true
  beats = 0
  looks = 0
  heart = new Heartbeat(
    clock,
    250,
    () => beats++,
    () => {
      looks++
      return needed
    },
  )
})

afterEach(() => {
  heart.close()
})

describe("a heartbeat", () => {
  it("beats from waking until it is not needed any more, and leaves no timer then", () => {
    expect(clock.timerCount).toBe(0)
    heart.wake()
    clock.advance(1_000)
    expect(beats).toBe(4)
    needed = false
    clock.advance(250)
    expect(clock.timerCount).toBe(0)
    clock.advance(1_000)
    expect(beats).toBe(4)
  })

  it("beats no faster for being woken often", () => {
    for (let time = 0; time < 100; time++) heart.wake()
    clock.advance(250)
    expect(beats).toBe(1)
  })

  it("looks once an interval whether it is needed, however often it is woken", () => {
    needed = false
    for (let time = 0; time < 1_000; time++) heart.wake()
    clock.advance(250)
    expect(looks).toBe(1)
  })

  it("does not beat when there is nothing to wake for, and leaves no timer", () => {
    needed = false
    heart.wake()
    clock.advance(250)
    expect(beats).toBe(0)
    expect(clock.timerCount).toBe(0)
  })

  it("beats again when it is needed again, and never after its end", () => {
    heart.wake()
    needed = false
    clock.advance(250)
    needed = true
    heart.wake()
    clock.advance(250)
    expect(beats).toBe(1)
    heart.close()
    heart.wake()
    clock.advance(1_000)
    expect(beats).toBe(1)
  })
})
