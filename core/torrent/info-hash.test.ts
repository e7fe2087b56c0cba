import { createHash } from "node:crypto"
import { describe, expect, it } from "vitest"
import { decodeBencode, isBencodeDictionary } from "../base/bencode.js"
import { sha1 } from "../testing/sha1.js"
import { FolderLayout } from "./folder-layout.js"
import { infoDigest, infoHash } from "./info-hash.js"
import { announceUrl, encodeMetainfo } from "./metainfo.js"
import { parseMetainfo } from "./parse-metainfo.js"
import type { Torrent } from "./torrent-file.js"

const HASH = "0b5f9c34-5b3e-4c7a-9d4e-2f1d6a7b8c90"
const partDigests = Uint8Array.from(Buffer.from("A".repeat(20) + "B".repeat(20)))
const torrent: Torrent = {
  hash: HASH,
  sizeBytes: 300,
  partSizeBytes: 256,
  partDigests,
  name: "ä.iso",
  secret: undefined,
}
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex")

const PIECES = `12:piece lengthi256e6:pieces40:${"A".repeat(20)}${"B".repeat(20)}7:privatei1ee`

describe("info hash", () => {
  it("is the SHA-1 of the bencoded info dictionary, the name in UTF-8", () => {
    expect(hex(infoHash(torrent))).toBe(hex(sha1(`d6:lengthi300e4:name6:ä.iso${PIECES}`)))
  })

  it("takes the uuid for the name of a torrent file that has none", () => {
    expect(hex(infoHash({ ...torrent, name: undefined }))).toBe(hex(sha1(`d6:lengthi300e4:name36:${HASH}${PIECES}`)))
  })

  it("is known for an empty file", () => {
    const empty = { ...torrent, sizeBytes: 0, partDigests: new Uint8Array(0), name: "e" }
    expect(hex(infoHash(empty))).toBe(hex(sha1("d6:lengthi0e4:name1:e12:piece lengthi256e6:pieces0:7:privatei1ee")))
  })
})

const files = FolderLayout.of([
  { path: "bin/run", sizeBytes: 100, isPadding: false, isExecutable: true },
  { path: ".pad/156", sizeBytes: 156, isPadding: true, isExecutable: false },
  { path: "ä.txt", sizeBytes: 44, isPadding: false, isExecutable: false },
])
const FILES =
  "5:filesld4:attr1:x6:lengthi100e4:pathl3:bin3:runeed4:attr1:p6:lengthi156e4:pathl4:.pad3:156eed6:lengthi44e4:pathl6:ä.txteee"

describe("the info hash of a folder", () => {
  it("covers files in place of the length, with attr only where there is one (BEP 47)", () => {
    expect(hex(infoHash({ ...torrent, files }))).toBe(hex(sha1(`d${FILES}4:name6:ä.iso${PIECES}`)))
  })

  it("has an info digest likewise, which the keys of a private folder are bound to", () => {
    const bytes = `d${FILES}4:name6:ä.iso${PIECES}`
    const digest = createHash("sha256").update(bytes).digest("hex")
    expect(hex(infoDigest({ ...torrent, files }))).toBe(digest.slice(0, 40))
  })

  it("is the hash of the exported file, and unchanged when that is read", () => {
    const content = encodeMetainfo({ ...torrent, files }, "http://127.0.0.1:5000")
    expect(Buffer.from(content).toString()).toContain(`4:infod${FILES}4:name6:ä.iso${PIECES}`)
    const read = parseMetainfo(content)
    expect(infoHash(read)).toEqual(infoHash({ ...torrent, files }))
    expect(read.sizeBytes).toBe(300)
    expect([0, 1, 2].map((index) => read.files?.entry(index))).toEqual([0, 1, 2].map((index) => files.entry(index)))
  })
})

describe("a metainfo file", () => {
  it("holds the announce URL with the uuid, and the info dictionary of the info hash", () => {
    const text = Buffer.from(encodeMetainfo(torrent, "http://127.0.0.1:5000")).toString()
    expect(text).toContain(`8:announce72:http://127.0.0.1:5000/announce?hash=${HASH}`)
    expect(text).toContain(`4:infod6:lengthi300e4:name6:ä.iso${PIECES}`)
    expect(isBencodeDictionary(decodeBencode(Buffer.from(text)))).toBe(true)
  })

  it("is refused for a private document", () => {
    const secret = new Uint8Array(32)
    expect(() => encodeMetainfo({ ...torrent, secret }, "http://h:1")).toThrow(
      expect.objectContaining({ code: "private_document" }),
    )
  })

  it("keeps a path that the tracker has in front", () => {
    expect(announceUrl("https://t.example:8443/p2p/", HASH)).toBe(`https://t.example:8443/p2p/announce?hash=${HASH}`)
  })
})
