import { networkInterfaces } from "node:os"
import { describe, expect, it, vi } from "vitest"
import { shareableAddresses, shareableTrackers, trackersForLink } from "./shareable.js"

vi.mock("node:os", () => ({ networkInterfaces: vi.fn() }))

const INTERFACES = {
  docker0: [{ address: "172.17.0.1" }],
  lo: [{ address: "127.0.0.1" }, { address: "::1" }],
  eth0: [{ address: "fe80::1" }, { address: "2a02::5" }, { address: "10.0.0.5" }],
  eth1: [{ address: "169.254.0.1" }, { address: "192.168.1.5" }],
}

describe("the addresses that a link names", () => {
  it.each([
    ["the one that this client listens on", "10.0.0.9", ["10.0.0.9:7001"]],
    ["loopback where it listens there alone", "127.0.0.1", ["127.0.0.1:7001"]],
    ["those of the machine that others can reach, IPv4 alone", "0.0.0.0", ["10.0.0.5:7001", "192.168.1.5:7001"]],
    ["those of both families, IPv4 first", "::", ["10.0.0.5:7001", "192.168.1.5:7001", "[2a02::5]:7001"]],
    ["the name that is announced", "node1.lab", ["node1.lab:7001"]],
  ])("are %s", (_, listeningHost, addresses) => {
    vi.mocked(networkInterfaces).mockReturnValue(INTERFACES as never)
    expect(shareableAddresses({ listeningHost, listeningPort: 7001 })).toEqual(addresses)
  })
})

describe("the trackers that travel", () => {
  const trackerUrls = [
    "http://127.0.0.1:5000",
    "http://user:word@tracker.lab:5000/p2p",
    "http://[::1]:1",
    "http://localhost:1",
  ]

  it("are those that other machines can reach, without a password", () => {
    expect(shareableTrackers({ trackerUrls })).toEqual(["http://tracker.lab:5000/p2p"])
  })

  it("in a link are all of them when this client listens on loopback alone", () => {
    const listeningPort = 7001
    expect(trackersForLink({ trackerUrls, listeningHost: "127.0.0.1", listeningPort }).length).toBe(4)
    expect(trackersForLink({ trackerUrls, listeningHost: "0.0.0.0", listeningPort })).toEqual([
      "http://tracker.lab:5000/p2p",
    ])
  })
})
