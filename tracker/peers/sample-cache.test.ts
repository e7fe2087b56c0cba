import { describe, expect, it } from "vitest"
import { FakeClock } from "../../core/testing/fake-clock.js"
import { PeerSample } from "./peer-sample.js"
import { SampleCache } from "./sample-cache.js"

const [hash, limit] = ["0b7d3c52-5a3e-4e6a-9c1f-3f0c8a3b9d11", 200]
const sampleOf = () => new PeerSample(new Uint8Array(), new Uint8Array(), limit)

/** Of one large swarm, with a sample that has just been made. */
function kept() {
  const clock = new FakeClock()
  const samples = new SampleCache(clock)
  const sample = sampleOf()
  samples.note(hash, limit, 5_000)
  samples.peersFrom(hash, limit)
  samples.keep(hash, limit, sample)
  return { clock, samples, sample, next: () => samples.peersFrom(hash, limit) }
}

describe("samples of large swarms", () => {
  it("are kept of swarms that no answer holds, and only where many peers are wanted", () => {
    const samples = new SampleCache(new FakeClock())
    for (const [wanted, peers] of [
      [200, 201],
      [49, 5_000],
    ] as const) {
      samples.note(hash, wanted, peers)
      expect(samples.peersFrom(hash, wanted)).toBe("store")
    }
    samples.note(hash, 200, 202)
    expect(samples.peersFrom(hash, 200)).toBe("store, to keep")
    expect(samples.peersFrom(hash, 100)).toBe("store")
  })

  it("serve 32 callers, then one of them fetches the next while the others get the last", () => {
    const { samples, sample, next } = kept()
    for (let use = 2; use <= 32; use++) expect(next()).toBe(sample)
    expect([next(), next(), next()]).toEqual(["store, to keep", sample, sample])
    const another = sampleOf()
    samples.keep(hash, limit, another)
    expect(next()).toBe(another)
  })

  it("serve for one second", () => {
    const { clock, sample, next } = kept()
    expect(next()).toBe(sample)
    clock.advance(1_000)
    expect([next(), next()]).toEqual(["store, to keep", sample])
    // The new sample does not come: peers of long ago are not given.
    clock.advance(1_000)
    expect(next()).toBe("store")
  })

  it("are fetched by one caller at a time, the first one, too", () => {
    const samples = new SampleCache(new FakeClock())
    samples.note(hash, limit, 5_000)
    expect([samples.peersFrom(hash, limit), samples.peersFrom(hash, limit)]).toEqual(["store, to keep", "store"])
  })

  it("end with a swarm that is small again", () => {
    const { samples, next } = kept()
    samples.forget(hash, limit)
    expect(next()).toBe("store")
  })

  it("are kept of a bounded number of swarms", () => {
    const { samples, next } = kept()
    for (let other = 0; other < 500; other++) samples.note(String(other), limit, 5_000)
    expect(next()).toBe("store")
    expect(samples.peersFrom("499", limit)).toBe("store, to keep")
  })

  it("are kept of swarms that are asked for, however many others come [S11]", () => {
    const { samples, sample, next } = kept()
    for (let other = 0; other < 5_000; other++) {
      if (other % 250 === 0) expect(next()).toBe(sample)
      samples.note(String(other), limit, 5_000)
    }
    expect(next()).toBe(sample)
  })
})
