import type { NetworkInterfaceInfo } from "node:os"
import { describe, expect, it } from "vitest"
import { chooseAddress, defaultRouteOf, rankAddresses } from "./choose-address.js"

function info(address: string, internal = false): NetworkInterfaceInfo {
  const rest = { netmask: "", mac: "", internal, cidr: null }
  return address.includes(":") ? { ...rest, address, family: "IPv6", scopeid: 0 } : { ...rest, address, family: "IPv4" }
}

const lo = [info("127.0.0.1", true), info("::1", true)]
const docker0 = [info("172.17.0.1")]
const wg0 = [info("10.8.0.2")]
const eth0 = [info("192.168.1.20"), info("fe80::1"), info("2001:db8::20")]

describe("the address that other machines use", () => {
  it.each([
    [
      "a laptop with containers and a VPN",
      { docker0, "br-1f2e": [info("172.18.0.1")], wg0, veth9: [info("169.254.1.1")], lo, eth0 },
      undefined,
      "192.168.1.20",
      "card",
    ],
    ["two cards, one of them to the world", { eno1: [info("10.1.0.4")], eth0, lo }, "eth0", "192.168.1.20", "card"],
    ["two cards, and no way to the world", { eno1: [info("10.1.0.4")], eth0, lo }, undefined, "10.1.0.4", "card"],
    ["the way to the world leads through the VPN", { wg0, eth0, lo }, "wg0", "192.168.1.20", "otherCard"],
    ["nothing but a VPN", { wg0, docker0, lo }, undefined, "10.8.0.2", "tunnel"],
    ["a carrier's network and a VPN", { wwan0: [info("100.72.3.4")], wg0, lo }, "wwan0", "10.8.0.2", "tunnel"],
    ["a carrier's network alone", { wwan0: [info("100.72.3.4")], docker0, lo }, "wwan0", "100.72.3.4", "carrier"],
    ["Tailscale beside a card", { tailscale0: [info("100.101.1.1")], eth0, lo }, undefined, "192.168.1.20", "card"],
    ["a server with a public address", { ens3: [info("203.0.113.9")], docker0, lo }, "ens3", "203.0.113.9", "card"],
    ["inside a container", { lo, eth0: [info("172.17.0.2")] }, "eth0", "172.17.0.2", "card"],
    ["bridges alone", { virbr0: [info("192.168.122.1")], lo }, undefined, "192.168.122.1", "containers"],
  ])("with %s", (_, interfaces, world, host, why) => {
    expect(chooseAddress({ named: undefined, listeningHost: "0.0.0.0" }, interfaces, world)).toMatchObject({
      host,
      why,
    })
  })

  it.each([
    ["no network", { lo }, "0.0.0.0"],
    ["a cable without an address", { lo, eth0: [info("169.254.3.3"), info("fe80::9")] }, "::"],
    ["a listener on loopback", { lo, eth0 }, "127.0.0.1"],
    ["a listener on a name", { lo, eth0 }, "localhost"],
    ["a listener on an address that has gone", { lo, eth0 }, "10.9.9.9"],
    ["nothing that the system lists", {}, "::"],
  ])("is none with %s", (_, interfaces, listeningHost) => {
    expect(chooseAddress({ named: undefined, listeningHost }, interfaces)).toBeUndefined()
  })

  it("is the one that the user named, or the one that is listened on", () => {
    expect(chooseAddress({ named: "203.0.113.5", listeningHost: "0.0.0.0" }, { eth0 })).toEqual({
      ...{ host: "203.0.113.5", why: "named", interfaceName: undefined, otherCount: 0 },
    })
    expect(chooseAddress({ named: undefined, listeningHost: "10.8.0.2" }, { eth0, wg0 })).toEqual({
      ...{ host: "10.8.0.2", why: "listening", interfaceName: "wg0", otherCount: 0 },
    })
  })

  it("is IPv4 before IPv6 of the same card, and IPv6 only for a listener on it", () => {
    expect(rankAddresses({ eth0, docker0 }, "::").map(({ host }) => host)).toEqual([
      ...["192.168.1.20", "2001:db8::20", "172.17.0.1"],
    ])
    expect(rankAddresses({ eth0 }, "0.0.0.0").map(({ host }) => host)).toEqual(["192.168.1.20"])
    expect(chooseAddress({ named: undefined, listeningHost: "::" }, { eth0: [info("2001:db8::20")] })?.host).toBe(
      "2001:db8::20",
    )
  })
})

describe("the default route of Linux", () => {
  const head = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT"
  const route = (name: string, destination: string, mask: string, metric: number, flags = "0003") =>
    `${name}\t${destination}\t0101A8C0\t${flags}\t0\t0\t${metric}\t${mask}\t0\t0\t0`

  it("is the one of the least metric that is up", () => {
    const routes = [
      ...[head, route("wlan0", "00000000", "00000000", 600), route("eth0", "00000000", "00000000", 100)],
      ...[route("tun0", "00000000", "00000080", 0), route("eth1", "00000000", "00000000", 1, "0002"), ""],
    ]
    expect(defaultRouteOf(routes.join("\n"))).toBe("eth0")
  })

  it.each(["", head, `${head}\nnonsense`, `${head}\n${route("eth0", "0000A8C0", "00FFFFFF", 0)}`])(
    "is none in %j",
    (routes) => {
      expect(defaultRouteOf(routes)).toBeUndefined()
    },
  )
})
