import { describe, expect, it } from "vitest"
import { SwarmBench } from "../testing/swarm-bench.js"
import { Bitfield } from "../torrent/bitfield.js"
import type { PeerMessage } from "../wire/codec/messages.js"
import { availability } from "./availability.js"

describe("a bitfield or haveAll that is not a peer's first word (aria2 sends them instead of many haves)", () => {
  it("is taken when it offers more [hostile 23]", () => {
    const bench = new SwarmBench({ partCount: 9 })
    const peer = bench.connect()
    peer.says({ type: "haveNone" })
    peer.says({ type: "have", index: 2 })
    peer.says({ type: "bitfield", bitfield: partSet(9, 2, 8) })
    expect(peer.closedFor).toBeUndefined()
    expect([1, 2, 8].map((index) => availability(bench.state, index))).toEqual([0, 1, 1])
    peer.says({ type: "haveAll" })
    expect([1, 2, 8].map((index) => availability(bench.state, index))).toEqual([1, 1, 1])
    expect(bench.state.seedCount).toBe(1)
  })

  it("ends the connection when it takes parts back [hostile 23]", () => {
    const takesBack: readonly PeerMessage[] = [
      { type: "bitfield", bitfield: partSet(9, 2, 4, 5) },
      { type: "haveNone" },
    ]
    for (const message of takesBack) {
      const peer = new SwarmBench({ partCount: 9 }).connect({ has: [2, 3] })
      peer.says(message)
      expect(peer.closedFor).toBe("bad_bitfield")
    }
  })

  it("ends the connection when it comes again and again with nothing new [hostile 23]", () => {
    const peer = new SwarmBench({ partCount: 9, config: { maxFaults: 3 } }).connect({ has: [2, 3] })
    for (let repeat = 0; repeat < 3; repeat++) peer.says({ type: "bitfield", bitfield: partSet(9, 2, 3) })
    expect(peer.closedFor).toBeUndefined()
    peer.says({ type: "bitfield", bitfield: partSet(9, 2, 3) })
    expect(peer.closedFor).toBe("duplicate_bitfield")
  })
})

describe("a peer that has nothing", () => {
  it.each<PeerMessage>([{ type: "haveNone" }, { type: "bitfield", bitfield: partSet(9) }])(
    "may say so once, and is dropped when it says so again and again: $type [S2]",
    (message) => {
      const peer = new SwarmBench({ partCount: 9, config: { maxFaults: 3 } }).connect()
      for (let repeat = 0; repeat < 4; repeat++) peer.says(message)
      expect(peer.closedFor).toBeUndefined()
      peer.says(message)
      expect(peer.closedFor).toBe("duplicate_bitfield")
    },
  )
})

function partSet(partCount: number, ...indices: readonly number[]): Bitfield {
  const parts = new Bitfield(partCount)
  for (const index of indices) parts.add(index)
  return parts
}
