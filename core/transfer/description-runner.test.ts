import { describe, expect, it } from "vitest"
import { ConnectionBudget, defaultSwarmConfig } from "../swarm/index.js"
import { FakeClock } from "../testing/fake-clock.js"
import { DescriptionRunner } from "./description-runner.js"

const { redialMs } = defaultSwarmConfig

const GREETING = { client: "test", listeningPort: 7001, maxRequests: 500, maxBlockBytes: 16_384 }

/** Dials one listed host that is away. Returns the number of dials until each of these times, ms. */
function dialsAt(random: number, timesMs: readonly number[]): readonly number[] {
  const clock = new FakeClock()
  let dials = 0
  const runner: DescriptionRunner = new DescriptionRunner({
    ...{ clock, random: () => random, connections: new ConnectionBudget() },
    ...{ listeningHost: "10.0.0.1", listeningPort: 7001, greeting: GREETING },
    digest: { algorithm: "sha1", bytes: new Uint8Array(20) },
    dial: (address) => {
      dials++
      runner.dialFailed(address, { code: "refused", why: "refused the connection" })
    },
    ...{ onFound: () => undefined, onNote: () => undefined, onChange: () => undefined },
  })
  runner.peersFound(["10.0.0.2:7001"], "listed")
  return timesMs.map((atMs) => {
    clock.advance(atMs - clock.now())
    runner.tick()
    return dials
  })
}

describe("listed hosts of a document that is known by its link", () => {
  it("are dialled again at different times by different clients: no storm of retries", () => {
    const timesMs = [0.7 * redialMs, 0.8 * redialMs, 1.3 * redialMs]
    expect(dialsAt(0, timesMs).slice(0, 2)).toEqual([1, 2])
    expect(dialsAt(1, timesMs)).toEqual([1, 1, 2])
  })
})
