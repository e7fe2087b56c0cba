import fc from "fast-check"
import { expect, it } from "vitest"
import { ProtocolError } from "../../base/errors.js"
import { corpus } from "../../testing/corpus.js"
import { anyChunkSizes, chunks, nearly } from "../../testing/edits.js"
import { Bitfield } from "../../torrent/bitfield.js"
import { FrameDecoder } from "./decode.js"
import { encodedLength, encodeMessage, encodePieceHeader } from "./encode.js"
import type { OutgoingMessage } from "./messages.js"

const PART_COUNT = 77
const MAX_BLOCK_BYTES = 20_000

type Sent =
  | OutgoingMessage
  | { readonly type: "piece"; readonly index: number; readonly begin: number; readonly payload: Uint8Array }

/** What came out of a stream: messages and blocks in their order, and how it ended. */
interface Outcome {
  readonly said: unknown[]
  error: string | undefined
}

function decode(stream: Iterable<Uint8Array>): Outcome {
  const outcome: Outcome = { said: [], error: undefined }
  let block: Uint8Array | undefined
  const decoder = new FrameDecoder(
    { partCount: PART_COUNT, maxBlockBytes: MAX_BLOCK_BYTES, supportsFast: true, supportsExtensions: true },
    {
      message: (message) =>
        outcome.said.push(message.type === "piece" ? { ...message, payload: Uint8Array.from(block ?? []) } : message),
      placeBlock: (index, _begin, length) => {
        if (length > MAX_BLOCK_BYTES) throw new RangeError(`a place of ${length} bytes is asked for`)
        block = index % 5 === 4 ? undefined : new Uint8Array(length)
        return block
      },
    },
  )
  try {
    for (const chunk of stream) decoder.feed(chunk)
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    outcome.error = error.code
  }
  return outcome
}

function encode(message: Sent): Uint8Array {
  if (message.type !== "piece") {
    const bytes = new Uint8Array(encodedLength(message))
    encodeMessage(message, bytes, 0)
    return bytes
  }
  const header = new Uint8Array(13)
  encodePieceHeader(message.index, message.begin, message.payload.length, header, 0)
  return Buffer.concat([header, message.payload])
}

const partIndex = fc.nat({ max: PART_COUNT - 1 })
const uint32 = fc.oneof(fc.nat({ max: 100_000 }), fc.constantFrom(0x7fffffff, 0x80000000, 0xffffffff))
const block = { index: uint32, begin: uint32, length: uint32 }

const anyMessage: fc.Arbitrary<Sent> = fc.oneof(
  fc
    .constantFrom("keepAlive", "choke", "unchoke", "interested", "notInterested", "haveAll", "haveNone")
    .map((type) => ({ type })),
  fc.record({ type: fc.constantFrom("have", "suggest", "allowedFast"), index: partIndex }),
  fc.record({ type: fc.constantFrom("request", "cancel", "reject"), ...block }),
  fc.uniqueArray(partIndex).map((indices) => {
    const bitfield = new Bitfield(PART_COUNT)
    for (const index of indices) bitfield.add(index)
    return { type: "bitfield" as const, bitfield }
  }),
  fc.record({ type: fc.constant("extended"), id: fc.nat({ max: 255 }), payload: fc.uint8Array({ maxLength: 3_000 }) }),
  fc.record({
    type: fc.constant("piece"),
    index: uint32,
    begin: uint32,
    payload: fc.uint8Array({ minLength: 1, maxLength: 5_000 }),
  }),
)

const conversation = fc.array(anyMessage, { maxLength: 12 })
const stream = conversation.map((messages) => Buffer.concat(messages.map(encode)))

it("decodes what was encoded, whatever is said and however it is cut", () => {
  fc.assert(
    fc.property(conversation, anyChunkSizes, (messages, sizes) => {
      const bytes = Buffer.concat(messages.map(encode))
      const expected = messages
        .filter((message) => message.type !== "piece" || message.index % 5 !== 4)
        .map((message) => (message.type === "piece" ? { ...message, length: message.payload.length } : message))
      expect(decode(chunks(bytes, sizes))).toEqual({ said: expected, error: undefined })
    }),
  )
})

it("makes the same of damaged bytes however they are cut, and ends with one typed error at most [hostile 22]", () => {
  fc.assert(
    fc.property(nearly(stream), anyChunkSizes, (bytes, sizes) => {
      expect(decode(chunks(bytes, sizes))).toEqual(decode([bytes]))
    }),
    { examples: corpus("frames").map((bytes) => [bytes, [1]]), numRuns: 300 },
  )
})
