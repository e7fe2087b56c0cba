import type { NetworkInterfaceInfo } from "node:os"
import { type NormalHost, parseHost } from "./host.js"

export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>

/**
 * What an address is of: the network card that leads to the world, another card, a tunnel (VPN), a carrier's network (RFC 6598), or a bridge
 * to containers and virtual machines of this machine, which other machines can't reach.
 */
export type AddressKind = "card" | "otherCard" | "tunnel" | "carrier" | "containers"

/** An address of this machine. */
export interface RankedAddress {
  /** In normal form. */
  readonly host: string
  /** "eth0" */
  readonly interfaceName: string
  readonly kind: AddressKind
}

/** The least useful last. IPv6 of a card counts less than IPv4 of another: fewer networks carry it. */
const ORDER: readonly string[] = [
  ...["card 4", "otherCard 4", "card 6", "otherCard 6", "tunnel 4", "tunnel 6"],
  ...["carrier 4", "carrier 6", "containers 4", "containers 6"],
]

/** Names that systems and programs give such interfaces. */
const CONTAINERS =
  /^(?:docker|br-|veth|virbr|vmnet|vboxnet|lxc|lxd|cni|cali|flannel|podman|kube|cilium|vEthernet|bridge\d|awdl|llw|anpi)/i
const TUNNELS = /^(?:tun|tap|wg|ppp|utun|ipsec|zt|tailscale|nordlynx|proton|vti|gre|sit)/i

/** 100.64.0.0/10, RFC 6598: of carriers, and of VPNs that took it for theirs. */
const CARRIER = /^100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./

/**
 * The addresses at which other machines may reach a listener on `listeningHost`, the most useful first: cards before tunnels, IPv4 before
 * IPv6, bridges to containers last. Loopback and addresses that are valid on one link alone are none. `worldInterface`: the interface that
 * leads to the world, where that is known.
 */
export function rankAddresses(
  interfaces: Interfaces,
  listeningHost: string,
  worldInterface?: string,
): readonly RankedAddress[] {
  const listening = parseHost(listeningHost)
  const found = Object.entries(interfaces).flatMap(([interfaceName, addresses = []]) =>
    addresses.flatMap(({ address, internal }) => {
      const parsed = parseHost(address)
      if (internal || parsed?.kind !== "ordinary" || !listensOn(listening, parsed)) return []
      return [{ host: parsed.host, interfaceName, kind: kindOf(parsed.host, interfaceName, worldInterface) }]
    }),
  )
  return found.sort((a, b) => rank(a) - rank(b))
}

function listensOn(listening: NormalHost | undefined, { host }: NormalHost): boolean {
  // A name is looked up by the system, mostly to loopback.
  if (listening === undefined) return false
  if (listening.kind !== "unspecified") return listening.host === host
  return listening.host === "::" || !host.includes(":")
}

function kindOf(host: string, name: string, worldInterface: string | undefined): AddressKind {
  if (CONTAINERS.test(name)) return "containers"
  if (TUNNELS.test(name)) return "tunnel"
  if (CARRIER.test(host)) return "carrier"
  return worldInterface === undefined || name === worldInterface ? "card" : "otherCard"
}

function rank({ kind, host }: RankedAddress): number {
  return ORDER.indexOf(`${kind} ${host.includes(":") ? 6 : 4}`)
}

/** The interface of the default route in the text of Linux's /proc/net/route: the one of the least metric; undefined when there is none. */
export function defaultRouteOf(routes: string): string | undefined {
  const defaults = routes
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    // Destination and mask are 0, and the route is up.
    .filter(
      ([, destination, , flags, , , , mask]) =>
        /^0+$/.test(`${destination}${mask}`) && (Number.parseInt(flags ?? "", 16) & 1) === 1,
    )
  const [first] = defaults.sort((a, b) => Number(a[6]) - Number(b[6]))
  return first?.[0]
}

/** Why an address was chosen, and of how many. */
export interface AddressChoice {
  readonly host: string
  /** "named": by the config or the command line; "listening": the only one that is listened on. */
  readonly why: AddressKind | "named" | "listening"
  readonly interfaceName: string | undefined
  /** Further addresses of this machine that were not chosen. */
  readonly otherCount: number
}

/**
 * The address that other machines get: the one that the user named, the one that is listened on, or the most useful of this machine.
 * Undefined when no other machine can reach it: it listens on loopback, or has no network.
 */
export function chooseAddress(
  { named, listeningHost }: { readonly named: string | undefined; readonly listeningHost: string },
  interfaces: Interfaces,
  worldInterface?: string,
): AddressChoice | undefined {
  if (named !== undefined) return { host: named, why: "named", interfaceName: undefined, otherCount: 0 }
  const [best, ...others] = rankAddresses(interfaces, listeningHost, worldInterface)
  if (best === undefined) return undefined
  const why = parseHost(listeningHost)?.kind === "unspecified" ? best.kind : "listening"
  return { host: best.host, why, interfaceName: best.interfaceName, otherCount: others.length }
}
