import { openSync } from "node:fs"
import { PassThrough, type Writable } from "node:stream"
import { afterEach, describe, expect, it, vi } from "vitest"
import { Output, type OutputListener } from "./output.js"

function listener() {
  return { onBrokenPipe: vi.fn<OutputListener["onBrokenPipe"]>(), onLoss: vi.fn<OutputListener["onLoss"]>() }
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe("an output", () => {
  it.runIf(process.platform === "linux")("that leads to a full disk loses its text, and says so once [S5]", () => {
    const calls = listener()
    const full = Object.assign(new PassThrough(), { fd: openSync("/dev/full", "w") })
    const output = new Output(full as unknown as Writable, calls)
    output.write("one\n")
    output.write("two\n")
    expect(calls.onLoss).toHaveBeenCalledOnce()
    expect(calls.onLoss.mock.calls[0]?.[0]).toMatchObject({ code: "ENOSPC" })
    expect(output.hasLost).toBe(true)
    const ended = vi.fn()
    output.end(ended)
    expect(ended).toHaveBeenCalledOnce()
  })

  it("says again that it loses text after it took some in between [S5]", async () => {
    const calls = listener()
    const stream = new PassThrough()
    stream._write = (_chunk, _encoding, done) => done()
    const output = new Output(stream, calls)
    const fail = () => stream.emit("error", Object.assign(new Error("full"), { code: "ENOSPC" }))
    fail()
    fail()
    expect(calls.onLoss).toHaveBeenCalledTimes(1)
    await new Promise<void>((resolve) => {
      output.write("well\n")
      output.end(resolve)
    })
    fail()
    expect(calls.onLoss).toHaveBeenCalledTimes(2)
  })

  it("whose reader has stopped keeps a bounded amount of text [S5]", () => {
    const calls = listener()
    const stream = new PassThrough()
    const output = new Output(stream, calls)
    for (let count = 0; count < 100; count++) output.write("x".repeat(100_000))
    expect(stream.writableLength).toBeLessThan(1_200_000)
    expect(calls.onLoss).toHaveBeenCalledOnce()
  })

  it("loses nothing beside one long text that is still being written, and stays bounded", () => {
    const calls = listener()
    const stream = new PassThrough()
    stream._write = () => undefined
    const output = new Output(stream, calls)
    output.write("x".repeat(4_000_000))
    output.write("short\n")
    expect(calls.onLoss).not.toHaveBeenCalled()
    for (let count = 0; count < 10; count++) output.write("x".repeat(4_000_000))
    expect(stream.writableLength).toBeLessThan(9_000_000)
    expect(calls.onLoss).toHaveBeenCalledOnce()
  })

  it("whose reader has stopped is not waited for again before it takes something [S5]", async () => {
    vi.useFakeTimers()
    let take: () => void = () => undefined
    const stream = new PassThrough({ highWaterMark: 10 })
    stream._write = (_chunk, _encoding, done) => {
      take = done
    }
    const output = new Output(stream, listener())
    const never = new AbortController().signal
    output.write("x".repeat(100))
    const waited = output.drained(never)
    await vi.advanceTimersByTimeAsync(10_000)
    await waited
    await output.drained(never)
    vi.useRealTimers()
    const drain = new Promise((resolve) => stream.once("drain", resolve))
    take()
    await drain
    output.write("x".repeat(100))
    const drained = vi.fn()
    const again = output.drained(never).then(drained)
    await new Promise(setImmediate)
    expect(drained).not.toHaveBeenCalled()
    take()
    await again
  })

  it("whose reader is gone is quiet", () => {
    const calls = listener()
    const stream = new PassThrough()
    const output = new Output(stream, calls)
    const gone = () => stream.emit("error", Object.assign(new Error("gone"), { code: "EPIPE" }))
    gone()
    gone()
    output.write("unread text")
    expect(calls.onBrokenPipe).toHaveBeenCalledOnce()
    expect(stream.writableLength).toBe(0)
    expect(output.hasLost).toBe(false)
  })

  it("lets a bug be heard", () => {
    const stream = new PassThrough()
    new Output(stream, listener())
    expect(() => stream.emit("error", new TypeError("a bug"))).toThrow("a bug")
  })
})
