import { describe, expect, it } from "vitest"
import { createDelivery, farBytes, noteDelivery } from "./delivery.js"
import { RateMeter } from "./rate-meter.js"
import { createResponse } from "./response.js"

const TICK_MS = 250

/** A peer that answers after `responseMs`, and what it sent in each tick. */
function peerOf(responseMs: number | undefined, bytesPerTick: readonly number[]) {
  const peer = {
    delivery: createDelivery(0),
    response: { ...createResponse(0), shortestMs: responseMs },
    down: new RateMeter(0),
  }
  for (const [tick, bytes] of bytesPerTick.entries()) {
    peer.down.add(bytes)
    noteDelivery(peer, (tick + 1) * TICK_MS)
  }
  return peer
}

describe("what a far peer has under way", () => {
  it("is one and a half times its rate times its response time in a steady stream", () => {
    expect(farBytes(peerOf(200, [1_000, 1_000, 1_000]))).toBe(1.5 * 4_000 * 0.2)
  })

  it("is three times that while each window brings more than the last, so that the rate can grow", () => {
    expect(farBytes(peerOf(200, [1_000, 2_000, 4_000]))).toBe(3 * 16_000 * 0.2)
  })

  it("is that of its best window of the last four, so that a pause does not empty the line", () => {
    expect(farBytes(peerOf(200, [4_000, 0, 0, 0]))).toBe(1.5 * 16_000 * 0.2)
    expect(farBytes(peerOf(200, [4_000, 0, 0, 0, 0]))).toBe(0)
  })

  it("is measured over a response time where that is longer than a tick", () => {
    expect(farBytes(peerOf(500, [1_000, 3_000, 1_000, 3_000, 1_000, 3_000]))).toBe(1.5 * 8_000 * 0.5)
  })

  it("is nothing for a near peer, and for one that has not answered yet", () => {
    expect(farBytes(peerOf(19, [1_000, 1_000, 1_000]))).toBe(0)
    expect(farBytes(peerOf(undefined, [1_000, 1_000, 1_000]))).toBe(0)
  })

  it("is nothing for a near peer whose first answer came late, if its handshake did not", () => {
    const [near, far] = [19, 20].map((handshakeMs) => {
      const peer = peerOf(200, [1_000, 1_000, 1_000])
      return farBytes({ ...peer, response: { ...peer.response, handshakeMs } })
    })
    expect([near, far]).toEqual([0, 1.5 * 4_000 * 0.2])
  })

  it("is nothing until three windows have brought payload: the first answers of a busy machine come late, too", () => {
    expect(farBytes(peerOf(200, [1_000, 1_000]))).toBe(0)
    expect(farBytes(peerOf(200, [0, 0, 1_000, 1_000]))).toBe(0)
    expect(farBytes(peerOf(200, [0, 0, 1_000, 1_000, 1_000]))).toBeGreaterThan(0)
  })
})
