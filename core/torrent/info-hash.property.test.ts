import { createHash } from "node:crypto"
import fc from "fast-check"
import { expect, it } from "vitest"
import { encodeBencode } from "../base/encode-bencode.js"
import { FolderLayout } from "./folder-layout.js"
import { infoDictionary, infoHash } from "./info-hash.js"

const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 }).map((text) => text.replaceAll("/", "_"))
const entries = fc.array(
  fc.record({
    components: fc.array(fc.oneof(name, fc.constantFrom("a", "b")), { minLength: 1, maxLength: 4 }),
    sizeBytes: fc.nat({ max: 2 ** 40 }),
    isPadding: fc.boolean(),
    isExecutable: fc.boolean(),
  }),
  { minLength: 1, maxLength: 40 },
)

it("the info hash of a folder is that of its entries as dictionaries", () => {
  fc.assert(
    fc.property(entries, fc.integer({ min: 1, max: 40 }), (chosen, copies) => {
      const repeated = Array.from({ length: copies }, () => chosen).flat()
      const files = FolderLayout.of(repeated.map((entry) => ({ ...entry, path: entry.components.join("/") })))
      const torrent = {
        hash: "",
        sizeBytes: files.sizeBytes,
        partSizeBytes: 2 ** 20,
        partDigests: new Uint8Array(20),
        name: "n",
        secret: undefined,
        files,
      }
      const dictionaries = repeated.map(({ components, sizeBytes, isPadding, isExecutable }) => {
        const attr = isPadding ? "p" : isExecutable ? "x" : undefined
        return { attr, length: sizeBytes, path: components }
      })
      const bytes = encodeBencode({ ...infoDictionary(torrent), files: dictionaries })
      expect(Buffer.from(infoHash(torrent))).toEqual(createHash("sha1").update(bytes).digest())
    }),
  )
})

it("the digest that one caller changes is whole for the next", () => {
  const files = FolderLayout.of([{ path: "a", sizeBytes: 1, isPadding: false, isExecutable: false }])
  const torrent = {
    hash: "",
    sizeBytes: 1,
    partSizeBytes: 1,
    partDigests: new Uint8Array(20),
    name: "n",
    secret: undefined,
    files,
  }
  const first = infoHash(torrent)
  const copy = Uint8Array.from(first)
  first.fill(0)
  expect(infoHash(torrent)).toEqual(copy)
})
