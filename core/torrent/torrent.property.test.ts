import fc from "fast-check"
import { expect, it } from "vitest"
import { type BencodeInput, encodeBencode } from "../base/encode-bencode.js"
import { TorrentFileError } from "../base/errors.js"
import { atOnce } from "../base/steps.js"
import { corpus } from "../testing/corpus.js"
import { nearly } from "../testing/edits.js"
import { parseMetainfo } from "./parse-metainfo.js"
import { parseTorrent } from "./parse-torrent.js"
import { countingTorrentBytes, serializeTorrent } from "./serialize-torrent.js"
import type { Torrent } from "./torrent-file.js"

const wellFormedName = fc.string({ unit: "grapheme", maxLength: 30 })

const anyTorrent: fc.Arbitrary<Torrent> = fc
  .record({
    hash: fc.uuid(),
    partSizeBytes: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constantFrom(2 ** 14, 2 ** 18, 2 ** 26)),
    wholeParts: fc.nat({ max: 12 }),
    lastShare: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    name: fc.option(wellFormedName, { nil: undefined }),
    secret: fc.option(fc.uint8Array({ minLength: 32, maxLength: 32 }), { nil: undefined }),
    filling: fc.nat({ max: 255 }),
    trackers: fc.option(fc.uniqueArray(fc.webUrl(), { minLength: 1, maxLength: 3 }), { nil: undefined }),
  })
  .map(({ hash, partSizeBytes, wholeParts, lastShare, name, secret, filling, trackers }) => {
    const lastBytes = Math.floor(lastShare * partSizeBytes)
    const partCount = wholeParts + (lastBytes > 0 ? 1 : 0)
    const partDigests = new Uint8Array(20 * partCount).fill(filling)
    const sizeBytes = wholeParts * partSizeBytes + lastBytes
    return { hash, sizeBytes, partSizeBytes, partDigests, name, secret, ...(trackers && { trackers }) }
  })

const torrentText = anyTorrent.map((torrent) => new TextEncoder().encode(serializeTorrent(torrent)))

it("a torrent file is read as it was written, and its bytes are counted without it", () => {
  fc.assert(
    fc.property(anyTorrent, (torrent) => {
      expect(atOnce(countingTorrentBytes(torrent))).toBe(Buffer.byteLength(serializeTorrent(torrent)))
      expect(parseTorrent(serializeTorrent(torrent))).toEqual(torrent)
    }),
  )
})

it("a damaged torrent file is refused with its one typed error, or means what it would be written as", () => {
  fc.assert(
    fc.property(nearly(torrentText), (bytes) => {
      const torrent = readOrRefused(parseTorrent, bytes)
      if (torrent === undefined) return
      requireSound(torrent)
      expect(parseTorrent(serializeTorrent(torrent))).toEqual(torrent)
    }),
    { examples: corpus("torrents").map((bytes) => [bytes]), numRuns: 500 },
  )
})

const metainfo = anyTorrent.map((torrent) => {
  const info = {
    length: torrent.sizeBytes,
    name: torrent.name ?? "a",
    "piece length": torrent.partSizeBytes,
    pieces: torrent.partDigests,
  }
  const file: BencodeInput = { announce: "http://tracker.example/announce", info }
  return encodeBencode(file)
})

it("a damaged standard torrent file is refused with its one typed error, or is sound", () => {
  fc.assert(
    fc.property(nearly(metainfo), (bytes) => {
      const torrent = readOrRefused(parseMetainfo, bytes)
      if (torrent !== undefined) requireSound(torrent)
    }),
    { examples: corpus("metainfo").map((bytes) => [bytes]), numRuns: 500 },
  )
})

function readOrRefused(parse: (content: Uint8Array) => Torrent, bytes: Uint8Array): Torrent | undefined {
  try {
    return parse(bytes)
  } catch (error) {
    if (!(error instanceof TorrentFileError)) throw error
    expect(error.message).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
    return undefined
  }
}

/** What everything behind the parsers relies on. */
function requireSound({ sizeBytes, partSizeBytes, partDigests }: Torrent): void {
  expect(Number.isSafeInteger(sizeBytes) && sizeBytes >= 0).toBe(true)
  expect(Number.isSafeInteger(partSizeBytes) && partSizeBytes >= 1).toBe(true)
  expect(partDigests.length).toBe(20 * Math.ceil(sizeBytes / partSizeBytes))
}
