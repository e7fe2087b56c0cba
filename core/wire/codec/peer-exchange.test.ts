import { describe, expect, it } from "vitest"
import { decodeBencode } from "../../base/bencode.js"
import { encodeBencode } from "../../base/encode-bencode.js"
import { decodePeerExchange, encodePeerExchange } from "./peer-exchange.js"

const IPV4 = { host: "10.0.0.1", port: 6881 }
const IPV6 = { host: "2001:db8::1", port: 80 }

describe("peer exchange messages (BEP 11)", () => {
  it("carry both families, and what is known of each peer", () => {
    const added = [
      { ...IPV4, isSeed: true, isReachable: true },
      { ...IPV6, isSeed: false, isReachable: true },
      { host: "10.0.0.2", port: 1, isSeed: false, isReachable: false },
    ]
    const payload = encodePeerExchange(added, [IPV4, IPV6])
    expect(decodePeerExchange(payload)).toEqual([IPV4, { host: "10.0.0.2", port: 1 }, IPV6])
    const raw = decodeBencode(payload) as Record<string, Uint8Array>
    expect([...(raw["added.f"] ?? [])]).toEqual([0x12, 0])
    expect([...(raw["added6.f"] ?? [])]).toEqual([0x10])
    expect([...(raw["dropped"] ?? [])]).toEqual([10, 0, 0, 1, 0x1a, 0xe1])
    expect(raw["dropped6"]).toHaveLength(18)
  })

  it("are lenient in fields: a malformed field holds no peers", () => {
    const payload = encodeBencode({ added: [1], added6: new Uint8Array(17), dropped: 5, other: "x" })
    expect(decodePeerExchange(payload)).toEqual([])
    expect(decodePeerExchange(encodeBencode({ added: new Uint8Array(11) }))).toHaveLength(1)
  })

  it("are read up to a cap", () => {
    expect(decodePeerExchange(encodeBencode({ added: new Uint8Array(6 * 5_000) }))).toHaveLength(100)
  })

  it.each(["", "le", "i5e", "d5:added", `${"l".repeat(100)}`])(
    "are refused when they are no dictionary: %j",
    (text) => {
      expect(() => decodePeerExchange(Buffer.from(text))).toThrow(/peer exchange is not/)
    },
  )
})
