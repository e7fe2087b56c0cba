import { describe, expect, it } from "vitest"
import { defaultSwarmConfig } from "./config.js"
import { pipelineBytes, racePays, requestBytes } from "./pipeline.js"
import { RateMeter } from "./rate-meter.js"

const config = {
  ...defaultSwarmConfig,
  minPipelineBytes: 1_000,
  maxPipelineBytes: 50_000,
  maxFarPipelineBytes: 300_000,
  pipelineMs: 1_500,
  raceAfterMs: 500,
}

const unknown = { bytesPerSecond: 0, responseMs: 0, startBytes: 0, farBytes: 0 }

describe("pipelineBytes", () => {
  it("is what the peer sends in the configured time", () => {
    expect(pipelineBytes(config, { ...unknown, bytesPerSecond: 10_000 })).toBe(15_000)
  })

  it("is deeper where answers take long, so that the rate can grow there too", () => {
    expect(pipelineBytes(config, { ...unknown, bytesPerSecond: 10_000, responseMs: 500 })).toBe(15_000)
    expect(pipelineBytes(config, { ...unknown, bytesPerSecond: 10_000, responseMs: 2_000 })).toBe(30_000)
  })

  it("stays between its bounds", () => {
    expect(pipelineBytes(config, unknown)).toBe(1_000)
    expect(pipelineBytes(config, { ...unknown, bytesPerSecond: 1e9 })).toBe(50_000)
    expect(pipelineBytes(config, { ...unknown, startBytes: 1e9 })).toBe(50_000)
  })

  it("is what a far peer has under way, up to a bound of its own", () => {
    expect(pipelineBytes(config, { ...unknown, bytesPerSecond: 10_000, farBytes: 200_000 })).toBe(200_000)
    expect(pipelineBytes(config, { ...unknown, bytesPerSecond: 10_000, farBytes: 1e9 })).toBe(300_000)
    expect(pipelineBytes(config, { ...unknown, bytesPerSecond: 10_000, farBytes: 10 })).toBe(15_000)
  })

  it("grows by what came while no rate is known", () => {
    expect(pipelineBytes(config, { ...unknown, startBytes: 4_000 })).toBe(5_000)
  })
})

describe("racePays", () => {
  it("does not pay when the first is done in a moment", () => {
    expect(racePays(config, 0.5, 1_000, 1_000_000)).toBe(false)
  })

  it("pays when the second would be done sooner, or has an unknown rate", () => {
    expect(racePays(config, 10, 1_000, 101)).toBe(true)
    expect(racePays(config, 10, 1_000, 0)).toBe(true)
    expect(racePays(config, 10, 1_000, 99)).toBe(false)
  })
})

describe("requestBytes", () => {
  const KIB = 1024
  const asked = { blockBytes: 256 * KIB }
  const bytesAt = (knownBytesPerSecond: number, totalBytes: number) =>
    requestBytes({ asked, down: { knownBytesPerSecond, totalBytes } })

  it("is half of what a peer of unknown rate has sent, and never less than 16 KiB", () => {
    expect([0, 63, 64, 200, 512, 4_096].map((kib) => bytesAt(0, kib * KIB) / KIB)).toEqual([16, 16, 32, 64, 256, 256])
  })

  it("passes in 125 ms where the rate is known, whatever has been sent", () => {
    expect([100, 256, 1_000, 2_048, 100_000].map((kib) => bytesAt(kib * KIB, 64 * KIB * KIB) / KIB)).toEqual([
      16, 32, 64, 256, 256,
    ])
  })

  it("is a quarter of what a peer may be asked for where memory is short, and never less than 16 KiB", () => {
    const down = { knownBytesPerSecond: 2_048 * KIB, totalBytes: 64 * KIB * KIB }
    expect([1_000, 250, 125, 10].map((aheadMs) => requestBytes({ asked, down }, aheadMs) / KIB)).toEqual([
      256, 128, 64, 16,
    ])
  })

  it("stays small at a slow peer that was choking for long, however much it has sent", () => {
    const down = new RateMeter(0)
    for (let nowMs = 250; nowMs <= 60_000; nowMs += 250) {
      if (nowMs <= 50_000) down.add(5 * KIB)
      down.sample(nowMs)
    }
    expect([down.bytesPerSecond, down.totalBytes / KIB]).toEqual([0, 1_000])
    expect(requestBytes({ asked, down })).toBe(16 * KIB)
  })
})
