import { describe, expect, it } from "vitest"
import type { DocumentSnapshot } from "../api/snapshot.js"
import { findDocument } from "./find-document.js"

function documentOf(id: string, name: string): DocumentSnapshot {
  return {
    id,
    name,
    filePath: `/srv/${name}`,
    torrentPath: `/srv/${name}.torrent.json`,
    sizeBytes: 1,
    partSizeBytes: 1,
    partCount: 1,
    isFolder: false,
    fileCount: 1,
    selection: undefined,
    open: true,
    limits: { downBytesPerSecond: undefined, upBytesPerSecond: undefined },
    state: "seeding",
    why: undefined,
    haveCount: 1,
    haveBytes: 1,
    checkedCount: undefined,
    checkedBytesPerSecond: 0,
    downBytesPerSecond: 0,
    upBytesPerSecond: 0,
    downloadedBytes: 0,
    uploadedBytes: 0,
    etaSeconds: undefined,
    connectedPeers: 0,
    knownPeers: 0,
    reusedCount: 0,
  }
}

const apple = documentOf("aaaa1111-0000-4000-8000-000000000000", "apple.iso")
const avocado = documentOf("aaaa2222-0000-4000-8000-000000000000", "avocado.iso")
const banana = documentOf("bbbb0000-0000-4000-8000-000000000000", "banana.iso")
const all = [apple, avocado, banana]

describe("findDocument", () => {
  it.each([
    ["its id", banana.id, ""],
    ["the beginning of its id", "bbbb", ""],
    ["the beginning of its id in capitals", "BBBB0", ""],
    ["its name", "banana.iso", ""],
    ["its file's path", "x", "/srv/banana.iso"],
    ["its torrent file's path", "x", "/srv/banana.iso.torrent.json"],
  ])("knows a document by %s", (_, word, path) => {
    expect(findDocument(all, word, path)).toBe(banana)
  })

  it("prefers a whole name to the beginning of another one's id", () => {
    const named = documentOf("cccc0000-0000-4000-8000-000000000000", "aaaa1")
    expect(findDocument([...all, named], "aaaa1", "")).toBe(named)
  })

  it("takes no fewer than four letters of an id, and says so; names that hold the word come first [U8]", () => {
    expect(() => findDocument(all, "b", "")).toThrow(
      expect.objectContaining({
        code: "no_such_document",
        message:
          'no document is called "b" (of an id at least 4 letters are needed); there are: banana.iso, apple.iso, avocado.iso',
      }),
    )
  })

  it("names the candidates when a word may mean several", () => {
    expect(() => findDocument(all, "aaaa", "")).toThrow(
      expect.objectContaining({ code: "ambiguous", message: expect.stringMatching(/apple.iso .*avocado.iso/) }),
    )
  })

  it("names what there is when nothing fits, and not all of hundreds", () => {
    expect(() => findDocument(all, "zebra", "")).toThrow(
      expect.objectContaining({ code: "no_such_document", message: expect.stringContaining("banana.iso") }),
    )
    expect(() => findDocument([], "zebra", "")).toThrow(/there is none/)
    const many = Array.from({ length: 300 }, (_, turn) => documentOf(`d${turn}`, `n${turn}.iso`))
    expect(() => findDocument(many, "zebra", "")).toThrow(/and 290 more/)
  })

  it("matches no document for an empty word", () => {
    expect(() => findDocument([banana], "", "")).toThrow(expect.objectContaining({ code: "no_such_document" }))
  })
})
