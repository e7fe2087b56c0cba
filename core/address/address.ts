import { formatHostPort, parseHost } from "./host.js"

/** Where a peer is: an IP address in its one normal form (RFC 5952) and a port, 1..65535. */
export interface PeerAddress {
  readonly host: string
  readonly port: number
}

/** "host:port", IPv6 in brackets. This text is the key of a peer everywhere: in sets, bans, on the screen. */
export function formatAddress(address: PeerAddress): string {
  return formatHostPort(address.host, address.port)
}

/**
 * Parses "1.2.3.4:80" or "[::1]:80" in any spelling of the address; undefined for anything else, including names (a foreign name would
 * otherwise cause a look-up).
 */
export function parseAddress(text: string): PeerAddress | undefined {
  const found = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text)
  return found === null ? undefined : toAddress(found[1] ?? found[2], Number(found[3]))
}

/** Normalises an address reported by a socket ("::ffff:10.0.0.1", "fe80::1%eth0"); undefined when the socket has none any more. */
export function toAddress(host: string | undefined, port: number | undefined): PeerAddress | undefined {
  if (host === undefined || port === undefined || !(port >= 1 && port <= 65_535)) return undefined
  const normal = parseHost(host)
  return normal === undefined ? undefined : { host: normal.host, port }
}
