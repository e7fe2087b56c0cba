import { afterEach, describe, expect, it, vi } from "vitest"
import { StoreError } from "../../core/index.js"
import { untilSo } from "../../core/testing/until-so.js"
import { EndedBySignal } from "../base/ending-signal.js"
import { AWAY } from "../testing/every-reason.js"
import { FAKE_LINK, fakeDocument } from "../testing/fake-client.js"
import { downloadBegun, lineRig } from "../testing/line-rig.js"
import { runLineMode } from "./line-mode.js"

afterEach(() => {
  vi.useRealTimers()
})

describe("line mode", () => {
  it("runs one command a line and leaves with 0 when the input ends", async () => {
    const { client, place, options, stdin, out, err } = lineRig()
    stdin.end(`# a comment\n\nupload "my file" a.json\nlist\n`)
    expect(await runLineMode(place, options)).toBe(0)
    expect(client.calls).toEqual(["upload my file a.json private"])
    const lines = out()
    expect(lines[0]).toBe("listening on 0.0.0.0:7001, tracker http://127.0.0.1:5000")
    expect(lines).toContain("SUCCESSFUL UPLOAD")
    expect(lines.at(-1)).toMatch(/^my file: seeding, open, 100 % of 100 KiB/)
    expect(err()).toEqual([])
  })

  it("waits for its downloads at the end of the input", async () => {
    const { client, place, options, stdin, out } = lineRig()
    stdin.end("download a.json a\ndownload bb.json b\n")
    const code = runLineMode(place, options)
    const second = await downloadBegun(client, "bb.json")
    second.complete()
    client.downloads.get("a.json")?.complete()
    expect(await code).toBe(0)
    expect(out().filter((line) => line === "SUCCESSFUL DOWNLOAD")).toHaveLength(2)
  })

  it("prints errors on stderr, continues, and exits with the code of the first", async () => {
    const { place, options, stdin, out, err } = lineRig()
    stdin.end("download missing.json\nfrobnicate\nupload a b\n")
    expect(await runLineMode(place, options)).toBe(6)
    expect(err()).toEqual([
      "ERROR no_such_file missing.json does not exist",
      'ERROR unknown_command unknown command "frobnicate"; "help" lists them',
    ])
    expect(out().slice(-2)).toEqual(["SUCCESSFUL UPLOAD", FAKE_LINK])
  })

  it("refuses a line without end after a bounded piece of it, and runs the next [V5]", async () => {
    const { place, options, stdin, out, err } = lineRig()
    const code = runLineMode(place, options)
    for (let chunk = 0; chunk < 100; chunk++) stdin.write("x".repeat(64 * 1024))
    stdin.end(`\n${"é ".repeat(32 * 1024)}\n#${"y".repeat(64 * 1024 - 1)}\nupload a b\n`)
    expect(await code).toBe(6)
    const refused = "ERROR line_too_long a line may have 65536 bytes, and has more"
    expect(err()).toEqual([refused, refused])
    expect(out().slice(-2)).toEqual(["SUCCESSFUL UPLOAD", FAKE_LINK])
  })

  it("prints why a download failed, and exits with its code", async () => {
    const { client, place, options, stdin, err } = lineRig()
    stdin.end("download a.json\n")
    const code = runLineMode(place, options)
    const download = await downloadBegun(client, "a.json")
    download.fail(new StoreError("disk_full", "the disk is full"))
    expect(await code).toBe(5)
    expect(err()).toEqual(["ERROR disk_full the disk is full"])
  })

  it("leaves with the disk's code when it does not keep a download that was complete", async () => {
    const { client, place, options, stdin, out, err } = lineRig()
    stdin.end("download a.json\n")
    const code = runLineMode(place, options)
    const download = await downloadBegun(client, "a.json")
    download.completeAndLose(new StoreError("disk_failed", "the disk failed (EIO)"))
    expect(await code).toBe(5)
    expect(out()).toContain("SUCCESSFUL DOWNLOAD")
    expect(err()).toEqual(["ERROR disk_failed the disk failed (EIO)"])
  })

  it("does not wait for a download that is paused", async () => {
    const { place, options, stdin } = lineRig()
    stdin.end("download a.json\npause a.json\n")
    expect(await runLineMode(place, options)).toBe(7)
  })

  it("makes every line a JSON object with --json", async () => {
    const { place, options, stdin, out, err } = lineRig({ json: true })
    stdin.end("upload a b\nnonsense\n")
    await runLineMode(place, options)
    const events = out().map((line) => JSON.parse(line) as { event: string })
    expect(events.map(({ event }) => event)).toEqual(["ready", "upload_completed"])
    expect(events[1]).toMatchObject({ message: "SUCCESSFUL UPLOAD" })
    expect(JSON.parse(err()[0] ?? "")).toMatchObject({ event: "error", code: "unknown_command" })
  })

  it("prints with --json in numbers what a download found on disk", async () => {
    const { client, place, options, stdin, out } = lineRig({ json: true })
    stdin.end("download a.json\n")
    const code = runLineMode(place, options)
    const download = await downloadBegun(client, "a.json")
    download.complete()
    await code
    const started = out().find((line) => line.includes("download_started")) ?? ""
    const found = "nothing here yet, fetching all 100 parts (1.00 KiB)"
    expect(JSON.parse(started)).toMatchObject({ found, reused_parts: 0, parts: 100 })
  })

  it("prints with --json the reasons of documents and peers as codes and facts beside the sentence", async () => {
    const { client, place, options, stdin, out } = lineRig({ json: true })
    const why = { code: "no_peer_known", tracker: { ...AWAY, state: "unasked", problem: undefined } } as const
    const document = fakeDocument({ state: "downloading", why })
    client.showDocument(document)
    const refused = { code: "failed", error: { code: "refused", message: "refused the connection" } } as const
    client.details.set(document.id, {
      ...{ id: document.id, takenAtMs: 1_000, parts: new Uint8Array(0), availability: new Uint8Array(0) },
      ...{ inFlight: [], peers: [] },
      known: [{ address: "10.0.0.9:1", source: "tracker", why: refused, retryAtMs: 13_000 }],
    })
    stdin.end("list\npeers\n")
    expect(await runLineMode(place, options)).toBe(0)
    const [, list, peers] = out().map((line) => JSON.parse(line))
    expect(list).toMatchObject({
      documents: [
        {
          why: "no peer is known yet; the tracker has not answered yet",
          reason: { code: "no_peer_known", tracker: { state: "unasked", problem: null } },
        },
      ],
    })
    expect(peers).toMatchObject({
      known: [{ why: "refused the connection, again in 12 s", reason: refused, retry_in_seconds: 12 }],
    })
  })

  it("leaves at quit without reading on", async () => {
    const { client, place, options, stdin } = lineRig()
    stdin.write("quit\nupload a b\n")
    expect(await runLineMode(place, options)).toBe(0)
    expect(client.calls).toEqual([])
  })

  it("keeps serving with --seed until the signal", async () => {
    const { place, ending, options, stdin, stdout } = lineRig({ seed: true })
    stdin.end("upload a b\n")
    let left = false
    const code = runLineMode(place, options).finally(() => {
      left = true
    })
    let shown = ""
    await untilSo(() => {
      shown += String(stdout.read() ?? "")
      return shown.includes("SUCCESSFUL UPLOAD")
    })
    expect(left).toBe(false)
    ending.abort(new EndedBySignal("SIGTERM"))
    expect(await code).toBe(0)
  })

  it("says with its code that a signal left a download unfinished", async () => {
    const { client, place, ending, options, stdin } = lineRig()
    stdin.write("download a.json\n")
    const code = runLineMode(place, options)
    await downloadBegun(client, "a.json")
    ending.abort(new EndedBySignal("SIGTERM"))
    expect(await code).toBe(143)
  })

  it("leaves with 141 when the reader of stdout is gone", async () => {
    const { place, options, stdout } = lineRig()
    const code = runLineMode(place, options)
    stdout.destroy(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }))
    expect(await code).toBe(141)
  })

  it("makes escape sequences in what was typed harmless [hostile 9]", async () => {
    const { place, options, stdin, err } = lineRig()
    stdin.end("\u001b[2Jclear\n")
    await runLineMode(place, options)
    expect(err().join()).not.toContain("\u001b")
  })

  it("escapes in --json what would steer the terminal that shows it [hostile 9]", async () => {
    const { place, options, stdin, err } = lineRig({ json: true })
    stdin.end("\u009b2J\u202eclear\n")
    await runLineMode(place, options)
    const [line = ""] = err()
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    expect(JSON.parse(line)).toMatchObject({ event: "error", message: expect.stringContaining("clear") })
  })

  it("passes warnings of the engine on", async () => {
    const { place, journal, options, stdin, out } = lineRig()
    journal.add({ level: "warn", name: "peer_banned", message: "part 9 failed", document: { id: "x", name: "a.iso" } })
    journal.add({ level: "info", name: "noise", message: "nothing" })
    stdin.end()
    await runLineMode(place, options)
    expect(out()).toContain("warning: a.iso: part 9 failed")
  })

  it("has the facts of a warning beside its sentence with --json", async () => {
    const { place, journal, options, stdin, out } = lineRig({ json: true })
    journal.add({ level: "warn", name: "peer_banned", message: "banned", facts: { part: 9, earlierParts: 1 } })
    journal.add({ level: "warn", name: "part_lost", message: "lost" })
    stdin.end()
    await runLineMode(place, options)
    const facts = out().map((line) => JSON.parse(line).facts)
    expect(facts).toEqual(expect.arrayContaining([{ part: 9, earlier_parts: 1 }, null]))
  })

  it("prints progress at most once a second, and nothing while nothing changes", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    const { client, place, ending, options, stdin, out } = lineRig()
    stdin.write("download a.json\n")
    const code = runLineMode(place, options)
    while (!client.downloads.has("a.json")) await new Promise((resolve) => setImmediate(resolve))
    const document = client.snapshot().documents[0] ?? fakeDocument()
    for (let tick = 1; tick <= 30; tick++) {
      client.showDocument({ ...document, haveCount: tick, haveBytes: tick * 1024 })
      await vi.advanceTimersByTimeAsync(100)
    }
    await vi.advanceTimersByTimeAsync(10_000)
    const progress = out().filter((line) => line.includes(" % of "))
    expect(progress).toHaveLength(3)
    expect(progress.at(-1)).toMatch(/^a\.json: downloading, 30\.0 % of 100 KiB/)
    ending.abort(new EndedBySignal("SIGINT"))
    await code
  })
})
