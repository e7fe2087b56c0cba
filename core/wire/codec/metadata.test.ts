import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { ProtocolError } from "../../base/errors.js"
import { nearly } from "../../testing/edits.js"
import { decodeMetadata, encodeMetadata, type MetadataMessage, metadataPieceBytes } from "./metadata.js"

const anyMessage: fc.Arbitrary<MetadataMessage> = fc.oneof(
  fc.record({ type: fc.constantFrom("request" as const, "reject" as const), piece: fc.nat({ max: 4_095 }) }),
  fc.record({
    type: fc.constant("data" as const),
    piece: fc.nat({ max: 4_095 }),
    totalBytes: fc.option(fc.nat(), { nil: undefined }),
    bytes: fc.uint8Array({ maxLength: 300 }),
  }),
)

describe("a message about the info dictionary", () => {
  it("is what BEP 9 prints", () => {
    expect(text({ type: "request", piece: 0 })).toBe("d8:msg_typei0e5:piecei0ee")
    expect(text({ type: "data", piece: 0, totalBytes: 34_256, bytes: Buffer.from("xxx") })).toBe(
      "d8:msg_typei1e5:piecei0e10:total_sizei34256eexxx",
    )
    expect(text({ type: "reject", piece: 0 })).toBe("d8:msg_typei2e5:piecei0ee")
  })

  it("comes back as it was", () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        expect(plain(decodeMetadata(encodeMetadata(message)))).toEqual(plain(message))
      }),
    )
  })

  it("is read, ignored or refused with the one typed error, whatever is sent", () => {
    fc.assert(
      fc.property(nearly(anyMessage.map((message) => Uint8Array.from(encodeMetadata(message)))), (bytes) => {
        try {
          const message = decodeMetadata(bytes)
          if (message !== undefined) expect(message.piece).toBeLessThan(4_096)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
      { numRuns: 500 },
    )
  })

  it("of a type that is not known is ignored", () => {
    expect(decodeMetadata(Buffer.from("d8:msg_typei7e5:piecei0ee"))).toBeUndefined()
  })

  it.each([
    ["of a negative piece", "d8:msg_typei0e5:piecei-1ee"],
    ["beyond 64 MiB", "d8:msg_typei0e5:piecei4096ee"],
    ["without a piece", "d8:msg_typei0ee"],
    ["that is no dictionary", "i5e"],
    ["that is nothing", ""],
  ])("%s is refused", (_, payload) => {
    expect(() => decodeMetadata(Buffer.from(payload))).toThrow(expect.objectContaining({ code: "bad_metadata" }))
  })
})

it.each([
  [0, 40_000, 16_384],
  [2, 40_000, 7_232],
  [3, 40_000, 0],
  [0, 16_384, 16_384],
  [1, 16_384, 0],
])("piece %i of a dictionary of %i bytes has %i", (piece, totalBytes, byteCount) => {
  expect(metadataPieceBytes(totalBytes, piece)).toBe(byteCount)
})

function text(message: MetadataMessage): string {
  return Buffer.from(encodeMetadata(message)).toString()
}

function plain(message: MetadataMessage | undefined): unknown {
  return message?.type === "data" ? { ...message, bytes: [...message.bytes] } : message
}
