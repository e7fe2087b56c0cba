import { describe, expect, it } from "vitest"
import { createPeerId, describePeerId, isOwnKind } from "./peer-id.js"

function peerId(text: string): Uint8Array {
  const bytes = new Uint8Array(20)
  bytes.set(Buffer.from(text, "latin1"))
  return bytes
}

describe("peer id", () => {
  it("of ours begins in Azureus style and ends with the random bytes", () => {
    const ours = createPeerId(new Uint8Array(12).fill(0xab))
    expect(Buffer.from(ours).toString("latin1")).toBe(`-PT0100-${"\xab".repeat(12)}`)
    expect(isOwnKind(ours)).toBe(true)
    expect(isOwnKind(peerId("-TR3000-"))).toBe(false)
  })

  it.each([
    ["-PT0100-", "p2p-tui 0.1.0"],
    ["-TR3000-", "Transmission 3.00"],
    ["-TR294Z-", "Transmission 2.94"],
    ["-TR4050-", "Transmission 4.0.5"],
    ["-LT20A3-", "libtorrent 2.0.10.3"],
    ["-ZZ1234-", "ZZ 1.2.3.4"],
    ["A2-1-36-0-", "aria2 1.36.0"],
    ["M7-10-5--", "BitTorrent 7.10.5"],
    ["\x1b[2J\x1b]0;evil\x07", "unknown"],
    ["", "unknown"],
  ])("%j is shown as %s [hostile 9]", (text, shown) => {
    expect(describePeerId(peerId(text))).toBe(shown)
  })

  it("of WebTorrent has two digits each for major and minor version [F9]", () => {
    expect(describePeerId(peerId("-WW0208-"))).toBe("WebTorrent 2.8")
    expect(describePeerId(peerId("-WW0113-"))).toBe("WebTorrent 1.13")
  })
})
