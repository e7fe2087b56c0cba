import { PassThrough } from "node:stream"
import { describe, expect, it } from "vitest"
import type { Report } from "../commands/report.js"
import { LinePrinter } from "./line-printer.js"

function rig({ isTTY = true, json = false, isMoving = true } = {}) {
  const [stdout, stderr] = [Object.assign(new PassThrough(), { isTTY }), new PassThrough()]
  const printer = new LinePrinter({ stdout, stderr, json, isMoving, onBrokenPipe: () => {} })
  const read = (stream: PassThrough): string =>
    String(stream.read() ?? "")
      .replaceAll("\u001b", "^")
      .replaceAll("\r", "<")
  return { printer, said: () => read(stdout), failed: () => read(stderr) }
}

const progress = (line: string): Report => ({ event: "progress", lines: [line], fields: {} })
const done: Report = { event: "completed", lines: ["all done"], fields: {} }

describe("the progress of a single command", () => {
  it("is one line of a terminal that moves, cut at its edge, and gives way to what stays [U13]", () => {
    const { printer, said, failed } = rig()
    printer.report(progress("a: 1 %"))
    printer.report(progress("a: 2 %"))
    expect(said()).toBe("<^[K^[?7la: 1 %^[?7h<^[K^[?7la: 2 %^[?7h")
    printer.report(done)
    expect(said()).toBe("<^[Kall done\n")
    printer.report(progress("b: 1 %"))
    printer.failure({ code: "disk", message: "full" })
    expect(said()).toBe("<^[K^[?7lb: 1 %^[?7h<^[K")
    expect(failed()).toBe("ERROR disk full\n")
    printer.end()
    expect(said()).toBe("")
  })

  it("stays where it came to when the command is cut short [U13]", () => {
    const { printer, said } = rig()
    printer.report(progress("a: 1 %"))
    printer.end()
    expect(said()).toMatch(/a: 1 %\^\[\?7h\n$/)
  })

  it.each([{ isTTY: false }, { isMoving: false }])("is lines elsewhere: %o", (options) => {
    const { printer, said } = rig(options)
    printer.report(progress("a: 1 %"))
    printer.end()
    expect(said()).toBe("a: 1 %\n")
  })

  it("is JSON where that is asked for", () => {
    const { printer, said } = rig({ json: true })
    printer.report(progress("a: 1 %"))
    expect(said()).toBe('{"event":"progress"}\n')
  })
})
