import { describe, expect, it } from "vitest"
import { defaultSwarmConfig } from "./config.js"
import { pipelineBytes, racePays } from "./pipeline.js"

const config = {
  ...defaultSwarmConfig,
  minPipelineBytes: 1_000,
  maxPipelineBytes: 50_000,
  pipelineMs: 1_500,
  raceAfterMs: 500,
}

describe("pipelineBytes", () => {
  it("is what the peer sends in the configured time", () => {
    expect(pipelineBytes(config, 10_000, 0)).toBe(15_000)
  })

  it("stays between its bounds", () => {
    expect(pipelineBytes(config, 0, 0)).toBe(1_000)
    expect(pipelineBytes(config, 1_000_000_000, 0)).toBe(50_000)
    expect(pipelineBytes(config, 0, 1_000_000_000)).toBe(50_000)
  })

  it("grows by what came while no rate is known", () => {
    expect(pipelineBytes(config, 0, 4_000)).toBe(5_000)
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
