import { describe, expect, it } from "vitest"
import { createIdentity, IdentityFinder } from "./psk-identity.js"
import { sipHash } from "./siphash.js"

const keyOf = (fill: number) => ({ name: fill, identityKey: new Uint8Array(16).fill(fill) })

describe("SipHash-2-4", () => {
  // The first is vector 16 of the authors' reference implementation, both were computed by `openssl mac … -macopt size:8 SIPHASH` too.
  it.each([
    ["000102030405060708090a0b0c0d0e0f", "000102030405060708090a0b0c0d0e0f", "db9bc2577fcc2a3f"],
    ["ffeeddccbbaa99887766554433221100", Buffer.from("p2p-tui identity").toString("hex"), "f5d776078c98e202"],
  ])("under %s of %s is %s", (key, message, expected) => {
    const [low, high] = sipHash(Buffer.from(key, "hex"), Buffer.from(message, "hex"))
    const bytes = Buffer.alloc(8)
    bytes.writeUInt32LE(low, 0)
    bytes.writeUInt32LE(high, 4)
    expect(bytes.toString("hex")).toBe(expected)
  })
})

describe("an identity of a private document", () => {
  it("is found by a client with the document among others, and by no other client [S9]", () => {
    const documents = Array.from({ length: 200 }, (_, fill) => keyOf(fill))
    const identity = createIdentity(keyOf(77).identityKey)
    expect(new IdentityFinder().find(identity, documents)?.name).toBe(77)
    expect(new IdentityFinder().find(identity, documents.slice(0, 77))).toBeUndefined()
  })

  it("is another one every time [S9]", () => {
    expect(new Set(Array.from({ length: 1_000 }, () => createIdentity(keyOf(1).identityKey))).size).toBe(1_000)
  })

  it("is answered once [S9]", () => {
    const finder = new IdentityFinder()
    const identities = Array.from({ length: 10_000 }, () => createIdentity(keyOf(1).identityKey))
    for (const identity of identities) expect(finder.find(identity, [keyOf(1)])?.name).toBe(1)
    for (const identity of identities) expect(finder.find(identity, [keyOf(1)])).toBeUndefined()
  })

  it("is forgotten after thousands of others, all of them valid [S9]", () => {
    const finder = new IdentityFinder()
    const first = createIdentity(keyOf(1).identityKey)
    finder.find(first, [keyOf(1)])
    for (let call = 0; call < 20_000; call++) finder.find(createIdentity(keyOf(2).identityKey), [keyOf(1)])
    expect(finder.find(first, [keyOf(1)])).toBeUndefined()
    for (let call = 0; call < 20_000; call++) finder.find(createIdentity(keyOf(1).identityKey), [keyOf(1)])
    expect(finder.find(first, [keyOf(1)])?.name).toBe(1)
  })

  it.each(["", "x", "0".repeat(48), "F".repeat(48), `${createIdentity(new Uint8Array(16))}0`, "0".repeat(60_000)])(
    "is nothing else: %s [S7, S9]",
    (text) => {
      expect(new IdentityFinder().find(text, [keyOf(0), keyOf(1)])).toBeUndefined()
    },
  )

  it("with any digit changed belongs to no document [S9]", () => {
    const identity = createIdentity(keyOf(1).identityKey)
    for (let at = 0; at < identity.length; at++) {
      const digit = identity[at] === "0" ? "1" : "0"
      const changed = identity.slice(0, at) + digit + identity.slice(at + 1)
      expect(new IdentityFinder().find(changed, [keyOf(1)])).toBeUndefined()
    }
  })
})
