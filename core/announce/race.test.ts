import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { TrackerError } from "../base/errors.js"
import { FakeClock } from "../testing/fake-clock.js"
import { race } from "./race.js"

let clock: FakeClock
let options: Parameters<typeof race<string, string>>[2]

beforeEach(() => {
  clock = new FakeClock()
  options = { headStartMs: 1_000, nextAfterMs: 100, maxAtOnce: 3, signal: undefined, clock }
})
afterEach(() => {
  expect(clock.timerCount).toBe(0)
})

/** Trackers by name in the test's hand: silent till they are answered for. */
class Stage {
  readonly asked: string[] = []
  readonly hungUpOn: string[] = []
  readonly #open = new Map<string, { answer: (text: string) => void; fail: (error: Error) => void }>()

  readonly ask = (name: string, signal: AbortSignal): Promise<string> => {
    this.asked.push(name)
    signal.addEventListener("abort", () => this.hungUpOn.push(name))
    return new Promise((answer, fail) => this.#open.set(name, { answer, fail }))
  }

  async answer(name: string): Promise<void> {
    this.#open.get(name)?.answer(`from ${name}`)
    await clock.pass(0)
  }

  async fail(name: string, error: Error = new TrackerError("unreachable", `${name} is away`)): Promise<void> {
    this.#open.get(name)?.fail(error)
    await clock.pass(0)
  }
}

const pass = (ms: number) => clock.pass(ms)

describe("a race of trackers", () => {
  it("asks the first alone while it answers in time [E4]", async () => {
    const stage = new Stage()
    const result = race(["a", "b"], stage.ask, options)
    await pass(999)
    await stage.answer("a")
    expect(await result).toEqual({ won: { entrant: "a", answer: "from a" }, failures: new Map(), overtaken: [] })
    expect(stage.asked).toEqual(["a"])
  })

  it("asks the next when the first is silent, and hangs up on those that are overtaken [E4]", async () => {
    const stage = new Stage()
    const result = race(["a", "b", "c", "d"], stage.ask, options)
    await pass(1_000)
    expect(stage.asked).toEqual(["a", "b"])
    await pass(100)
    expect(stage.asked).toEqual(["a", "b", "c"])
    await stage.fail("b")
    await stage.answer("c")
    expect(await result).toMatchObject({ won: { entrant: "c" }, overtaken: ["a"] })
    expect((await result).failures.get("b")?.message).toBe("b is away")
    expect(stage.hungUpOn).toContain("a")
  })

  it("asks the next at once when one fails, and no more at a time than it may [E4]", async () => {
    const stage = new Stage()
    const result = race(["a", "b", "c", "d", "e"], stage.ask, options)
    await stage.fail("a")
    expect(stage.asked).toEqual(["a", "b"])
    await pass(100_000)
    expect(stage.asked).toEqual(["a", "b", "c", "d"])
    await stage.fail("c")
    expect(stage.asked).toEqual(["a", "b", "c", "d", "e"])
    for (const name of ["b", "d", "e"]) await stage.fail(name)
    expect(await result).toMatchObject({ won: undefined, overtaken: [] })
    expect([...(await result).failures.keys()]).toEqual(["a", "c", "b", "d", "e"])
  })

  it("ends at once, with its reason, when the caller gives up [E4]", async () => {
    const stage = new Stage()
    const caller = new AbortController()
    const result = race(["a", "b"], stage.ask, { ...options, signal: caller.signal })
    const rejected = expect(result).rejects.toThrow("leaving")
    await pass(1_000)
    caller.abort(new Error("leaving"))
    await rejected
    expect(stage.hungUpOn).toEqual(["a", "b"])
    const late = race(["a"], stage.ask, { ...options, signal: caller.signal })
    await expect(late).rejects.toThrow("leaving")
    expect(stage.asked).toEqual(["a", "b"])
  })

  it("rejects with what is no tracker's failure, and leaves no rejection behind", async () => {
    const stage = new Stage()
    const result = race(["a", "b"], stage.ask, options)
    const rejected = expect(result).rejects.toThrow("a bug")
    await pass(1_000)
    await stage.fail("b", new TypeError("a bug"))
    await rejected
    await stage.fail("a", new Error("hung up on"))
    expect(stage.asked).toEqual(["a", "b"])
  })
})
