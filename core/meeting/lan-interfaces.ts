import { BlockList } from "node:net"
import type { NetworkInterfaceInfo } from "node:os"
import { parseHost } from "../address/host.js"

/** An address of this machine through which others of its link are met. */
export interface LanInterface {
  /** "eth0" */
  readonly name: string
  readonly family: 4 | 6
  /** In normal form. */
  readonly address: string
  /** Bits of the network's prefix. */
  readonly prefixBits: number
}

/** Our choice: more belong to a machine of containers, which are met through any of its addresses. */
const MAX_INTERFACES = 32

/**
 * The interfaces on which documents are announced: those of the address that a client listens on, or all; one address of a family each. No
 * loopback, and no address that is valid on its link alone: who hears of it could not dial it.
 */
export function lanInterfaces(
  all: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>,
  listeningHost: string,
): readonly LanInterface[] {
  const listening = parseHost(listeningHost)
  const found = new Map<string, LanInterface>()
  for (const [name, addresses] of Object.entries(all)) {
    for (const { address, cidr, internal } of addresses ?? []) {
      const parsed = parseHost(address)
      if (internal || parsed?.kind !== "ordinary" || !listensOn(listening, parsed.host)) continue
      const family = parsed.host.includes(":") ? 6 : 4
      const key = `${name} ${family}`
      const prefixBits = Number(cidr?.split("/")[1] ?? (family === 4 ? 32 : 128))
      if (!found.has(key)) found.set(key, { name, family, address: parsed.host, prefixBits })
    }
  }
  return [...found.values()].slice(0, MAX_INTERFACES)
}

function listensOn(listening: ReturnType<typeof parseHost>, host: string): boolean {
  // A name to listen on is one of this machine alone ("localhost"), or looked up: not followed here.
  if (listening === undefined) return false
  if (listening.kind !== "unspecified") return listening.host === host
  return listening.host === "::" || !host.includes(":")
}

/** Whether a host is in the network of one of these interfaces: a datagram from elsewhere is none of a neighbour. */
export function isNeighbour(host: string, interfaces: readonly LanInterface[]): boolean {
  const list = new BlockList()
  for (const { address, prefixBits, family } of interfaces) list.addSubnet(address, prefixBits, `ipv${family}`)
  return list.check(host, host.includes(":") ? "ipv6" : "ipv4")
}

/** By which an interface is known again: another address is another one. */
export function interfaceKey({ name, address, prefixBits }: LanInterface): string {
  return `${name} ${address}/${prefixBits}`
}
