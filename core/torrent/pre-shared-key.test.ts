import { createHash } from "node:crypto"
import { describe, expect, it } from "vitest"
import { preSharedKeyOf } from "./pre-shared-key.js"
import type { Torrent } from "./torrent-file.js"

const HASH = "0b5f9c34-5b3e-4c7a-9d4e-2f1d6a7b8c90"
const counting = Uint8Array.from({ length: 32 }, (_, index) => index)

const torrent: Torrent = {
  hash: HASH,
  sizeBytes: 300,
  partSizeBytes: 256,
  partDigests: Uint8Array.from(Buffer.from("A".repeat(20) + "B".repeat(20))),
  name: "a.iso",
  secret: counting,
}

function hexOf(of: Torrent): { readonly identity: string; readonly key: string } {
  const derived = preSharedKeyOf(of)
  if (derived === undefined) return expect.unreachable("a private document has a key")
  return { identity: derived.identity, key: Buffer.from(derived.key).toString("hex") }
}

/** Computed by RFC 5869's own formula with Python's hmac and struct, independently of this code. */
const VECTORS: readonly (readonly [string, Torrent, string, string])[] = [
  [
    "two parts",
    torrent,
    "e27dff2e2c8bc67ce8d56c19375b5f0e",
    "3002ae90ee1028464955440d164f94e9373ace86245c1607b552dc77170a7b56",
  ],
  [
    "an empty file",
    {
      ...torrent,
      sizeBytes: 0,
      partSizeBytes: 256 * 1024,
      partDigests: new Uint8Array(0),
      secret: new Uint8Array(32).fill(0xff),
    },
    "f5c760cd515623f21c7da9c597dbf75a",
    "38c69b69b305c3673e501c05af876d3b9cca2c8e373216f85ade8e974e753ca9",
  ],
  [
    "sizes beyond 32 bits",
    {
      ...torrent,
      sizeBytes: Number.MAX_SAFE_INTEGER,
      partSizeBytes: 2 ** 26,
      partDigests: Uint8Array.from(Buffer.concat(Array(3).fill(createHash("sha1").update("x").digest()))),
    },
    "1e07d7686207a41fd0e33c15f570ac9f",
    "1eb884287ea8853ab4b3eeb4652a4458e7896599ce6bb1b186e4f32414399aaf",
  ],
]

describe("the pre-shared key of a private document", () => {
  it.each(VECTORS)("is the same for everybody who has the torrent file: %s", (_, of, identity, key) => {
    expect(hexOf(of)).toEqual({ identity, key })
  })

  it.each<[string, Partial<Torrent>]>([
    ["Secret", { secret: new Uint8Array(32).fill(1) }],
    ["uuid", { hash: HASH.replace("0b", "0c") }],
    ["Size", { sizeBytes: 301 }],
    ["PartSize", { partSizeBytes: 257 }],
    ["part digests", { partDigests: new Uint8Array(40) }],
    ["order of the parts", { partDigests: torrent.partDigests.toReversed() }],
  ])("is another, and so is its identity, with another %s", (_, change) => {
    const { identity, key } = hexOf({ ...torrent, ...change })
    expect(identity).not.toBe(hexOf(torrent).identity)
    expect(key).not.toBe(hexOf(torrent).key)
  })

  it("does not depend on the name, which anybody may give the file", () => {
    expect(hexOf({ ...torrent, name: undefined })).toEqual(hexOf(torrent))
  })

  it("says nothing of the key or the document in its identity", () => {
    const { identity, key } = hexOf(torrent)
    expect(key).not.toContain(identity)
    expect(identity).not.toContain(HASH.slice(0, 8))
  })

  it("is none where the torrent file has no Secret", () => {
    expect(preSharedKeyOf({ ...torrent, secret: undefined })).toBeUndefined()
  })
})
