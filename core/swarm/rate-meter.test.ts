import { describe, expect, it } from "vitest"
import { RateMeter } from "./rate-meter.js"

describe("RateMeter", () => {
  it("shows a steady rate from the first sample on, without a slow climb", () => {
    const meter = new RateMeter(0)
    for (let nowMs = 250; nowMs <= 10_000; nowMs += 250) {
      meter.add(250)
      meter.sample(nowMs)
      expect(meter.bytesPerSecond).toBeCloseTo(1_000, 6)
    }
    expect(meter.totalBytes).toBe(10_000)
  })

  it("shows 63 % of a change after its time constant", () => {
    const meter = new RateMeter(0)
    for (let nowMs = 10; nowMs <= 20_000; nowMs += 100) meter.sample(nowMs)
    for (let step = 1; step <= 30; step++) {
      meter.add(100)
      meter.sample(20_000 + step * 100)
    }
    expect(meter.bytesPerSecond).toBeGreaterThan(600)
    expect(meter.bytesPerSecond).toBeLessThan(660)
  })

  it("falls to nothing when nothing comes", () => {
    const meter = new RateMeter(0)
    meter.add(1_000_000)
    meter.sample(1_000)
    for (let nowMs = 1_250; nowMs <= 120_000; nowMs += 250) meter.sample(nowMs)
    expect(meter.bytesPerSecond).toBe(0)
    expect(meter.knownBytesPerSecond).toBe(1_000_000)
    meter.add(1)
    meter.sample(120_250)
    expect(meter.knownBytesPerSecond).toBe(meter.bytesPerSecond)
  })

  it("knows no rate before anything has come", () => {
    const meter = new RateMeter(0)
    for (let nowMs = 250; nowMs <= 10_000; nowMs += 250) meter.sample(nowMs)
    expect(meter.knownBytesPerSecond).toBe(0)
  })

  it("lets samples that are too close wait, without losing their bytes", () => {
    const meter = new RateMeter(0)
    meter.add(50)
    meter.sample(10)
    expect(meter.bytesPerSecond).toBe(0)
    meter.add(50)
    meter.sample(100)
    expect(meter.bytesPerSecond).toBe(1_000)
  })
})
