import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { ClientSnapshot, DocumentDetail } from "../../core/index.js"
import type { Interest } from "../commands/client-view.js"
import { Journal } from "../commands/journal.js"
import { FakeClient, fakeDocument } from "../testing/fake-client.js"
import { fakeFile, fakePage } from "../testing/fake-tree.js"
import { bytesChange, changedBytes, type Picture } from "./picture.js"
import { PictureMaker } from "./picture-maker.js"
import type { Answer } from "./protocol.js"
import { RemoteJournal } from "./remote-journal.js"
import { RemoteView } from "./remote-view.js"

/** A client, its pictures, and what a screen makes of them after they were text. */
function pictured() {
  const client = new FakeClient()
  const journal = new Journal(() => 0)
  const todayOf = ({ documents }: ClientSnapshot) => ({ downloadedBytes: documents.length, uploadedBytes: 2 })
  const maker = new PictureMaker({ client, journal, todayOf })
  let answer: (answer: Answer) => void = () => {}
  const link = {
    send: () => {},
    onAnswer: (listener: (answer: Answer) => void) => {
      answer = listener
      return () => {}
    },
    ended: new Promise<never>(() => {}),
  }
  const log = new RemoteJournal(link)
  const view = new RemoteView(link, log)
  const show = (interest: Partial<Interest> = {}): Picture => {
    const picture = maker.make({ selected: undefined, all: false, log: false, files: undefined, ...interest })
    answer({ kind: "picture", picture: JSON.parse(JSON.stringify(picture)) })
    return picture
  }
  return { client, journal, view, log, show }
}

function detailOf(id: string, parts: readonly number[]): DocumentDetail {
  const bytes = Uint8Array.from(parts)
  const known = [{ address: "10.0.0.1:1", source: "tracker", why: { code: "dialing" }, retryAtMs: undefined }] as const
  return { id, takenAtMs: 0, parts: bytes, availability: bytes, inFlight: [], peers: [], known }
}

describe("pictures of a client", () => {
  it("have the page of files that is looked at, once", () => {
    const { client, view, show } = pictured()
    const query = { sort: "path", isOpen: false, except: [], from: 0, count: 9 } as const
    const files = { id: "1", query }
    client.trees.set("1", fakePage([fakeFile("a")]))
    expect(show({ files }).files).toEqual({ ...files, page: client.trees.get("1") })
    expect(view.tree("1", query)).toEqual(client.trees.get("1"))
    expect(view.tree("1", { ...query, from: 5 })).toBeUndefined()
    expect(show({ files })).not.toHaveProperty("files")
    expect(view.tree("1", query)).toEqual(client.trees.get("1"))
    client.trees.set("1", fakePage([fakeFile("a", { isWanted: false })]))
    expect(show({ files })).toHaveProperty("files")
    expect(view.tree("1", query)?.rows).toMatchObject([{ isWanted: false }])
    show()
    expect(show({ files })).toHaveProperty("files")
    expect(show({ files: { id: "none", query } }).files).toEqual({ id: "none", query })
  })

  it("show it as it is, and send only what has changed", () => {
    const { client, view, show } = pictured()
    const [one, two] = [fakeDocument({ id: "1", name: "one" }), fakeDocument({ id: "2", name: "two" })]
    client.show({ documents: [one, two] })
    expect(show().documents).toHaveLength(2)
    expect(view.snapshot()).toEqual(client.snapshot())
    expect(view.today()).toEqual({ downloadedBytes: 2, uploadedBytes: 2 })
    expect(show()).toMatchObject({ documents: [] })
    client.showDocument({ ...one, downBytesPerSecond: 7, why: { code: "waiting_for_turn", peers: 1 } })
    expect(show()).toMatchObject({ documents: [{ id: "1" }], order: ["2", "1"] })
    expect(view.snapshot()).toEqual(client.snapshot())
    client.showDocument({ ...one, downBytesPerSecond: 7, why: { code: "waiting_for_turn", peers: 2 } })
    expect(show()).toEqual(expect.not.objectContaining({ order: expect.anything() }))
    expect(view.snapshot()).toEqual(client.snapshot())
    client.show({ documents: [] })
    show()
    expect(view.snapshot().documents).toEqual([])
  })

  it("show the details of what is selected, through every change of that", () => {
    const { client, view, show } = pictured()
    client.show({ documents: ["1", "2"].map((id) => fakeDocument({ id })) })
    const steps = [
      { selected: "1", parts: [0, 0, 0] },
      { selected: "1", parts: [0, 3, 0] },
      { selected: "2", parts: [1, 1] },
      { selected: "1", parts: [3, 3, 3] },
      { selected: undefined, parts: [] },
      { selected: "1", parts: [3, 3, 1] },
      { selected: "1", parts: [] },
    ]
    for (const { selected, parts } of steps) {
      if (selected !== undefined) client.details.set(selected, detailOf(selected, parts))
      show({ selected })
      if (selected !== undefined) expect(view.detail(selected)).toEqual(client.detail(selected))
    }
  })

  it("show the peers of all documents without their maps", () => {
    const { client, view, show } = pictured()
    client.show({ documents: ["1", "2"].map((id) => fakeDocument({ id })) })
    for (const id of ["1", "2"]) client.details.set(id, detailOf(id, [3, 3]))
    show({ selected: "1", all: true })
    expect(view.detail("1")).toEqual(client.detail("1"))
    expect(view.detail("2")).toMatchObject({ known: [{ address: "10.0.0.1:1" }], parts: new Uint8Array(0) })
  })

  it("have each entry of the log once, also those of before", () => {
    const { journal, log, show } = pictured()
    const add = (message: string) => journal.add({ level: "info", name: "x", message })
    add("first")
    show()
    add("second")
    show({ log: true })
    add("third")
    show({ log: true })
    show({ log: true })
    expect(log.entries().map(({ message }) => message)).toEqual(["first", "second", "third"])
  })
})

it("turns bytes into others by the runs that differ", () => {
  const bytes = fc.uint8Array({ maxLength: 2_000 })
  const edits = fc.array(fc.tuple(fc.nat(1_999), fc.nat(255)), { maxLength: 8 })
  fc.assert(
    fc.property(bytes, edits, bytes, (before, changes, other) => {
      const now = Uint8Array.from(before)
      for (const [at, value] of changes) if (at < now.length) now[at] = value
      expect(changedBytes(before, bytesChange(before, now))).toEqual(now)
      expect(changedBytes(before, bytesChange(before, other))).toEqual(other)
      expect(changedBytes(undefined, bytesChange(undefined, now))).toEqual(now)
    }),
  )
})

it("sends a change of one part of a million in less than a kilobyte", () => {
  const before = new Uint8Array(1_000_000)
  const now = Uint8Array.from(before)
  now[777_777] = 3
  expect(JSON.stringify(bytesChange(before, now)).length).toBeLessThan(1_000)
})
