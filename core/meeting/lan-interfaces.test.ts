import type { NetworkInterfaceInfo } from "node:os"
import { describe, expect, it } from "vitest"
import { isNeighbour, lanInterfaces } from "./lan-interfaces.js"

function info(address: string, bits: number, internal = false): NetworkInterfaceInfo {
  const rest = { netmask: "", mac: "", internal, cidr: `${address}/${bits}` }
  return address.includes(":") ? { ...rest, address, family: "IPv6", scopeid: 0 } : { ...rest, address, family: "IPv4" }
}

const machine = {
  lo: [info("127.0.0.1", 8, true), info("::1", 128, true)],
  eth0: [info("10.0.0.5", 24), info("10.0.0.6", 24), info("fe80::1", 64), info("fd00::5", 64)],
  wlan0: [info("169.254.3.3", 16), info("192.168.1.9", 24)],
  tun0: [info("fe80::2", 64)],
}

describe("the interfaces on which documents are announced", () => {
  it.each([
    ["::", ["10.0.0.5", "fd00::5", "192.168.1.9"]],
    ["0.0.0.0", ["10.0.0.5", "192.168.1.9"]],
    ["10.0.0.6", ["10.0.0.6"]],
    ["fd00::5", ["fd00::5"]],
    ["127.0.0.1", []],
    ["localhost", []],
  ])("of a client that listens on %s", (host, addresses) => {
    expect(lanInterfaces(machine, host).map(({ address }) => address)).toEqual(addresses)
  })

  it("are a bounded number", () => {
    const many = Object.fromEntries(
      Array.from({ length: 500 }, (_, index) => [`veth${index}`, [info(`10.${index % 250}.0.1`, 24)]]),
    )
    expect(lanInterfaces(many, "0.0.0.0")).toHaveLength(32)
  })

  it("tell neighbours from others [M2]", () => {
    const interfaces = lanInterfaces(machine, "::")
    expect(["10.0.0.77", "192.168.1.1", "fd00::77"].map((host) => isNeighbour(host, interfaces))).toEqual([
      true,
      true,
      true,
    ])
    const others = ["10.0.1.1", "8.8.8.8", "127.0.0.1", "fd01::1", "2001:db8::1", "169.254.169.254"]
    expect(others.filter((host) => isNeighbour(host, interfaces))).toEqual([])
  })
})
