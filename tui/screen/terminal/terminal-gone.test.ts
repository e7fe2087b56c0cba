import { EventEmitter } from "node:events"
import type { ReadStream } from "node:tty"
import { describe, expect, it } from "vitest"
import { Terminal, type WriteStream } from "./terminal.js"

function terminalOn(stdout: EventEmitter): Terminal {
  return new Terminal(new EventEmitter() as ReadStream, stdout as WriteStream)
}

describe("a terminal", () => {
  it.each(["EIO", "EBADF", "EPIPE"])("that is gone (%s) is no crash", (code) => {
    const stdout = new EventEmitter()
    terminalOn(stdout)
    expect(() => stdout.emit("error", Object.assign(new Error("write"), { code }))).not.toThrow()
  })

  it("lets every other failure be heard", () => {
    const stdout = new EventEmitter()
    terminalOn(stdout)
    expect(() => stdout.emit("error", new TypeError("a bug"))).toThrow("a bug")
  })

  it("writes nothing when it was never taken", () => {
    expect(() => terminalOn(new EventEmitter()).restore()).not.toThrow()
  })
})
