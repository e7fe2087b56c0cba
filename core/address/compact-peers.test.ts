import { describe, expect, it } from "vitest"
import { compactHost, compactPort, encodeCompact, formatCompact, splitCompact } from "./compact-peers.js"

describe("compact peers", () => {
  it.each([
    ["10.1.2.3", 80, [10, 1, 2, 3, 0, 80]],
    ["::ffff:10.1.2.3", 65_535, [10, 1, 2, 3, 255, 255]],
    ["2001:db8::ff00:1", 256, [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0, 0, 1, 1, 0]],
    ["::1", 1, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1]],
    ["1::", 1, [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
  ])("encodes %s port %i", (host, port, bytes) => {
    expect([...(encodeCompact(host, port) ?? [])]).toEqual(bytes)
  })

  it.each(["10.1.2.3", "2001:db8::ff00:1", "::1", "1::", "fe80::1:2:3:4"])("brings %s back in normal form", (host) => {
    const encoded = encodeCompact(host, 4_660)
    expect(encoded && [compactHost(encoded), compactPort(encoded)]).toEqual([host, 4_660])
  })

  it.each(["", "example.org", "10.1", "1.2.3.256", "::g"])("refuses %j", (host) => {
    expect(encodeCompact(host, 1)).toBeUndefined()
  })

  it("takes lists apart", () => {
    const list = Uint8Array.from([1, 2, 3, 4, 0, 5, 6, 7, 8, 9, 0, 10])
    expect(splitCompact(list, 6).map(formatCompact)).toEqual(["1.2.3.4:5", "6.7.8.9:10"])
  })
})
