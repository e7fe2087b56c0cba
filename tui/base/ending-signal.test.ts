import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { EndedBySignal, endingSignal } from "./ending-signal.js"

/** What would be called for each signal: the signals of the test's own process stay as they are. */
const handlers = new Map<unknown, () => void>()
const exit = vi.fn<typeof process.exit>()

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout"] })
  vi.spyOn(process, "exit").mockImplementation(exit)
  vi.spyOn(process, "on").mockImplementation((name, handler) => {
    handlers.set(name, handler as () => void)
    return process
  })
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  exit.mockReset()
  handlers.clear()
})

it.each([true, false])(
  "SIGHUP ends a program only with a terminal that can be gone (has one: %s) [P3]",
  (hasTerminal) => {
    const signal = endingSignal(hasTerminal)
    handlers.get("SIGHUP")?.()
    expect(signal.aborted).toBe(hasTerminal)
    handlers.get("SIGTERM")?.()
    expect(signal.reason).toEqual(new EndedBySignal(hasTerminal ? "SIGHUP" : "SIGTERM"))
  },
)

it("the first signal ends the process in any case, after a while [P2]", () => {
  endingSignal(true)
  handlers.get("SIGTERM")?.()
  handlers.get("SIGHUP")?.()
  vi.advanceTimersByTime(4_000)
  expect(exit).not.toHaveBeenCalled()
  vi.advanceTimersByTime(500)
  expect(exit).toHaveBeenCalledExactlyOnceWith(143)
})

it("a second signal ends it at once", () => {
  endingSignal(true)
  handlers.get("SIGTERM")?.()
  handlers.get("SIGINT")?.()
  expect(exit).toHaveBeenCalledExactlyOnceWith(130)
})
