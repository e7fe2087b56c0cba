import { closeSync, openSync } from "node:fs"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { LogOutput } from "./log-output.js"

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** An output with room for `room` bytes, then failing with `code`. */
function rig(code: string) {
  const output = { room: Number.POSITIVE_INFINITY, text: "", failures: [] as string[] }
  const log = new LogOutput(1, {
    onFailed: (failure) => output.failures.push(failure),
    write(bytes) {
      if (output.room <= 0) throw Object.assign(new Error(code), { code })
      const part = bytes.subarray(0, output.room)
      output.text += part.toString()
      output.room -= part.length
      return part.length
    },
  })
  return { log, output }
}

describe.each(["ENOSPC", "EIO", "EPIPE"])("an output that fails with %s", (code) => {
  it("is said once, and gets what waited when there is room again, whole and in order [S5]", () => {
    const { log, output } = rig(code)
    log.write("one\n")
    output.room = 2
    for (const line of ["two\n", "three\n", "four\n"]) log.write(line)
    expect(output.text).toBe("one\ntw")
    expect(output.failures).toEqual([code])
    output.room = Number.POSITIVE_INFINITY
    log.write("five\n")
    expect(output.text).toBe("one\ntwo\nthree\nfour\nfive\n")
    output.room = 0
    log.write("six\n")
    expect(output.failures).toEqual([code, code])
  })
})

describe("a log that can't be written", () => {
  it("takes no more memory however much is logged, and says how much was lost [S5]", () => {
    const { log, output } = rig("ENOSPC")
    output.room = 0
    const line = `${"x".repeat(999)}\n`
    for (let number = 0; number < 1_000; number++) log.write(line)
    output.room = Number.POSITIVE_INFINITY
    log.write("after\n")
    const lines = output.text.trim().split("\n")
    const kept = lines.filter((each) => each === line.trim()).length
    expect(kept).toBe(65)
    expect(JSON.parse(lines.at(-2) ?? "")).toMatchObject({ lost: 1_000 - kept, level: 40 })
    expect(lines.at(-1)).toBe("after")
  })

  it("is tried again when nothing new is logged [S5]", () => {
    const { log, output } = rig("EAGAIN")
    output.room = 0
    log.write("one\n")
    vi.advanceTimersByTime(1_000)
    output.room = Number.POSITIVE_INFINITY
    vi.advanceTimersByTime(1_000)
    expect(output.text).toBe("one\n")
    expect(vi.getTimerCount()).toBe(0)
  })

  it("counts a slow reader as no failure", () => {
    const { log, output } = rig("EAGAIN")
    output.room = 0
    log.write("one\n")
    expect(output.failures).toEqual([])
  })

  it("is /dev/full [S5]", () => {
    const fd = openSync("/dev/full", "w")
    try {
      const failures: string[] = []
      const log = new LogOutput(fd, { onFailed: (code) => failures.push(code) })
      for (let number = 0; number < 10; number++) log.write("line\n")
      expect(failures).toEqual(["ENOSPC"])
    } finally {
      closeSync(fd)
    }
  })
})
