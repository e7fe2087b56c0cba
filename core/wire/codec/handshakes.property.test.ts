import fc from "fast-check"
import { expect, it } from "vitest"
import { ProtocolError } from "../../base/errors.js"
import { corpus } from "../../testing/corpus.js"
import { anyChunkSizes, chunks, nearly } from "../../testing/edits.js"
import { feed } from "./byte-target.js"
import { decodeExtensionHandshake, encodeExtensionHandshake } from "./extension-handshake.js"
import { encodeHandshake, type Handshake, HandshakeDecoder } from "./handshake.js"
import { LARGE_BLOCK_BYTES, STANDARD_BLOCK_BYTES } from "./messages.js"
import { decodePeerExchange, encodePeerExchange } from "./peer-exchange.js"

const id = fc.uint8Array({ minLength: 20, maxLength: 20 })
const anyHandshake: fc.Arbitrary<Handshake> = fc.record({
  infoHash: id,
  peerId: id,
  supportsFast: fc.boolean(),
  supportsExtensions: fc.boolean(),
})

/** The handshake of a stream, if it came whole, or the code it was refused with. */
function heard(stream: Iterable<Uint8Array>): Handshake | string | undefined {
  let handshake: Handshake | undefined
  const decoder = new HandshakeDecoder((whole) => {
    handshake = whole
  })
  try {
    for (const chunk of stream) feed(decoder, chunk)
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return error.code
  }
  return handshake
}

it("a handshake is heard as it was said, however it is cut", () => {
  fc.assert(
    fc.property(anyHandshake, anyChunkSizes, (handshake, sizes) => {
      expect(heard(chunks(encodeHandshake(handshake), sizes))).toEqual(handshake)
    }),
  )
})

it("a damaged handshake is refused, or one of 68 bytes that says something else [hostile 21]", () => {
  const said = anyHandshake.map(encodeHandshake)
  fc.assert(
    fc.property(nearly(said), anyChunkSizes, (bytes, sizes) => {
      const whole = bytes.subarray(0, 68)
      expect(heard(chunks(whole, sizes))).toEqual(heard([whole]))
    }),
    { examples: corpus("handshakes").map((bytes) => [bytes, [1]]) },
  )
})

const extensionHandshake = fc
  .record({
    client: fc.option(fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 40 }), { nil: undefined }),
    listeningPort: fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }),
    maxRequests: fc.option(fc.integer({ min: 1 }), { nil: undefined }),
    maxBlockBytes: fc.integer({ min: STANDARD_BLOCK_BYTES, max: LARGE_BLOCK_BYTES }),
    extensionIds: fc
      .dictionary(fc.stringMatching(/^[a-z_]{1,10}$/), fc.integer({ min: 1, max: 255 }))
      .map((ids) => new Map(Object.entries(ids))),
  })
  .map(encodeExtensionHandshake)

it("an extension handshake is refused with its one typed error, or bounded in every field", () => {
  fc.assert(
    fc.property(fc.oneof(extensionHandshake, nearly(extensionHandshake)), (payload) => {
      const said = refusedOr(() => decodeExtensionHandshake(payload), "bad_extension_handshake")
      if (said === undefined) return
      expect(said.maxBlockBytes).toBeGreaterThanOrEqual(STANDARD_BLOCK_BYTES)
      expect(said.maxBlockBytes).toBeLessThanOrEqual(LARGE_BLOCK_BYTES)
      expect((said.client ?? "").replace(/[\u200c\u200d]/g, "")).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
      expect([...said.extensionIds.values()].every((each) => each >= 1 && each <= 255)).toBe(true)
    }),
    { examples: corpus("extension-handshakes").map((bytes) => [bytes]), numRuns: 500 },
  )
})

const peer = fc.record({
  host: fc.oneof(fc.ipV4(), fc.ipV6()),
  port: fc.integer({ min: 1, max: 65_535 }),
  isSeed: fc.boolean(),
  isReachable: fc.boolean(),
})
const peerExchange = fc
  .tuple(fc.array(peer), fc.array(peer))
  .map(([added, dropped]) => encodePeerExchange(added, dropped))

it("a peer exchange is refused with its one typed error, or names at most 200 peers", () => {
  fc.assert(
    fc.property(fc.oneof(peerExchange, nearly(peerExchange)), (payload) => {
      const peers = refusedOr(() => decodePeerExchange(payload), "bad_peer_exchange")
      expect(peers?.length ?? 0).toBeLessThanOrEqual(200)
    }),
    { numRuns: 500 },
  )
})

function refusedOr<T>(decode: () => T, code: string): T | undefined {
  try {
    return decode()
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    expect(error.code).toBe(code)
    return undefined
  }
}
