import { describe, expect, it } from "vitest"
import { type BencodeInput, encodeBencode } from "../base/encode-bencode.js"
import { TorrentFileError } from "../base/errors.js"
import { sha1 } from "../testing/sha1.js"
import { infoHash } from "./info-hash.js"
import { encodeMetainfo } from "./metainfo.js"
import { isMetainfo, parseMetainfo } from "./parse-metainfo.js"

const ANNOUNCE = "http://tracker.example:6969/announce"
const INFO = { length: 5, name: "a.iso", "piece length": 4, pieces: new Uint8Array(40).fill(7) }

function metainfo(info: Record<string, BencodeInput> = INFO, file: Record<string, BencodeInput> = {}): Uint8Array {
  return encodeBencode({ announce: ANNOUNCE, info, ...file })
}

function refusalOf(content: Uint8Array): TorrentFileError {
  try {
    parseMetainfo(content)
  } catch (error) {
    if (error instanceof TorrentFileError) return error
    throw error
  }
  throw new Error("it was accepted")
}

describe("a standard .torrent file", () => {
  it("is read in our words, its document known by its info hash", () => {
    const torrent = parseMetainfo(metainfo())
    expect(torrent).toMatchObject({ sizeBytes: 5, partSizeBytes: 4, name: "a.iso", secret: undefined })
    expect(torrent.partDigests).toEqual(INFO.pieces)
    expect(torrent.standard).toMatchObject({ announceTiers: [[ANNOUNCE]], isPrivate: false })
    expect(torrent.hash).toBe(sha1(encodeBencode(INFO)).toString("hex"))
    expect(Buffer.from(infoHash(torrent)).toString("hex")).toBe(torrent.hash)
  })

  it("counts keys that we don't know for the info hash, whatever their order", () => {
    const text = `d4:infod6:lengthi0e6:source3:xyz4:name1:a6:pieces0:12:piece lengthi4e7:privatei1ee8:announce${ANNOUNCE.length}:${ANNOUNCE}e`
    const torrent = parseMetainfo(Buffer.from(text))
    expect(torrent.hash).toBe(
      sha1(Buffer.from(text.slice("d4:info".length, text.indexOf("8:announce")))).toString("hex"),
    )
    expect(torrent.standard?.isPrivate).toBe(true)
  })

  it("that we exported has the info hash that our own torrent file has", () => {
    const own = {
      hash: "123e4567-e89b-12d3-a456-426614174000",
      sizeBytes: 5,
      partSizeBytes: 4,
      partDigests: INFO.pieces,
      name: "a.iso",
      secret: undefined,
    }
    const read = parseMetainfo(encodeMetainfo(own, "http://127.0.0.1:5000"))
    expect(infoHash(read)).toEqual(infoHash(own))
    expect(read.standard?.announceTiers).toEqual([[`http://127.0.0.1:5000/announce?hash=${own.hash}`]])
  })

  it("needs no tracker", () => {
    expect(parseMetainfo(encodeBencode({ info: INFO })).standard?.announceTiers).toEqual([])
  })

  it("is not exported again", () => {
    expect(() => encodeMetainfo(parseMetainfo(metainfo()), ANNOUNCE)).toThrow(/standard \.torrent file already/)
  })

  it("is distinguished from ours by its first byte", () => {
    expect(isMetainfo(metainfo())).toBe(true)
    for (const text of ['{"FileInfo":{}}', "", " {"]) expect(isMetainfo(Buffer.from(text))).toBe(false)
  })

  it("takes http, https and UDP trackers of every tier, each once (BEP 12)", () => {
    const tiers = [["udp://a:1", "http://b/announce", "http://b/announce"], ["https://c/x?passkey=1", 5], 7]
    const read = parseMetainfo(metainfo(INFO, { "announce-list": tiers })).standard?.announceTiers
    expect(read).toEqual([["udp://a:1", "http://b/announce"], ["https://c/x?passkey=1"], [ANNOUNCE]])
  })

  it.each([
    ["none", encodeBencode({ info: INFO })],
    ["one that can't be asked", metainfo(INFO, { announce: "wss://a:80/announce" })],
    ["one without a host", metainfo(INFO, { announce: "http://" })],
    ["a UDP tracker without a port", metainfo(INFO, { announce: "udp://a/announce" })],
  ])("needs no tracker: the file names %s", (_, content) => {
    expect(parseMetainfo(content).standard?.announceTiers).toEqual([])
  })

  it("takes a hundred trackers, and no blanks around them [E4, E11]", () => {
    const tiers = Array.from({ length: 150 }, (_, index) => [` http://t/${index} \r\n`])
    const read = parseMetainfo(metainfo(INFO, { "announce-list": tiers })).standard?.announceTiers
    expect(read).toEqual(Array.from({ length: 100 }, (_, index) => [`http://t/${index}`]))
  })
})

describe("a .torrent file as foreign programs leave it", () => {
  it.each(["\n", "\r\n", " \n\t\n", "\0\0"])("may end in %j [E11]", (behind) => {
    const read = parseMetainfo(Buffer.concat([metainfo(), Buffer.from(behind)]))
    expect(read.hash).toBe(sha1(encodeBencode(INFO)).toString("hex"))
  })

  it("may have parts of 256 MiB [E11]", () => {
    const info = { ...INFO, length: 2 ** 29, "piece length": 2 ** 28 }
    expect(parseMetainfo(metainfo(info))).toMatchObject({ partSizeBytes: 2 ** 28 })
  })
})

describe("a .torrent file is refused, by the field that is wrong,", () => {
  it.each<[string, string, Uint8Array]>([
    ["when it is cut off", "(file)", metainfo().subarray(0, 90)],
    ["with more behind it", "(file)", Buffer.concat([metainfo(), Buffer.from("e")])],
    ["nested without end", "(file)", Buffer.from(`d4:info${"l".repeat(100_000)}`)],
    ["without info", "info", encodeBencode({ announce: ANNOUNCE })],
    ["with several files", "info.files", metainfo({ ...INFO, files: [] })],
    [
      "of version 2 only",
      "info.pieces",
      metainfo({ name: "a", "piece length": 4, "meta version": 2, "file tree": {} }),
    ],
    ["without pieces", "info.pieces", metainfo({ length: 5, name: "a", "piece length": 4 })],
    ["with too few pieces", "info.pieces", metainfo({ ...INFO, pieces: new Uint8Array(20) })],
    ["with half a digest", "info.pieces", metainfo({ ...INFO, pieces: new Uint8Array(39) })],
    ["with more parts than are allowed", "info.pieces", metainfo({ ...INFO, length: 2 ** 40, "piece length": 1 })],
    ["with a negative length", "info.length", metainfo({ ...INFO, length: -1 })],
    ["with a length that is text", "info.length", metainfo({ ...INFO, length: "5" })],
    ["with a piece length of 0", "info.piece length", metainfo({ ...INFO, "piece length": 0 })],
    ["with huge pieces", "info.piece length", metainfo({ ...INFO, "piece length": 2 ** 30 })],
    ["without a name", "info.name", metainfo({ ...INFO, name: "" })],
  ])("%s", (_, field, content) => {
    const refusal = refusalOf(content)
    expect(refusal.field).toBe(field)
    expect(refusal.message).not.toMatch(/undefined|NaN|\[object/)
  })
})
