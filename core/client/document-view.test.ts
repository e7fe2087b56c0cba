import { expect, it } from "vitest"
import { SwarmBench } from "../testing/swarm-bench.js"
import { viewInFlight } from "./document-view.js"

it("a part whose only peer has left has no rate", () => {
  const bench = new SwarmBench({ partCount: 1, partSizeBytes: 4 * 16_384 })
  const peer = bench.connect({ has: "all", unchokes: true })
  peer.sendsAsked(1)
  bench.pass(1_000)
  const [asked] = viewInFlight(bench.state, bench.nowMs)
  expect(asked).toMatchObject({ peers: [peer.address], receivedBytes: 16_384 })
  expect(asked?.bytesPerSecond).toBeGreaterThan(0)
  peer.leaves()
  expect(viewInFlight(bench.state, bench.nowMs)).toMatchObject([
    { peers: [], receivedBytes: 16_384, bytesPerSecond: 0 },
  ])
})
