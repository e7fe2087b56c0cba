import { describe, expect, it } from "vitest"
import { acceptPeers, type PeerFilter } from "./peer-filter.js"

const remote: PeerFilter = { ownHosts: new Set(["192.168.1.5", "127.0.0.1"]), ownPort: 7001, trackerIsLocal: false }
const entry = (host: unknown, port: unknown) => ({ listening_host: host, listening_port: port })

describe("acceptPeers", () => {
  it("keeps ordinary peers, in order", () => {
    expect(acceptPeers([entry("10.0.0.1", 1), entry("2001:db8::1", 65535)], remote)).toEqual([
      { host: "10.0.0.1", port: 1 },
      { host: "2001:db8::1", port: 65535 },
    ])
  })

  it.each([
    ["ourselves", entry("192.168.1.5", 7001)],
    ["ourselves in another spelling", entry("::ffff:192.168.1.5", 7001)],
    ["port 0", entry("10.0.0.1", 0)],
    ["a port beyond 65535", entry("10.0.0.1", 65536)],
    ["a port as text", entry("10.0.0.1", "80")],
    ["a fractional port", entry("10.0.0.1", 80.5)],
    ["no port", { listening_host: "10.0.0.1" }],
    ["the unspecified address", entry("0.0.0.0", 80)],
    ["the unspecified IPv6 address", entry("::", 80)],
    ["multicast", entry("224.0.0.1", 80)],
    ["IPv6 multicast", entry("ff02::1", 80)],
    ["broadcast", entry("255.255.255.255", 80)],
    ["the cloud's metadata address", entry("169.254.169.254", 80)],
    ["the metadata address mapped into IPv6", entry("::ffff:169.254.169.254", 80)],
    ["IPv6 link-local", entry("fe80::1%eth0", 80)],
    ["loopback", entry("127.0.0.1", 80)],
    ["loopback written short", entry("127.1", 80)],
    ["IPv6 loopback", entry("::1", 80)],
    ["a host name", entry("example.org", 80)],
    ["an empty host", entry("", 80)],
    ["a number for a host", entry(2130706433, 80)],
    ["null", null],
    ["an array", ["10.0.0.1", 80]],
  ])("drops %s of a remote tracker, and keeps the next [hostile 38]", (_what, bad) => {
    expect(acceptPeers([bad, entry("10.0.0.9", 9)], remote)).toEqual([{ host: "10.0.0.9", port: 9 }])
  })

  it("keeps another client on our address under another port", () => {
    expect(acceptPeers([entry("192.168.1.5", 7002)], remote)).toHaveLength(1)
  })

  it("keeps loopback peers of a tracker on this machine", () => {
    const local = { ...remote, trackerIsLocal: true }
    expect(acceptPeers([entry("127.0.0.1", 7002), entry("127.0.0.1", 7001)], local)).toEqual([
      { host: "127.0.0.1", port: 7002 },
    ])
  })

  it("keeps one of several spellings of one peer [hostile 35, 38]", () => {
    const spellings = [entry("::ffff:10.0.0.1", 80), entry("10.0.0.1", 80), entry("::ffff:a00:1", 80)]
    expect(acceptPeers(spellings, remote)).toEqual([{ host: "10.0.0.1", port: 80 }])
  })

  it("keeps at most 3,000 of a huge answer [hostile 38]", () => {
    const many = Array.from({ length: 20_000 }, (_, n) => entry(`10.0.${n >> 8}.${n & 255}`, 80))
    expect(acceptPeers(many, remote)).toHaveLength(3_000)
  })
})
