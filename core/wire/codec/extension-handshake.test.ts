import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { encodeBencode } from "../../base/encode-bencode.js"
import { ProtocolError } from "../../base/errors.js"
import { decodeExtensionHandshake, type ExtensionHandshake, encodeExtensionHandshake } from "./extension-handshake.js"
import { LARGE_BLOCK_BYTES, STANDARD_BLOCK_BYTES } from "./messages.js"

const handshake: ExtensionHandshake = {
  client: "p2p-tui 0.1.0",
  listeningPort: 7001,
  maxRequests: 500,
  maxBlockBytes: LARGE_BLOCK_BYTES,
  extensionIds: new Map([["ut_pex", 1]]),
}

describe("extension handshake", () => {
  it("comes back as it was", () => {
    expect(decodeExtensionHandshake(encodeExtensionHandshake(handshake))).toEqual(handshake)
  })

  it("is what BEP 10 prints", () => {
    expect(Buffer.from(encodeExtensionHandshake(handshake)).toString()).toBe(
      "d1:md6:ut_pexi1ee1:pi7001e8:pt_blocki262144e4:reqqi500e1:v13:p2p-tui 0.1.0e",
    )
  })

  it("accepts a foreign client's, without large blocks", () => {
    const payload = encodeBencode({
      m: { ut_metadata: 2 },
      metadata_size: 31235,
      v: "aria2/1.36.0",
      yourip: "\0\0\0\0",
    })
    expect(decodeExtensionHandshake(payload)).toEqual({
      client: "aria2/1.36.0",
      listeningPort: undefined,
      maxRequests: undefined,
      maxBlockBytes: STANDARD_BLOCK_BYTES,
      metadataBytes: 31_235,
      extensionIds: new Map([["ut_metadata", 2]]),
    })
  })

  it("leaves out fields that make no sense", () => {
    const payload = encodeBencode({ m: { a: 0, b: 256, c: "x", d: 7 }, p: 0, pt_block: 1, reqq: -5, v: 3 })
    expect(decodeExtensionHandshake(payload)).toEqual({
      client: undefined,
      listeningPort: undefined,
      maxRequests: undefined,
      maxBlockBytes: STANDARD_BLOCK_BYTES,
      extensionIds: new Map([["d", 7]]),
    })
  })

  it("caps the block size at what we ever ask for", () => {
    expect(decodeExtensionHandshake(encodeBencode({ pt_block: 2 ** 40 })).maxBlockBytes).toBe(LARGE_BLOCK_BYTES)
  })

  it("makes the client's name fit to show [hostile 9]", () => {
    const { client } = decodeExtensionHandshake(encodeBencode({ v: `\u001b[31mevil\u202e${"x".repeat(100)}` }))
    expect(client).toMatch(/^\uFFFD\[31mevil\uFFFDx+…$/u)
    expect(client?.length).toBe(40)
  })

  it("is read in spite of bytes behind it, as other clients read it [E11]", () => {
    const payload = Buffer.concat([encodeExtensionHandshake(handshake), Buffer.from("\r\nmore")])
    expect(decodeExtensionHandshake(payload)).toEqual(handshake)
  })

  it("is not read when it holds thousands of values [S2]", () => {
    expect(() => decodeExtensionHandshake(encodeBencode({ m: {}, x: Array(1_000).fill("") }))).toThrow(ProtocolError)
  })

  it("refuses what is no bencoded dictionary", () => {
    for (const payload of [Buffer.from(""), Buffer.from("i1e"), Buffer.from("d1:a"), Buffer.from("l".repeat(60_000))])
      expect(() => decodeExtensionHandshake(payload)).toThrow(ProtocolError)
  })

  it("either decodes or refuses any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        try {
          decodeExtensionHandshake(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
    )
  })
})
