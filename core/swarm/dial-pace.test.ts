import { describe, expect, it } from "vitest"
import { DialPace } from "./dial-pace.js"

/** How many of `count` dials are granted that are wanted at the same moment, at ports of one address. */
function granted(pace: DialPace, host: string, count: number, vouched: boolean, nowMs = 0): number {
  return Array.from({ length: count }, (_, port) => pace.admit(`${host}:${port + 1}`, vouched, nowMs)).filter(Boolean)
    .length
}

describe("the pace of dialling", () => {
  it("bounds the dials to one host over all its ports, and those to untrusted addresses most [S8]", () => {
    expect(granted(new DialPace(), "10.0.0.1", 1_000, true)).toBe(20)
    const pace = new DialPace()
    expect(granted(pace, "10.0.0.1", 1_000, false)).toBe(5)
    const later = Array.from({ length: 120 }, (_, second) => granted(pace, "10.0.0.1", 100, false, second * 1_000))
    expect(later.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(15)
  })

  it("takes an IPv6 /64 for one host [S8]", () => {
    const pace = new DialPace()
    const hosts = Array.from({ length: 100 }, (_, host) => `[2001:db8::${(host + 1).toString(16)}]:7000`)
    expect(hosts.filter((address) => pace.admit(address, true, 0))).toHaveLength(20)
    expect(pace.admit("[2001:db8:0:1::1]:7000", true, 0)).toBe(true)
  })

  it("bounds untrusted addresses over all hosts, and not the others [S8]", () => {
    const pace = new DialPace()
    const dialled = (vouched: boolean, nowMs: number) =>
      Array.from({ length: 1_000 }, (_, host) => pace.admit(`10.1.${host >> 8}.${host & 255}:7000`, vouched, nowMs))
    expect(dialled(false, 0).filter(Boolean)).toHaveLength(30)
    expect(dialled(false, 1_000).filter(Boolean)).toHaveLength(5)
    expect(dialled(true, 1_000).filter(Boolean)).toHaveLength(1_000)
  })

  it("does not hold back loopback, nor an address that was dialled with success: documents share peers [S8]", () => {
    const pace = new DialPace()
    expect(granted(pace, "127.0.0.1", 1_000, false)).toBe(1_000)
    pace.proved("10.0.0.1:7000")
    granted(pace, "10.0.0.1", 1_000, true)
    const again = Array.from({ length: 1_000 }, () => pace.admit("10.0.0.1:7000", true, 0))
    expect(again.every(Boolean)).toBe(true)
  })

  it("remembers a bounded number of networks [S8]", () => {
    const pace = new DialPace()
    for (let host = 0; host < 10_000; host++)
      pace.admit(`10.${host >> 16}.${(host >> 8) & 255}.${host & 255}:1`, true, 0)
    expect(pace.networkCount).toBe(2_000)
  })
})
