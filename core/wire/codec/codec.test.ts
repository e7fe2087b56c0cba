import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { ProtocolError } from "../../base/errors.js"
import { Bitfield } from "../../torrent/bitfield.js"
import { LENGTH_PREFIX_BYTES, MAX_EXTENDED_BYTES, MAX_UNKNOWN_BYTES, MessageId, SCRATCH_BYTES } from "./constants.js"
import { FrameDecoder } from "./decode.js"
import { encodedLength, encodeMessage, encodePieceHeader } from "./encode.js"
import type { FrameRules } from "./frame-rules.js"
import type { OutgoingMessage, PeerMessage } from "./messages.js"
import { writeUint32 } from "./uint32.js"

const PART_COUNT = 10_000
const MAX_BLOCK_BYTES = 64 * 1024
const rules: FrameRules = {
  partCount: PART_COUNT,
  maxBlockBytes: MAX_BLOCK_BYTES,
  supportsFast: true,
  supportsExtensions: true,
}

/** What a decoder said: messages as they came, and the payload of every block beside its `piece`. */
interface Heard {
  readonly messages: PeerMessage[]
  readonly payloads: Uint8Array[]
  progressBytes: number
}

function listen(options: Partial<FrameRules> = {}, wants: (index: number) => boolean = () => true) {
  const heard: Heard = { messages: [], payloads: [], progressBytes: 0 }
  const decoder = new FrameDecoder(
    { ...rules, ...options },
    {
      message: (message) => void heard.messages.push(message),
      placeBlock: (index, _begin, length) => {
        if (!wants(index)) return undefined
        const place = new Uint8Array(new SharedArrayBuffer(length))
        heard.payloads.push(place)
        return place
      },
      blockProgress: (byteCount) => {
        heard.progressBytes += byteCount
      },
    },
  )
  return { decoder, heard }
}

function encode(message: OutgoingMessage): Uint8Array {
  const bytes = new Uint8Array(encodedLength(message))
  expect(encodeMessage(message, bytes, 0)).toBe(bytes.length)
  return bytes
}

function encodePiece(index: number, begin: number, payload: Uint8Array): Uint8Array {
  const header = new Uint8Array(13)
  encodePieceHeader(index, begin, payload.length, header, 0)
  return Buffer.concat([header, payload])
}

/** A message of any id with a body of `bodyBytes`; `length` may lie. */
function frame(id: number, bodyBytes: number, length = bodyBytes + 1): Uint8Array {
  const bytes = new Uint8Array(LENGTH_PREFIX_BYTES + 1 + bodyBytes)
  writeUint32(bytes, 0, length)
  bytes[LENGTH_PREFIX_BYTES] = id
  return bytes
}

function payloadOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, position) => position * 7)
}

function bitfieldWith(...indices: number[]): Bitfield {
  const bitfield = new Bitfield(PART_COUNT)
  for (const index of indices) bitfield.add(index)
  return bitfield
}

const everyMessage: readonly OutgoingMessage[] = [
  { type: "extended", id: 0, payload: payloadOf(3_000) },
  { type: "bitfield", bitfield: bitfieldWith(0, 77, PART_COUNT - 1) },
  { type: "keepAlive" },
  { type: "choke" },
  { type: "unchoke" },
  { type: "interested" },
  { type: "notInterested" },
  { type: "have", index: PART_COUNT - 1 },
  { type: "request", index: 1, begin: 16_384, length: 16_384 },
  { type: "cancel", index: 0xffffffff, begin: 0x80000000, length: 0xffffffff },
  { type: "suggest", index: 3 },
  { type: "reject", index: 4, begin: 5, length: 6 },
  { type: "allowedFast", index: 0 },
  { type: "extended", id: 3, payload: new Uint8Array(0) },
]

/** Everything once, with blocks shorter and longer than the scratch, and what it decodes to. */
const conversation = Buffer.concat([
  ...everyMessage.map(encode),
  encodePiece(9, 1, payloadOf(1)),
  encodePiece(7, 16_384, payloadOf(2_500)),
  frame(9, 2),
  frame(99, 5_000),
  encode({ type: "interested" }),
])
const conversationMessages: readonly PeerMessage[] = [
  ...everyMessage,
  { type: "piece", index: 9, begin: 1, length: 1 },
  { type: "piece", index: 7, begin: 16_384, length: 2_500 },
  { type: "interested" },
]

describe("codec", () => {
  it.each(everyMessage.map((message) => [message.type, message] as const))("brings %s back as it was", (_, message) => {
    const { decoder, heard } = listen()
    decoder.feed(encode(message))
    expect(heard.messages).toEqual([message])
    expect(decoder.pendingBytes).toBe(0)
  })

  it.each(["haveAll", "haveNone"] as const)("brings %s back as it was", (type) => {
    const { decoder, heard } = listen()
    decoder.feed(encode({ type }))
    expect(heard.messages).toEqual([{ type }])
  })

  it("reads the bytes that the BEPs print", () => {
    expect(encode({ type: "keepAlive" })).toEqual(Uint8Array.of(0, 0, 0, 0))
    expect(encode({ type: "have", index: 258 })).toEqual(Uint8Array.of(0, 0, 0, 5, 4, 0, 0, 1, 2))
    expect(encode({ type: "reject", index: 1, begin: 2, length: 3 })).toEqual(
      Uint8Array.of(0, 0, 0, 13, 0x10, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3),
    )
    expect(encodePiece(1, 2, Uint8Array.of(9))).toEqual(Buffer.from([0, 0, 0, 10, 7, 0, 0, 0, 1, 0, 0, 0, 2, 9]))
  })

  it("gives the same messages at every split of the bytes [hostile 22]", () => {
    for (let split = 0; split <= conversation.length; split++) {
      const { decoder, heard } = listen()
      decoder.feed(conversation.subarray(0, split))
      decoder.feed(conversation.subarray(split))
      expect(heard.messages.length).toBe(conversationMessages.length)
      if (split % 97 === 0) expect(heard.messages).toEqual(conversationMessages)
    }
  })

  it("gives the same messages byte by byte [hostile 22]", () => {
    const { decoder, heard } = listen()
    for (const byte of conversation) decoder.feed(Uint8Array.of(byte))
    expect(heard.messages).toEqual(conversationMessages)
    expect(heard.payloads.map((place) => Uint8Array.from(place))).toEqual([payloadOf(1), payloadOf(2_500)])
    expect(heard.progressBytes).toBe(2_501)
  })

  it("gives the same messages under any chunking [hostile 22]", () => {
    const chunkSizes = fc.array(fc.integer({ min: 1, max: 4_000 }), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(chunkSizes, (sizes) => {
        const { decoder, heard } = listen()
        for (let offset = 0, turn = 0; offset < conversation.length; turn++) {
          const end = offset + (sizes[turn % sizes.length] ?? 1)
          decoder.feed(conversation.subarray(offset, end))
          offset = end
        }
        expect(heard.messages).toEqual(conversationMessages)
        expect(heard.payloads.map((place) => Uint8Array.from(place))).toEqual([payloadOf(1), payloadOf(2_500)])
      }),
    )
  })

  it("either decodes or refuses any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3_000 }), (bytes) => {
        const { decoder } = listen()
        try {
          // A length prefix that passes, so that more than the first check is reached.
          decoder.feed(Uint8Array.of(0, 0, 0, (bytes[0] ?? 0) % 20))
          decoder.feed(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
    )
  })

  it("decodes 10,000 tiny messages in one chunk [hostile 22]", () => {
    const { decoder, heard } = listen()
    decoder.feed(Buffer.concat(Array.from({ length: 10_000 }, (_, index) => encode({ type: "have", index }))))
    expect(heard.messages.length).toBe(10_000)
    expect(heard.messages.at(-1)).toEqual({ type: "have", index: 9_999 })
  })

  it("asks for the rest of a block straight in its own place [hostile onread]", () => {
    const { decoder, heard } = listen()
    decoder.feed(encodePiece(0, 0, payloadOf(50_000)).subarray(0, 13 + 100))
    const place = heard.payloads[0]
    expect(decoder.target().buffer).toBe(place?.buffer)
    expect(decoder.target().byteOffset).toBe(100)
    expect(decoder.target().length).toBe(49_900)
    expect(decoder.pendingBytes).toBe(49_900)
  })

  it("reads and drops an unwanted block, without allocating for it [hostile 27]", () => {
    const { decoder, heard } = listen({}, (index) => index === 2)
    decoder.feed(encodePiece(1, 0, payloadOf(MAX_BLOCK_BYTES)))
    decoder.feed(encodePiece(2, 0, payloadOf(10)))
    expect(heard.messages).toEqual([{ type: "piece", index: 2, begin: 0, length: 10 }])
    expect(heard.progressBytes).toBe(10)
    expect(decoder.frameCount).toBe(2)
  })

  it("hands out memory of its own for extended messages", () => {
    const { decoder, heard } = listen()
    decoder.feed(encode({ type: "extended", id: 1, payload: Uint8Array.of(1, 2, 3) }))
    decoder.feed(encode({ type: "extended", id: 1, payload: Uint8Array.of(4, 5, 6) }))
    expect(heard.messages).toEqual([
      { type: "extended", id: 1, payload: Uint8Array.of(1, 2, 3) },
      { type: "extended", id: 1, payload: Uint8Array.of(4, 5, 6) },
    ])
  })

  it("leaves room in the scratch whatever it holds", () => {
    const { decoder } = listen()
    const bytes = encode({ type: "extended", id: 1, payload: payloadOf(SCRATCH_BYTES - LENGTH_PREFIX_BYTES - 2) })
    decoder.feed(bytes.subarray(0, -1))
    expect(decoder.target().length).toBe(1)
    decoder.feed(bytes.subarray(-1))
    expect(decoder.target().length).toBe(SCRATCH_BYTES)
  })
})

describe("codec refuses", () => {
  function codeOf(bytes: Uint8Array, options: Partial<FrameRules> = {}): string {
    const { decoder } = listen(options)
    try {
      decoder.feed(bytes)
    } catch (error) {
      if (error instanceof ProtocolError) return error.code
      throw error
    }
    return "accepted"
  }

  it("a length of 0xFFFFFFFF after its four bytes [hostile 20]", () => {
    expect(codeOf(Uint8Array.of(0xff, 0xff, 0xff, 0xff))).toBe("frame_too_long")
  })

  it("a block of one byte more than was agreed on, and takes one of exactly that size [hostile 20]", () => {
    expect(codeOf(frame(MessageId.piece, 8, 9 + MAX_BLOCK_BYTES))).toBe("accepted")
    expect(codeOf(frame(MessageId.piece, 8, 10 + MAX_BLOCK_BYTES))).toBe("frame_too_long")
  })

  it("an empty block", () => {
    expect(codeOf(frame(MessageId.piece, 8))).toBe("bad_length")
  })

  it("extended and unknown messages beyond their caps, and takes them at the caps [hostile 20, 21]", () => {
    expect(codeOf(frame(MessageId.extended, MAX_EXTENDED_BYTES))).toBe("accepted")
    expect(codeOf(frame(MessageId.extended, 0, MAX_EXTENDED_BYTES + 2))).toBe("frame_too_long")
    expect(codeOf(frame(200, MAX_UNKNOWN_BYTES))).toBe("accepted")
    expect(codeOf(frame(200, 0, MAX_UNKNOWN_BYTES + 2))).toBe("frame_too_long")
    expect(codeOf(frame(MessageId.extended, 0))).toBe("bad_length")
  })

  it.each([
    ["choke", MessageId.choke, 1],
    ["have", MessageId.have, 4],
    ["request", MessageId.request, 12],
    ["cancel", MessageId.cancel, 12],
    ["reject", MessageId.reject, 12],
    ["allowed fast", MessageId.allowedFast, 4],
  ])("%s of a wrong length", (_, id, bodyBytes) => {
    expect(codeOf(frame(id, bodyBytes + 1))).toBe("bad_length")
    expect(codeOf(frame(id, bodyBytes - 1))).toBe(id === MessageId.choke ? "accepted" : "bad_length")
  })

  it("a bitfield that is too short, too long or has bits beyond the last part [hostile 23]", () => {
    expect(codeOf(frame(MessageId.bitfield, 2), { partCount: 12 })).toBe("accepted")
    expect(codeOf(frame(MessageId.bitfield, 1), { partCount: 12 })).toBe("bad_bitfield")
    expect(codeOf(frame(MessageId.bitfield, 3), { partCount: 12 })).toBe("bad_bitfield")
    expect(codeOf(Uint8Array.of(0, 0, 0, 3, 5, 0xff, 0xf8), { partCount: 12 })).toBe("bad_bitfield")
  })

  it("a have, suggestion or allowance of a part that does not exist [hostile 23]", () => {
    for (const type of ["have", "suggest", "allowedFast"] as const) {
      expect(codeOf(encode({ type, index: PART_COUNT }))).toBe("bad_index")
    }
  })

  it("extensions that were not agreed on", () => {
    expect(codeOf(encode({ type: "haveAll" }), { supportsFast: false })).toBe("fast_not_negotiated")
    expect(codeOf(frame(MessageId.reject, 12), { supportsFast: false })).toBe("fast_not_negotiated")
    expect(codeOf(frame(MessageId.extended, 1), { supportsExtensions: false })).toBe("extensions_not_negotiated")
  })

  it("a second handshake [hostile 21]", () => {
    expect(codeOf(Buffer.from("\x13BitTorrent protocol", "latin1"))).toBe("frame_too_long")
  })
})
