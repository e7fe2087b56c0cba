import { describe, expect, it } from "vitest"
import { type MachineSnapshot, type SwarmStatus, TrackerError } from "../../core/index.js"
import { fakeStatus } from "../testing/fake-client.js"
import { type PeersWait, untilPeersHave } from "./until-peers-have.js"

const machine = (port: number, leftBytes = 0): MachineSnapshot => {
  const state = leftBytes === 0 ? "complete" : "downloading"
  return { address: `10.0.0.1:${port}`, state, leftBytes, bytesPerSecond: 0, heardSecondsAgo: 0 }
}
const away = (code = "unreachable", retryAfterMs?: number) => new TrackerError(code, `is ${code}`, { retryAfterMs })

/** What the tracker answers to one poll after the other; the last again and again. Time passes as the wait sleeps. */
function stage(answers: readonly (readonly MachineSnapshot[] | Error)[], given: Partial<PeersWait> = {}) {
  let nowMs = 0
  let poll = -1
  const [counts, troubles, limits, sleeps]: [number[], string[], number[], number[]] = [[], [], [], []]
  const wait: PeersWait = {
    ...{ name: "a.iso", wanted: 2, timeoutMs: undefined, signal: new AbortController().signal },
    async ask(limit): Promise<SwarmStatus> {
      limits.push(limit)
      if (limit === 0) poll++
      const answer = answers[Math.min(poll, answers.length - 1)] ?? []
      if (answer instanceof Error) throw answer
      const status = fakeStatus(answer)
      return { ...status, machines: status.machines.slice(0, limit) }
    },
    onCount: (have) => counts.push(have),
    onTrouble: ({ code }) => troubles.push(code),
    now: () => nowMs,
    random: () => 0,
    async sleep(ms) {
      sleeps.push(ms)
      nowMs += ms
    },
    ...given,
  }
  return { done: untilPeersHave(wait), counts, troubles, limits, sleeps }
}

describe("a wait for peers", () => {
  it("ends when enough have the document besides the first, and tells each change", async () => {
    const answers = [
      [],
      [machine(1)],
      [machine(1), machine(2, 5)],
      [machine(1), machine(2)],
      [1, 2, 3].map((port) => machine(port)),
    ]
    const { done, counts, limits, sleeps } = stage(answers)
    await done
    expect(counts).toEqual([0, 1, 2])
    expect(sleeps).toEqual([500, 750, 1_125, 1_687.5])
    // The list where something changed.
    expect(limits).toEqual([0, 10_000, 0, 10_000, 0, 10_000, 0, 10_000, 0, 10_000])
  })

  it("asks for the sums alone while nothing changes, and not more often than every 4 s after a while", async () => {
    const same = [machine(1), machine(2)]
    const { done, limits, sleeps } = stage([...Array.from({ length: 20 }, () => same), [...same, machine(3)]])
    await done
    // The first, one after 12 polls, and the last.
    expect(limits.filter((limit) => limit > 0)).toHaveLength(3)
    expect(sleeps.slice(-5)).toEqual([5_000, 5_000, 5_000, 5_000, 5_000])
  })

  it("outlives a tracker that is restarted and has forgotten everything, and counts a machine once", async () => {
    const answers = [
      [machine(1), machine(2)],
      away(),
      away("busy", 700),
      away("unknown_hash"),
      [machine(1)],
      [machine(3), machine(1)],
    ]
    const { done, counts, troubles, sleeps } = stage(answers)
    await done
    expect(counts).toEqual([1, 2])
    expect(troubles).toEqual(["unreachable", "busy", "unknown_hash"])
    expect(sleeps[2]).toBe(1_125)
  })

  it("counts a machine that the tracker forgot in between, and not twice one that came back under another port", async () => {
    const other = { ...machine(1), address: "10.0.0.2:5" }
    const forgot = stage([[machine(1), other], [machine(1)], [machine(1), machine(3)]])
    await forgot.done
    expect(forgot.counts).toEqual([1, 2])
    const again = stage([
      [machine(1), other],
      [machine(7), other],
      [machine(7), other, machine(8)],
    ])
    await again.done
    expect(again.counts).toEqual([1, 2])
  })

  it("counts what was complete before a restart, though its tracker has lost the last second and says that it lacks something", async () => {
    const before = [machine(1), machine(2)]
    const { done, counts } = stage([
      before,
      away(),
      [machine(1), machine(2, 9)],
      [machine(1), machine(2, 9), machine(3)],
    ])
    await done
    expect(counts).toEqual([1, 2])
  })

  it("finds out after a while what sums don't show", async () => {
    const other = { ...machine(1), address: "10.0.0.2:5" }
    const another = { ...machine(1), address: "10.0.0.3:5" }
    const first = [machine(1), other]
    const { done } = stage([first, [machine(1), another]])
    await done
  })

  it("is over when the time is up, after a last look", async () => {
    const { done, sleeps } = stage([[machine(1), machine(2)]], { timeoutMs: 2_000 })
    await expect(done).rejects.toMatchObject({
      code: "wait_timeout",
      message: "the time is up: 1 of 2 peers have all of a.iso",
    })
    expect(sleeps.reduce((sum, ms) => sum + ms)).toBe(2_000)
    const last = stage([[], [], [], [1, 2, 3].map((port) => machine(port))], { timeoutMs: 1_900 })
    await last.done
  })

  it("ends with the tracker's failure when the time is up while it fails", async () => {
    await expect(stage([[machine(1)], away()], { timeoutMs: 3_000 }).done).rejects.toMatchObject({
      code: "unreachable",
      message: "the time is up, and is unreachable",
    })
  })

  it.each(["status_unsupported", "refused"])("ends at once with %s, which time does not mend", async (code) => {
    await expect(stage([away(code)]).done).rejects.toMatchObject({ code })
  })

  it("ends with whatever else its question is answered", async () => {
    await expect(stage([new RangeError("a bug")]).done).rejects.toThrow(RangeError)
  })
})
