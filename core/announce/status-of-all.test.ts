import { beforeEach, describe, expect, it } from "vitest"
import type { MachineSnapshot, SwarmStatus } from "../api/swarm-status.js"
import { TrackerError } from "../base/errors.js"
import { FakeClock } from "../testing/fake-clock.js"
import { leakWarnings } from "../testing/leak-warnings.js"
import { statusOfAll } from "./status-of-all.js"
import type { TrackerClient } from "./tracker-client.js"

let clock: FakeClock
beforeEach(() => {
  clock = new FakeClock(0)
})

const machine = (port: number, leftBytes: number, heardSecondsAgo: number): MachineSnapshot => {
  const state = leftBytes === 0 ? "complete" : "downloading"
  return { address: `10.0.0.1:${port}`, state, leftBytes, bytesPerSecond: 0, heardSecondsAgo }
}

function answerOf(machines: readonly MachineSnapshot[], more = 0): SwarmStatus {
  const complete = machines.filter(({ state }) => state === "complete").length
  const sums = { total: machines.length + more, complete: complete + more, downloading: machines.length - complete }
  return { machines, ...sums, silent: 0, trackers: [] }
}

function tracker(name: string, status: NonNullable<TrackerClient["status"]>): TrackerClient {
  const fail = () => Promise.reject(new Error("not asked"))
  return { url: `http://${name}`, register: fail, announce: fail, status }
}

const ask = (trackers: readonly TrackerClient[], limit?: number) =>
  statusOfAll(trackers, { hash: "a", ...(limit !== undefined && { limit }) }, { signal: undefined, clock })

describe("the status that several trackers know", () => {
  it("has a machine once, with what it said last, and those that lack most first", async () => {
    const one = tracker("one", async () => answerOf([machine(1, 50, 9), machine(2, 5, 1), machine(3, 0, 1)]))
    const other = tracker("other", async () => answerOf([machine(4, 60, 1), machine(1, 0, 2), machine(2, 9, 4)]))
    const { machines, trackers, ...sums } = await ask([one, other])
    expect(machines.map(({ address, leftBytes }) => `${address} ${leftBytes}`)).toEqual([
      "10.0.0.1:4 60",
      "10.0.0.1:2 5",
      "10.0.0.1:1 0",
      "10.0.0.1:3 0",
    ])
    expect(sums).toEqual({ total: 4, complete: 2, downloading: 2, silent: 0 })
    expect((await ask([one, other], 1)).machines).toHaveLength(1)
    expect((await ask([one, other], 0)).complete).toBe(2)
    expect(trackers).toEqual([
      { url: "http://one", problem: undefined },
      { url: "http://other", problem: undefined },
    ])
  })

  it("comes from many trackers without a warning about a memory leak", async () => {
    const warnings = leakWarnings()
    const many = Array.from({ length: 12 }, (_, index) =>
      tracker(`${index}`, async (_request, signal) => {
        signal?.addEventListener("abort", () => undefined)
        return answerOf([machine(index, 0, 1)])
      }),
    )
    expect((await ask(many)).total).toBe(12)
    expect(warnings()).toEqual([])
  })

  it("counts no machine twice where a list was cut", async () => {
    const one = tracker("one", async () => answerOf([machine(1, 50, 9)], 10))
    const other = tracker("other", async () => answerOf([machine(1, 40, 1)], 20))
    expect(await ask([one, other])).toMatchObject({ total: 21, complete: 20, downloading: 1 })
  })

  it("comes from those that answer, names the others, and does not wait long for them", async () => {
    const silent = tracker("silent", (_, signal) => {
      return new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason)))
    })
    const away = tracker("away", () => Promise.reject(new TrackerError("unreachable", "nothing listens")))
    const asked = ask([silent, away, tracker("one", async () => answerOf([machine(1, 5, 1)]))])
    await clock.pass(3_000)
    expect(await asked).toMatchObject({
      total: 1,
      trackers: [{ problem: { code: "timeout" } }, { problem: { code: "unreachable" } }, { problem: undefined }],
    })
    await expect(ask([away, away])).rejects.toMatchObject({ code: "unreachable" })
  })
})
