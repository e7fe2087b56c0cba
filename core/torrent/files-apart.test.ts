import { describe, expect, it } from "vitest"
import { atOnce } from "../base/steps.js"
import { FILES_STAND_APART, filesApart } from "./files-apart.js"
import { infoHash } from "./info-hash.js"
import { parseTorrent } from "./parse-torrent.js"
import { countingTorrentBytes, serializeTorrent } from "./serialize-torrent.js"

const COUNT = 1_300
const entries = Array.from({ length: COUNT }, (_, index) => {
  return { Path: [`a "[{,]}" \\ folder`, `file-${String(index).padStart(4, "0")}`], Size: index % 3 }
})
const Size = entries.reduce((sum, entry) => sum + entry.Size, 0)
const fields = {
  Size,
  PartSize: 2_000,
  Parts: ["0".repeat(40)],
  Hash: "0b5f9c34-5b3e-4c7a-9d4e-2f1d6a7b8c90",
  Name: "n",
}
const text = JSON.stringify({ FileInfo: { ...fields, Files: entries } })
const list = JSON.stringify(entries)
const lines = `[\n${entries.map((entry) => JSON.stringify(entry)).join(" ,\n")}\n]`

describe("a long list of files", () => {
  it("is parsed in runs, and is what it is when it is parsed at once", () => {
    for (const spelled of [text, JSON.stringify(JSON.parse(text), null, 2), text.replace(list, lines)]) {
      const apart = filesApart(spelled)
      expect(apart?.entryCount).toBe(COUNT)
      expect(apart?.text.length).toBeLessThan(500)
      expect([...(apart?.lists() ?? [])].flat()).toEqual(entries)
      expect(parseTorrent(spelled).files?.entryCount).toBe(COUNT)
    }
  })

  it("has the info hash that does not depend on how the text is spelled", () => {
    // An escape in the key hides it.
    const hidden = text.replace('"Files"', '"\\u0046iles"')
    expect(filesApart(hidden)).toBeUndefined()
    expect(infoHash(parseTorrent(hidden))).toEqual(infoHash(parseTorrent(text)))
  })

  it("is the last of two, however their keys are spelled", () => {
    const one = JSON.stringify([{ Path: ["one"], Size }])
    const after = text.replace(/\}\}$/, `,"\\u0046iles":${one}}}`)
    expect(filesApart(after)).toBeDefined()
    expect(parseTorrent(after).files?.entryCount).toBe(1)
    const before = text.replace('"Files"', `"\\u0046iles":${one},"Files"`)
    expect(parseTorrent(before).files?.entryCount).toBe(COUNT)
    const twice = text.replace(/\}\}$/, `,"Files":${one}}}`)
    expect(parseTorrent(twice).files?.entryCount).toBe(1)
  })

  it("counts in its own place only", () => {
    const one = [{ Path: ["one"], Size }]
    const beside = JSON.stringify({ Files: entries, FileInfo: fields })
    expect(filesApart(beside)).toBeDefined()
    expect(parseTorrent(beside).files).toBeUndefined()
    const below = JSON.stringify({ FileInfo: { ...fields, more: { Files: entries } } })
    expect(parseTorrent(below).files).toBeUndefined()
    const marked = JSON.stringify({ Files: one, FileInfo: { ...fields, Files: FILES_STAND_APART } })
    expect(() => parseTorrent(marked)).toThrow(expect.objectContaining({ field: "FileInfo.Files" }))
  })

  it.each([
    ["a comma at the end", () => text.replace(/\]\}\}$/, ",]}}")],
    ["two commas in a row", () => text.replaceAll("},{", "},,{")],
    ["two commas at the border of a run", () => text.replace(`${JSON.stringify(entries[511])},`, "$&,")],
    ["a comma in front", () => text.replace('"Files":[', '"Files":[,')],
    ["no comma", () => text.replace(`${JSON.stringify(entries[600])},`, JSON.stringify(entries[600]))],
    ["brackets that do not fit", () => text.replace(JSON.stringify(entries[600]), '{"Path":["a"}]')],
    ["no end", () => text.slice(0, -20)],
  ])("with %s is no JSON", (_, spelled) => {
    expect(() => parseTorrent(spelled())).toThrow(expect.objectContaining({ code: "bad_torrent", field: "(file)" }))
  })

  it("is written in pieces that make up the whole", () => {
    const torrent = parseTorrent(text)
    const written = serializeTorrent(torrent)
    expect(parseTorrent(written)).toEqual(torrent)
    expect(written.split("\n").filter((line) => line.startsWith('{"Path"'))).toHaveLength(COUNT)
    expect(atOnce(countingTorrentBytes(torrent))).toBe(Buffer.byteLength(written))
  })

  it("names an entry that is refused, in any run", () => {
    const bad = text.replace(JSON.stringify(entries[1_200]), '{"Path":[".."],"Size":0}')
    expect(() => parseTorrent(bad)).toThrow(expect.objectContaining({ field: "FileInfo.Files[1200].Path" }))
  })
})
