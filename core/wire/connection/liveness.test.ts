import { describe, expect, it } from "vitest"
import { FRAME_STALLED, IDLE, SEND_STALLED } from "./close-reason.js"
import { Liveness, type Traffic } from "./liveness.js"

const silence: Traffic = {
  bytesReceived: 0,
  framesReceived: 0,
  pendingBytes: 0,
  readPauses: 0,
  readPaused: false,
  bytesQueued: 0,
  bytesHandedOver: 0,
  bufferedBytes: 0,
}

/** What `check` says once a second from second 1 on, until it says something, and in which second that was. */
function firstVerdict(trafficAt: (second: number) => Partial<Traffic>, limitSeconds = 1_000) {
  const liveness = new Liveness(0, 120_000)
  for (let second = 1; second <= limitSeconds; second++) {
    const verdict = liveness.check(second * 1_000, { ...silence, ...trafficAt(second) })
    if (verdict !== undefined) return { second, verdict }
  }
  return undefined
}

describe("liveness", () => {
  it("asks for a keep-alive after 100 s without anything from us", () => {
    expect(firstVerdict(() => ({}))).toEqual({ second: 100, verdict: "keepAlive" })
  })

  it("gives up on a peer that sends no byte for 120 s [hostile 30]", () => {
    expect(firstVerdict((second) => ({ bytesQueued: second }))).toEqual({ second: 120, verdict: IDLE })
  })

  it("holds on to a peer that sends a keep-alive now and then", () => {
    const trafficAt = (second: number) => ({ bytesQueued: second, bytesReceived: Math.floor(second / 119) * 4 })
    expect(firstVerdict(trafficAt)).toBeUndefined()
  })

  it("gives up on a message that trickles in, however often a byte comes [hostile 19]", () => {
    const trafficAt = (second: number) => ({ bytesQueued: second, bytesReceived: second, pendingBytes: 200 - second })
    expect(firstVerdict(trafficAt)).toEqual({ second: 61, verdict: FRAME_STALLED })
  })

  it("gives a long message time in proportion", () => {
    const pendingBytes = 256 * 1024
    const trafficAt = (second: number) => ({ bytesQueued: second, bytesReceived: second, pendingBytes })
    expect(firstVerdict(trafficAt)).toEqual({ second: 92, verdict: FRAME_STALLED })
  })

  it("does not count a silence of our own making", () => {
    expect(firstVerdict((second) => ({ bytesQueued: second, pendingBytes: 9, readPaused: true }))).toBeUndefined()
    expect(firstVerdict((second) => ({ bytesQueued: second, pendingBytes: 9, readPauses: second }))).toBeUndefined()
  })

  it("gives up on a peer that takes nothing of what is sent [hostile 28]", () => {
    const trafficAt = (second: number) => ({ bytesReceived: second, bytesQueued: 100, bufferedBytes: 100 })
    expect(firstVerdict(trafficAt)).toEqual({ second: 61, verdict: SEND_STALLED })
  })

  it("gives up after two minutes on a peer that takes nothing of however much [S14]", () => {
    const bufferedBytes = 8 * 1024 * 1024
    const trafficAt = (second: number) => ({
      bytesReceived: second,
      bytesQueued: bufferedBytes + second,
      bufferedBytes,
    })
    expect(firstVerdict(trafficAt)).toEqual({ second: 120, verdict: SEND_STALLED })
  })

  it("is content with a slow reader", () => {
    const trafficAt = (second: number) => ({
      bytesReceived: second,
      bytesQueued: second,
      bufferedBytes: 100_000,
      bytesHandedOver: Math.floor(second / 50),
    })
    expect(firstVerdict(trafficAt)).toBeUndefined()
  })
})
