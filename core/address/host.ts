import { isIP } from "node:net"
import ipaddr from "ipaddr.js"

/** What kind of IP address a host is, as far as announcing and connecting care. */
export type HostKind = "unspecified" | "loopback" | "linkLocal" | "multicast" | "broadcast" | "ordinary"

/** An IP address in its one normal form: IPv4 mapped into IPv6 unfolded, IPv6 compressed (RFC 5952), no zone. */
export interface NormalHost {
  readonly host: string
  readonly kind: HostKind
}

/**
 * Parses an IP address in any of its spellings ("::ffff:10.0.0.1", "[::1]", "FE80::1%eth0"). Returns undefined for anything else,
 * including host names: a look-up would let a foreign name choose the hosts that we contact.
 */
export function parseHost(text: string): NormalHost | undefined {
  const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text
  const withoutZone = bare.replace(/%.*$/s, "")
  // node:net is asked first because ipaddr.js also accepts "10.1", "0x7f.1" and the like, which are no valid addresses here.
  if (isIP(withoutZone) === 0) return undefined
  const address = ipaddr.process(withoutZone)
  return { host: address.toString(), kind: kindOf(address.range()) }
}

/** An address of one site's own network: RFC 1918, 6598 (carrier NAT) and 4193 (IPv6), or of one link. */
export function isPrivateHost({ host }: NormalHost): boolean {
  return ["private", "carrierGradeNat", "uniqueLocal", "linkLocal"].includes(ipaddr.parse(host).range())
}

/** How near an address is: this machine, one's own network, or the world; "none" is where no server can be. */
export type HostReach = "machine" | "site" | "public" | "none"

/** Whatever is not known to be public counts as a site's own. */
export function reachOf({ host, kind }: NormalHost): HostReach {
  if (kind === "loopback" || kind === "unspecified") return "machine"
  // Link-local addresses are those of cloud metadata (169.254.169.254), and need a zone, which a URL can't name.
  if (kind !== "ordinary") return "none"
  const address = ipaddr.parse(host)
  const range = address.range()
  if (range === "rfc6052") return reachOfEmbedded(address.toByteArray().slice(12))
  return range === "unicast" ? "public" : range === "reserved" ? "none" : "site"
}

/** The IPv4 address behind one of NAT64 (RFC 6052, 2.1). */
function reachOfEmbedded(bytes: readonly number[]): HostReach {
  const embedded = parseHost(bytes.join("."))
  return embedded === undefined ? "none" : reachOf(embedded)
}

/**
 * From which address of this machine `remoteHost` (normal form) is to be called by a client that listens on `listeningHost`: from that one,
 * where it is one address, of the same family, and both or neither are loopback. Undefined: from any.
 */
export function outgoingHost(listeningHost: string, remoteHost: string): string | undefined {
  const own = parseHost(listeningHost)
  const remote = parseHost(remoteHost)
  if (own === undefined || remote === undefined || own.kind === "unspecified") return undefined
  const sameFamily = own.host.includes(":") === remote.host.includes(":")
  const sameReach = (own.kind === "loopback") === (remote.kind === "loopback")
  return sameFamily && sameReach ? own.host : undefined
}

/** "host:port", IPv6 in brackets. `host` in normal form. */
export function formatHostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`
}

function kindOf(range: string): HostKind {
  switch (range) {
    case "unspecified":
    case "loopback":
    case "linkLocal":
    case "multicast":
    case "broadcast":
      return range
    default:
      return "ordinary"
  }
}
