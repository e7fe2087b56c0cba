import { describe, expect, it } from "vitest"
import { CommandError, StoreError } from "../../core/index.js"
import { leakWarnings } from "../../core/testing/leak-warnings.js"
import { Journal } from "../commands/journal.js"
import { ownScreen, type ScreenCommands } from "../control/screen-place.js"
import { FakeClient, fakeDocument } from "../testing/fake-client.js"
import { threeDocuments } from "../testing/screen-states.js"
import { createEffectHandler } from "./effects.js"
import type { ScreenEvent } from "./input/reducer.js"

/** A file that is hashed. */
const HASHING = {
  kind: "hashing",
  name: "big.iso",
  filePath: "/srv/big.iso",
  doneBytes: 1,
  totalBytes: 2,
  bytesPerSecond: 1,
} as const

/** Effects that are carried out on a client with three documents, and what the screen hears of it. */
function screenWith(client: FakeClient, commands?: ScreenCommands) {
  const events: ScreenEvent[] = []
  const notes: string[] = []
  const handle = createEffectHandler({
    client,
    commands: commands ?? ownScreen(client, new Journal(), "/files").commands(() => {}),
    serviceFolder: "/files",
    preferences: { kept: {}, keep: () => undefined },
    history: { lines: [], remember: () => {} },
    signal: new AbortController().signal,
    dispatch: (event) => events.push(event),
    note: (_level, _name, message) => notes.push(message),
    leave: () => {},
    redraw: () => {},
    suspend: () => {},
    takeMouse: () => {},
    notify: () => {},
    wearTheme: () => {},
    send: () => {},
  })
  const message = () => events.findLast((event) => event.kind === "message")?.message
  return { handle, notes, message, events }
}

describe("commands made by a key", () => {
  it("say of one document what became of it", async () => {
    const { handle, message } = screenWith(new FakeClient(threeDocuments()))
    handle({ kind: "run-commands", commands: [["pause", "1"]] })
    await expect.poll(message).toEqual({ text: "beta.iso: paused", tone: "plain" })
  })

  it.each(["hashing-1", "big.iso"])("stop the hashing of a file: remove %s [A11]", async (word) => {
    const client = new FakeClient(threeDocuments())
    client.showJobs([{ ...HASHING, id: "hashing-1" }])
    const { handle, message } = screenWith(client)
    handle({ kind: "run-commands", commands: [["remove", word]] })
    await expect.poll(() => message()?.text).toBe("big.iso: hashing cancelled, it is not shared")
    expect(client.calls).toEqual(["cancel hashing-1"])
  })

  it("are shown as good news when a transfer is complete, and not for the name of a document", async () => {
    const client = new FakeClient(threeDocuments())
    client.showDocument(fakeDocument({ name: "SUCCESSFUL.iso" }))
    const { handle, message } = screenWith(client)
    handle({ kind: "run-commands", commands: [["pause", "SUCCESSFUL.iso"]] })
    await expect.poll(message).toEqual({ text: "SUCCESSFUL.iso: paused", tone: "plain" })
    handle({ kind: "run-commands", commands: [["upload", "a", "b"]] })
    await expect.poll(message).toMatchObject({ text: expect.stringMatching(/^SUCCESSFUL UPLOAD/), tone: "good" })
  })

  it("say of an upload what to do next", async () => {
    const client = new FakeClient(threeDocuments())
    const { handle, message } = screenWith(client, async (_given, audience) => {
      const lines = [
        "/srv/alpha.iso: shared; give /srv/alpha.iso.torrent.json to those who may have it",
        "SUCCESSFUL UPLOAD",
      ]
      audience.report({ event: "upload_completed", lines, fields: { id: "2" }, isCompletion: true, isLogged: true })
      return true
    })
    handle({ kind: "run-commands", commands: [["upload", "alpha.iso"]] })
    const text = "SUCCESSFUL UPLOAD  alpha.iso is shared while this client runs; l copies its link"
    await expect.poll(message).toEqual({ text, tone: "good" })
  })

  it("say of several in one sentence, and in the log of each", async () => {
    const { handle, notes, message } = screenWith(new FakeClient(threeDocuments()))
    const commands = [
      ["resume", "1"],
      ["resume", "2"],
    ]
    handle({ kind: "run-commands", commands })
    await expect.poll(message).toEqual({ text: "2 documents resumed", tone: "plain" })
    expect(notes).toEqual(["beta.iso: resumed", "alpha.iso: resumed"])
  })

  it.each([
    ["pause", "1"],
    ["remove", "1"],
    ["upload", "a", "b"],
  ])("are not noted in the log where the engine writes its own line of it: %s [U13]", async (...command) => {
    const { handle, notes, message } = screenWith(new FakeClient(threeDocuments()))
    handle({ kind: "run-commands", commands: [command] })
    await expect.poll(message).toMatchObject({ text: expect.stringMatching(/paused|removed|SUCCESSFUL/) })
    expect(notes).toEqual([])
  })

  it("are noted where the engine has no line of it: the hashing of a file is paused [U13]", async () => {
    const client = new FakeClient(threeDocuments())
    client.showJobs([{ ...HASHING, id: "hashing-1" }])
    const { handle, notes } = screenWith(client)
    handle({ kind: "run-commands", commands: [["pause", "hashing-1"]] })
    await expect.poll(() => notes).toEqual(["big.iso: paused"])
  })

  it.each([
    [new StoreError("disk_full", "no room"), []],
    [new CommandError("interrupted", "was paused"), ["interrupted: was paused"]],
  ])("log the end of a download once: %s [U13]", async (error, noted) => {
    const client = new FakeClient(threeDocuments())
    const { handle, notes, message } = screenWith(client)
    handle({ kind: "run-commands", commands: [["download", "x.json", "x"]] })
    await expect.poll(() => [...client.downloads.values()].length).toBe(1)
    const before = notes.length
    for (const download of client.downloads.values()) download.fail(error)
    await expect.poll(() => message()?.text).toContain(error.message)
    expect(notes.slice(before)).toEqual(noted)
  })

  it("are carried out together without a warning about a memory leak", async () => {
    const warnings = leakWarnings()
    const client = new FakeClient(threeDocuments())
    const { handle } = screenWith(client)
    client.onUpload = (_, signal) =>
      new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason)))
    const commands = Array.from({ length: 12 }, (_, index) => ["upload", `${index}`])
    handle({ kind: "run-commands", commands })
    await expect.poll(() => client.calls.length).toBe(12)
    expect(warnings()).toEqual([])
  })

  it("say what the screen has for them, and what is wrong where one is refused", async () => {
    const { handle, message } = screenWith(new FakeClient(threeDocuments()))
    handle({ kind: "run-commands", commands: [["pause", "2"]], said: "alpha.iso rests" })
    await expect.poll(message).toEqual({ text: "alpha.iso rests", tone: "plain" })
    handle({ kind: "run-commands", commands: [["pause", "gone"]], said: "it rests" })
    await expect.poll(message).toMatchObject({ text: expect.stringContaining("gone"), tone: "bad" })
  })

  it("say how many of them were not refused", async () => {
    const { handle, message } = screenWith(new FakeClient(threeDocuments()))
    const commands = [
      ["remove", "gone"],
      ["remove", "2"],
    ]
    handle({ kind: "run-commands", commands })
    const text = "1 of 2 documents removed; the log says why not all"
    await expect.poll(message).toEqual({ text, tone: "bad" })
  })
})

describe("a line that is refused", () => {
  it.each([
    ["upload my re", "/home/screen/my: no such file", "my"],
    ["upload a.iso bb", "/home/bb/a.iso: no such file", "bb"],
    ["upload re", "/home/screen/re: no such file", "re"],
    ["pause nothing here", "it can't be done", "nothing"],
  ])("has its mark under the word that the message quotes: %s", async (line, message, word) => {
    const client = new FakeClient(threeDocuments())
    const { handle, events } = screenWith(client, async (_given, audience) => {
      audience.failure({ code: "no_such_file", message })
      return false
    })
    handle({ kind: "run-line", line })
    const start = line.lastIndexOf(word)
    await expect.poll(() => events.at(-1)).toMatchObject({ kind: "refused", span: { start, end: start + word.length } })
  })
})

describe("a line that takes its time", () => {
  it("has what is hashed for it selected before keys are for the list again", async () => {
    const client = new FakeClient(threeDocuments())
    client.showJobs([{ ...HASHING, id: "hashing-1" }])
    const { handle, events } = screenWith(client)
    client.onUpload = () => {
      client.showJobs([...client.snapshot().jobs, { ...HASHING, id: "hashing-2" }])
      return new Promise(() => {})
    }
    handle({ kind: "run-line", line: "upload big.iso" })
    await expect.poll(() => events.at(-1)).toEqual({ kind: "ran", line: "upload big.iso" })
    expect(events.at(-2)).toEqual({ kind: "select", id: "hashing-2" })
  })
})
