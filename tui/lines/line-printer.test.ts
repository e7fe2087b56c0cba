import { PassThrough } from "node:stream"
import { expect, it } from "vitest"
import type { Report } from "../commands/report.js"
import { LinePrinter } from "./line-printer.js"

const MESSAGE = "/srv/a.iso.part: it was taken away while the download ran"
const NOTE: Report = {
  event: "note",
  lines: [`error: a.iso: ${MESSAGE}`],
  fields: { name: "file_changed", level: "error", message: MESSAGE },
}
const DONE: Report = { event: "paused", lines: ["b.iso: paused"], fields: {} }

/** What was printed on both outputs, in order. */
function rig(json = false) {
  const printed: string[] = []
  const stream = (): PassThrough => {
    const output = new PassThrough()
    output.on("data", (chunk) => printed.push(String(chunk)))
    return output
  }
  return { printed, printer: new LinePrinter({ stdout: stream(), stderr: stream(), json, onBrokenPipe: () => {} }) }
}

it("a download that fails is one line, that of the failure", async () => {
  const { printed, printer } = rig()
  printer.report(NOTE)
  printer.failure({ code: "file_changed", message: MESSAGE })
  printer.end()
  await expect.poll(() => printed).toEqual([`ERROR file_changed ${MESSAGE}\n`])
})

it("a failure that nothing waits for is printed, before what comes after it", async () => {
  const { printed, printer } = rig()
  printer.report(NOTE)
  printer.report(DONE)
  printer.report(NOTE)
  printer.failure({ code: "bad_argument", message: "another" })
  printer.report(NOTE)
  await expect
    .poll(() => printed.join(""))
    .toBe(`${NOTE.lines[0]}\nb.iso: paused\n${NOTE.lines[0]}\nERROR bad_argument another\n${NOTE.lines[0]}\n`)
})

it("as JSON the note stays: it names the document", async () => {
  const { printed, printer } = rig(true)
  printer.report(NOTE)
  printer.failure({ code: "file_changed", message: MESSAGE })
  await expect.poll(() => printed).toHaveLength(2)
})
