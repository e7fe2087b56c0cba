import { describe, expect, it } from "vitest"
import { Journal } from "../commands/journal.js"
import { ownScreen } from "../control/screen-place.js"
import { FakeClient, fakeDocument } from "../testing/fake-client.js"
import { threeDocuments } from "../testing/screen-states.js"
import { createEffectHandler } from "./effects.js"
import type { ScreenEvent } from "./input/reducer.js"

/** Effects that are carried out on a client with three documents, and what the screen hears of it. */
function screenWith(client: FakeClient) {
  const events: ScreenEvent[] = []
  const notes: string[] = []
  const handle = createEffectHandler({
    client,
    commands: ownScreen(client, new Journal(), "/files").commands(() => {}),
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
  return { handle, notes, message }
}

describe("commands made by a key", () => {
  it("say of one document what became of it", async () => {
    const { handle, message } = screenWith(new FakeClient(threeDocuments()))
    handle({ kind: "run-commands", commands: [["pause", "1"]] })
    await expect.poll(message).toEqual({ text: "beta.iso: paused", tone: "plain" })
  })

  it.each(["hashing-1", "big.iso"])("stop the hashing of a file: remove %s [A11]", async (word) => {
    const client = new FakeClient(threeDocuments())
    const job = { id: "hashing-1", kind: "hashing", name: "big.iso" } as const
    client.showJobs([{ ...job, doneBytes: 1, totalBytes: 2, bytesPerSecond: 1 }])
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

  it("say of several in one sentence, and in the log of each", async () => {
    const { handle, notes, message } = screenWith(new FakeClient(threeDocuments()))
    const commands = [
      ["pause", "1"],
      ["pause", "2"],
    ]
    handle({ kind: "run-commands", commands })
    await expect.poll(message).toEqual({ text: "2 documents paused", tone: "plain" })
    expect(notes).toEqual(["beta.iso: paused", "alpha.iso: paused"])
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
