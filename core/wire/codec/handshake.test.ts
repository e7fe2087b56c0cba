import { describe, expect, it } from "vitest"
import { ProtocolError } from "../../base/errors.js"
import { feed } from "./byte-target.js"
import { decodeHandshake, encodeHandshake, type Handshake, HandshakeDecoder } from "./handshake.js"

const handshake: Handshake = {
  infoHash: new Uint8Array(20).fill(1),
  peerId: new Uint8Array(20).fill(2),
  supportsFast: true,
  supportsExtensions: true,
}

describe("handshake", () => {
  it("has the bytes that BEP 3, 6 and 10 print", () => {
    const bytes = Buffer.from(encodeHandshake(handshake))
    expect(bytes.length).toBe(68)
    expect(bytes.subarray(0, 20).toString("latin1")).toBe("\x13BitTorrent protocol")
    expect(bytes.subarray(20, 28).toString("hex")).toBe("0000000000100004")
  })

  it.each([
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ])("comes back as it was (fast %s, extensions %s)", (supportsFast, supportsExtensions) => {
    const sent = { ...handshake, supportsFast, supportsExtensions }
    expect(decodeHandshake(encodeHandshake(sent))).toEqual(sent)
  })

  it("ignores reserved bits of other extensions", () => {
    const bytes = encodeHandshake(handshake)
    bytes.fill(0xff, 20, 28)
    expect(decodeHandshake(bytes)).toEqual(handshake)
  })

  it("is collected from chunks split anywhere, and takes no byte beyond its own", () => {
    const bytes = encodeHandshake(handshake)
    for (let split = 0; split <= bytes.length; split++) {
      const heard: Handshake[] = []
      const decoder = new HandshakeDecoder((decoded) => heard.push(decoded))
      feed(decoder, bytes.subarray(0, split))
      expect(decoder.target().length).toBe(68 - split)
      feed(decoder, bytes.subarray(split))
      expect(heard).toEqual([handshake])
    }
  })

  it("is refused at the first wrong byte", () => {
    const decoder = new HandshakeDecoder(() => expect.unreachable())
    expect(() => feed(decoder, Buffer.from("GET / HTTP/1.1"))).toThrow(ProtocolError)
    const late = new HandshakeDecoder(() => expect.unreachable())
    feed(late, Buffer.from("\x13BitTorrent protoco", "latin1"))
    expect(() => feed(late, Buffer.from("k"))).toThrow(ProtocolError)
  })
})
