import { describe, expect, it } from "vitest"
import { SimulatedClock } from "./simulated-clock.js"
import { SimulatedLink } from "./simulated-link.js"
import { SimulatedSocket } from "./simulated-socket.js"

const KiB = 1024

/** Sockets of one machine whose uplink takes 1 MiB/s, and what came out at their other ends. */
function linkBench() {
  const clock = new SimulatedClock()
  const near = new SimulatedLink(clock, KiB * KiB, KiB * KiB)
  const came: { readonly atMs: number; readonly from: SimulatedSocket; readonly bytes: Uint8Array }[] = []
  const open = () => {
    const far = new SimulatedLink(clock, KiB * KiB, Number.POSITIVE_INFINITY)
    const [socket, other] = SimulatedSocket.pair(near, far, 20)
    other.on("data", (bytes) => came.push({ atMs: clock.now(), from: socket, bytes }))
    return socket
  }
  const runToEnd = () => clock.run(() => false, Number.POSITIVE_INFINITY)
  return { clock, came, open, runToEnd }
}

function write(socket: SimulatedSocket, byteCount: number, first = 0, taken = () => {}): void {
  socket.write(new Uint8Array(byteCount).fill(first, 0, 1), taken)
}

describe("a simulated connection", () => {
  it("sends what was written first first: messages wait behind blocks as in TCP", async () => {
    const { came, open, runToEnd } = linkBench()
    const socket = open()
    write(socket, 40 * KiB, 1)
    write(socket, 9, 2)
    write(socket, 16 * KiB, 3)
    write(socket, 5, 4)
    await runToEnd()
    const all = Buffer.concat(came.map(({ bytes }) => bytes))
    expect(all).toHaveLength(56 * KiB + 14)
    expect([0, 40 * KiB, 40 * KiB + 9, 56 * KiB + 9].map((at) => all[at])).toEqual([1, 2, 3, 4])
  })

  it("has a few messages arrive after its latency, whatever the line is busy with", async () => {
    const { clock, came, open, runToEnd } = linkBench()
    const [busy, quiet] = [open(), open()]
    write(busy, 512 * KiB)
    write(quiet, 17)
    await clock.run(() => came.some(({ from }) => from === quiet), 1_000)
    expect(clock.now()).toBe(20)
    await runToEnd()
  })

  it("takes what was written once the rest of it fits in the kernel's buffer", async () => {
    const { clock, open, runToEnd } = linkBench()
    const socket = open()
    const taken: number[] = []
    for (let block = 0; block < 10; block++) write(socket, 16 * KiB, block, () => taken.push(block))
    expect(taken).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
    await clock.run(() => taken.length === 10, 1_000)
    expect(clock.now()).toBe(31.25)
    await runToEnd()
  })

  it("keeps what is written while it is corked, and sends it as one", async () => {
    const { clock, came, open, runToEnd } = linkBench()
    const socket = open()
    socket.cork()
    write(socket, 9, 1)
    await clock.run(() => false, 100)
    expect(came).toEqual([])
    write(socket, 9, 2)
    socket.uncork()
    await runToEnd()
    expect(new Set(came.map(({ atMs }) => atMs)).size).toBe(1)
    expect(came).toHaveLength(2)
  })

  it("sends no more than a window to an end that does not read, and the rest when it reads on", async () => {
    const { came, open, runToEnd } = linkBench()
    const socket = open()
    socket.far.pause()
    write(socket, 1_024 * KiB)
    write(socket, 1, 7)
    await runToEnd()
    expect(came).toEqual([])
    socket.far.resume()
    await runToEnd()
    const all = Buffer.concat(came.map(({ bytes }) => bytes))
    expect([all.length, all.at(-1)]).toEqual([1_024 * KiB + 1, 7])
  })

  it("closes both ends: the other one after the bytes sent before", async () => {
    const { clock, came, open, runToEnd } = linkBench()
    const socket = open()
    const ends: string[] = []
    socket.on("close", () => ends.push(`closed at ${clock.now()}`))
    socket.far.on("end", () => ends.push(`ended after ${came.length}`))
    write(socket, 5)
    socket.destroy()
    write(socket, 5)
    await runToEnd()
    expect(ends).toEqual(["closed at 0", "ended after 1"])
  })
})

describe("the line of a machine", () => {
  it("is shared by its connections in turns, whatever each has waiting", async () => {
    const { came, open, runToEnd } = linkBench()
    const [busy, quiet] = [open(), open()]
    for (let block = 0; block < 4; block++) write(busy, 16 * KiB)
    write(quiet, 16 * KiB)
    await runToEnd()
    expect(came.map(({ from }) => from)).toEqual([busy, quiet, busy, busy, busy])
  })

  it("sends at its rate, and nothing of a connection that was closed", async () => {
    const { came, open, runToEnd } = linkBench()
    const [closed, other] = [open(), open()]
    write(other, 64 * KiB)
    write(closed, 16 * KiB)
    closed.destroy()
    await runToEnd()
    expect(came.every(({ from }) => from === other)).toBe(true)
    expect(came.at(-1)?.atMs).toBe(62.5 + 20)
  })
})
