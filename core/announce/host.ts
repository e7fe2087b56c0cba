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
 * Reads an IP address in any of its spellings ("::ffff:10.0.0.1", "[::1]", "FE80::1%eth0"). Returns undefined for
 * anything else, host names included: looking a stranger's name up would let it choose whom we talk to.
 */
export function parseHost(text: string): NormalHost | undefined {
  const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text
  const withoutZone = bare.replace(/%.*$/s, "")
  // node:net is asked first because ipaddr.js also reads "10.1", "0x7f.1" and the like, which nobody means.
  if (isIP(withoutZone) === 0) return undefined
  const address = ipaddr.process(withoutZone)
  return { host: address.toString(), kind: kindOf(address.range()) }
}

/** An address of one site's own network: RFC 1918, 6598 (carrier NAT) and 4193 (IPv6), or of one link. */
export function isPrivateHost({ host }: NormalHost): boolean {
  return ["private", "carrierGradeNat", "uniqueLocal", "linkLocal"].includes(ipaddr.parse(host).range())
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
