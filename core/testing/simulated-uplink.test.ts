import { describe, expect, it } from "vitest"
import type { Block } from "../swarm/index.js"
import { EventQueue } from "./event-queue.js"
import { bytesOf, SimulatedSocket, SimulatedUplink, type Stretch } from "./simulated-uplink.js"

const KiB = 1024

function blockOf(index: number, length = 16 * KiB): Block {
  return { index, begin: 0, length }
}

/** An uplink of 1 MiB/s, and all that went out on it. */
function uplinkBench() {
  const queue = new EventQueue()
  const sent: { atMs: number; socket: SimulatedSocket; stretches: readonly Stretch[] }[] = []
  const uplink = new SimulatedUplink(queue, KiB * KiB, (socket, stretches) =>
    sent.push({ atMs: queue.nowMs, socket, stretches }),
  )
  const write = (socket: SimulatedSocket, block: Block) => {
    socket.writeBlock(block)
    uplink.offer(socket)
  }
  const runToEnd = () => {
    while (queue.runNext());
  }
  return { queue, sent, write, runToEnd }
}

describe("a simulated connection", () => {
  it("sends what was written first first, messages behind blocks as in TCP", () => {
    const { sent, write, runToEnd } = uplinkBench()
    const socket = new SimulatedSocket(20)
    write(socket, blockOf(1))
    socket.write({ type: "have", index: 7 })
    write(socket, blockOf(2))
    socket.write({ type: "choke" })
    runToEnd()
    const order = sent
      .flatMap(({ stretches }) => stretches)
      .map((each) => (each.type === "bytes" ? each.block.index : each.message.type))
    expect(order).toEqual([1, "have", 2, "choke"])
  })

  it("sends a large block in stretches, of which the first begins and the last ends it", () => {
    const { sent, write, runToEnd } = uplinkBench()
    write(new SimulatedSocket(20), blockOf(1, 40 * KiB))
    runToEnd()
    const stretches = sent.flatMap((each) => each.stretches)
    expect(bytesOf(stretches)).toBe(40 * KiB)
    expect(stretches.map((each) => each.type === "bytes" && each.begins)).toEqual([true, false, false])
    expect(stretches.map((each) => each.type === "bytes" && each.ends)).toEqual([false, false, true])
  })

  it("counts a block as taken once the rest of it fits in the kernel's buffer", () => {
    const { write, runToEnd } = uplinkBench()
    const socket = new SimulatedSocket(20)
    for (let index = 0; index < 10; index++) write(socket, blockOf(index))
    // 128 KiB, and what the first turn took out of it.
    expect(socket.takeTaken().map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
    runToEnd()
    expect(socket.takeTaken().map(({ index }) => index)).toEqual([9])
  })
})

describe("a simulated uplink", () => {
  it("is shared by its connections in turns, whatever each has waiting", () => {
    const { sent, write, runToEnd } = uplinkBench()
    const [busy, quiet] = [new SimulatedSocket(20), new SimulatedSocket(20)]
    for (let index = 0; index < 4; index++) write(busy, blockOf(index))
    write(quiet, blockOf(9))
    runToEnd()
    expect(sent.map(({ socket }) => socket)).toEqual([busy, quiet, busy, busy, busy])
  })

  it("sends at its rate, and nothing of a connection that was closed", () => {
    const { queue, sent, write, runToEnd } = uplinkBench()
    const [closed, open] = [new SimulatedSocket(20), new SimulatedSocket(20)]
    write(open, blockOf(1, 64 * KiB))
    write(closed, blockOf(2))
    closed.isClosed = true
    runToEnd()
    expect(sent.every(({ socket }) => socket === open)).toBe(true)
    expect(queue.nowMs).toBe(62.5)
  })
})
