import { afterEach, describe, expect, it, vi } from "vitest"
import { CommandError } from "../../core/index.js"
import { untilSo } from "../../core/testing/until-so.js"
import { EndedBySignal } from "../base/ending-signal.js"
import { fakeDocument } from "../testing/fake-client.js"
import { downloadBegun, lineRig } from "../testing/line-rig.js"
import { runLineMode, runOneShot } from "./line-mode.js"

afterEach(() => {
  vi.useRealTimers()
})

describe("one-shot", () => {
  it("waits for the download it began", async () => {
    const { client, place, options, out } = lineRig()
    const code = runOneShot(place, ["download", "a.json", "my file"], options)
    const download = await downloadBegun(client, "a.json")
    download.complete({ filePath: "/files/my file" })
    expect(await code).toBe(0)
    expect(out()).toEqual([
      "a.json: nothing here yet, fetching all 100 parts (1.00 KiB)",
      "/files/my file: 100 KiB, all parts checked, 100 KiB fetched",
      "SUCCESSFUL DOWNLOAD",
    ])
  })

  it("leaves with the code of what went wrong", async () => {
    const { place, options, err } = lineRig()
    expect(await runOneShot(place, ["upload"], options)).toBe(6)
    expect(err()[0]).toMatch(/^ERROR missing_argument path_to_file is missing/)
  })

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("says that an upload which %s cut short was not done, and leaves with %i [P2]", async (signal, code) => {
    const { client, place, ending, options, out, err } = lineRig()
    client.onUpload = (_, aborted) =>
      new Promise((_, reject) => {
        aborted?.addEventListener("abort", () => reject(new CommandError("interrupted", "interrupted")))
      })
    const ended = runOneShot(place, ["upload", "a", "b"], options)
    await untilSo(() => client.calls.length === 1)
    ending.abort(new EndedBySignal(signal))
    expect(await ended).toBe(code)
    expect(out()).toEqual([])
    expect(err()).toEqual([`ERROR interrupted upload was not done: ${signal} came first`])
  })
})

describe("a signal that comes while the client starts", () => {
  it("ends line mode before it reads a command [P2]", async () => {
    const { client, place, ending, options, stdin } = lineRig({ seed: true })
    stdin.write("upload a b\n")
    ending.abort(new EndedBySignal("SIGTERM"))
    expect(await runLineMode(place, options)).toBe(0)
    expect(client.calls).toEqual([])
  })
})

describe("a stream that fails", () => {
  const eio = () => Object.assign(new Error("write EIO"), { code: "EIO" })

  it("does not stop the work: what is lost on stdout is said once on stderr, and by the exit code [S5]", async () => {
    const { client, place, options, stdin, stdout, err } = lineRig()
    stdin.write("upload a b\n")
    const code = runLineMode(place, options)
    await untilSo(() => client.calls.length === 1)
    stdout.destroy(eio())
    stdin.end("upload c d\nlist\n")
    expect(await code).toBe(5)
    expect(client.calls).toHaveLength(2)
    expect(err()).toEqual(["ERROR output_lost stdout can't be written: write EIO"])
  })

  it("ends the commands when it is stdin, as its end does [S5]", async () => {
    const { place, options, stdin } = lineRig()
    const code = runLineMode(place, options)
    stdin.destroy(eio())
    expect(await code).toBe(0)
  })

  it("ends without delay when the reader of stdout has stopped [S5]", async () => {
    const { client, place, ending, options, stdin, stdout } = lineRig()
    stdin.write(`${"list\n".repeat(2_000)}`)
    for (let count = 0; count < 100; count++) client.showDocument(fakeDocument({ name: "n".repeat(count + 1) }))
    const code = runLineMode(place, options)
    await untilSo(() => stdout.writableNeedDrain)
    ending.abort(new EndedBySignal("SIGTERM"))
    expect(await code).toBe(0)
  })
})
