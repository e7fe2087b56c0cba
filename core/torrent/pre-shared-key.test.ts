import { describe, expect, it } from "vitest"
import { sha1 } from "../testing/sha1.js"
import { infoHash } from "./info-hash.js"
import { isSameKey, preSharedKeyOf } from "./pre-shared-key.js"
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

function hexOf(of: Torrent): { readonly identityKey: string; readonly key: string } {
  const derived = preSharedKeyOf(of)
  if (derived === undefined) return expect.unreachable("a private document has a key")
  const { identityKey, key } = derived
  return { identityKey: Buffer.from(identityKey).toString("hex"), key: Buffer.from(key).toString("hex") }
}

/** Computed by RFC 5869's own formula and BEP 3's bencoding with Python's hmac and hashlib, independently of this code. */
const VECTORS: readonly (readonly [string, Torrent, string, string])[] = [
  [
    "two parts",
    torrent,
    "d22a612f68cd4ae9ef958554bb79106e",
    "bf351a3125cb277979409f2b9c5aef71b5ff70ffb7ad16f78ea72b0a14138f26",
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
    "1174296e7f273d874ce6cda5c498f61f",
    "fb8fbe8c8644a3741691d95f0423da141875dcedb69ff6ba1af9279e662f9315",
  ],
  [
    "sizes beyond 32 bits",
    {
      ...torrent,
      sizeBytes: Number.MAX_SAFE_INTEGER,
      partSizeBytes: 2 ** 26,
      partDigests: Uint8Array.from(Buffer.concat(Array(3).fill(sha1("x")))),
    },
    "530cbc38ae531cc768fec011dae3d6f4",
    "3504cd7a068b1476f764319586dbba2420e3cf2e007a4b549fe6049b06cb85c3",
  ],
]

describe("the pre-shared key of a private document", () => {
  it.each(VECTORS)("is the same for every holder of the torrent file: %s", (_, of, identityKey, key) => {
    expect(hexOf(of)).toEqual({ identityKey, key })
  })

  it.each<[string, Partial<Torrent>]>([
    ["Secret", { secret: new Uint8Array(32).fill(1) }],
    ["uuid", { hash: HASH.replace("0b", "0c") }],
    ["Size", { sizeBytes: 301 }],
    ["PartSize", { partSizeBytes: 257 }],
    ["part digests", { partDigests: new Uint8Array(40) }],
    ["order of the parts", { partDigests: torrent.partDigests.toReversed() }],
    ["Name", { name: "b.iso" }],
  ])("is another, and so are its identities, with another %s", (_, change) => {
    const { identityKey, key } = hexOf({ ...torrent, ...change })
    expect(identityKey).not.toBe(hexOf(torrent).identityKey)
    expect(key).not.toBe(hexOf(torrent).key)
    expect(isSameKey(preSharedKeyOf({ ...torrent, ...change }), preSharedKeyOf(torrent))).toBe(false)
  })

  it("says nothing of the key in what makes its identities", () => {
    const { identityKey, key } = hexOf(torrent)
    expect(key).not.toContain(identityKey)
  })

  it("gives the document a name on the local network that only members can derive, and that is not its info hash [M3]", () => {
    const localName = Buffer.from(preSharedKeyOf(torrent)?.localName ?? []).toString("hex")
    // Computed as the vectors above.
    expect(localName).toBe("ef2e858c93ffaa2dec04bc92455c71cdc7ab018b")
    expect(localName).not.toBe(Buffer.from(infoHash(torrent)).toString("hex"))
    expect(preSharedKeyOf({ ...torrent, secret: new Uint8Array(32) })?.localName).not.toEqual(
      preSharedKeyOf(torrent)?.localName,
    )
  })

  it("is the same as itself, and as none where there is none", () => {
    expect(isSameKey(preSharedKeyOf(torrent), preSharedKeyOf({ ...torrent }))).toBe(true)
    expect(isSameKey(preSharedKeyOf(torrent), undefined)).toBe(false)
    expect(isSameKey(undefined, undefined)).toBe(true)
  })

  it("is none where the torrent file has no Secret", () => {
    expect(preSharedKeyOf({ ...torrent, secret: undefined })).toBeUndefined()
  })
})
