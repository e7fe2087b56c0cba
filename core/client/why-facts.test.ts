import { describe, expect, it } from "vitest"
import { SwarmBench } from "../testing/swarm-bench.js"
import { awayOf } from "./why-facts.js"

describe("of the peers that are not connected", () => {
  function away(...failures: readonly (readonly [address: string, code: string, why: string])[]) {
    const bench = new SwarmBench()
    bench.handle({ type: "peersFound", addresses: failures.map(([address]) => address), source: "tracker" })
    for (const [address, code, why] of failures) {
      bench.nowMs++
      bench.handle({ type: "dialFailed", address, why, code })
    }
    return awayOf([...bench.state.book.all()])
  }

  it("the one is named whose reason tells most, not the first, and the commonest reason of the others [F8, E13]", () => {
    const facts = away(
      ["10.0.0.1:7000", "refused", "refused the connection"],
      ["10.0.0.2:7000", "hung_up", "closed the connection in the handshake"],
      ["10.0.0.3:7000", "timed_out", "did not answer"],
      ["10.0.0.4:7000", "timed_out", "did not answer"],
    )
    expect(facts).toEqual({
      away: { address: "10.0.0.2:7000", why: "closed the connection in the handshake" },
      awayOthers: { count: 2, why: "did not answer" },
    })
  })

  it("the latest is named when several tell as much [E13]", () => {
    const facts = away(
      ["10.0.0.1:7000", "refused", "refused the connection"],
      ["10.0.0.2:7000", "refused", "refused the connection"],
    )
    expect(facts.away?.address).toBe("10.0.0.2:7000")
    expect(away()).toEqual({ away: undefined, awayOthers: undefined })
  })
})
