import { isIP } from "node:net"
import { formatHostPort, parseHost } from "../../core/index.js"

/** Where a tracker is, as the config names it. */
export interface TrackerAddress {
  readonly protocol: "http" | "https"
  /** Without brackets; may be an "any" address, which means this machine. */
  readonly host: string
  readonly port: number
  /** Where the tracker is below that ("/p2p"), without a slash at the end; empty at the root. */
  readonly path: string
  /** Of a private tracker. */
  readonly token?: string
}

/**
 * Parses `tracker.host`: "http://127.0.0.1", "https://tracker.example", "127.0.0.1", "localhost", "[::1]", "::1",
 * and with a path of a reverse proxy ("https://example.org/p2p"). Returns a sentence about what is wrong otherwise.
 */
export function parseTrackerHost(text: string): Pick<TrackerAddress, "protocol" | "host" | "path"> | string {
  const trimmed = text.trim()
  if (isIP(trimmed) === 6) return { protocol: "http", host: trimmed, path: "" }
  const withProtocol = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`
  const url = URL.canParse(withProtocol) ? new URL(withProtocol) : undefined
  if (url === undefined || url.hostname === "")
    return `"${text}" is no host; allowed: a name or address, with or without http://`
  if (url.protocol !== "http:" && url.protocol !== "https:")
    return `"${url.protocol}//" is not spoken; allowed: http:// and https://`
  if (/:\d+$/.test(authorityOf(withProtocol))) return `"${text}" has a port in it; write it in "port" instead`
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")
    return `"${text}" has more in it than a host and a path`
  const protocol = url.protocol === "https:" ? "https" : "http"
  return { protocol, host: url.hostname.replace(/^\[|\]$/g, ""), path: url.pathname.replace(/\/+$/, "") }
}

/** What stands between "//" and the path, without an address in brackets: a URL forgets a port that is its protocol's own. */
function authorityOf(url: string): string {
  return url
    .replace(/^[^:]+:\/\//, "")
    .replace(/[/?#].*$/s, "")
    .replace(/\[.*\]/, "")
}

/** The base URL this client asks: "http://127.0.0.1:5000", "https://example.org:443/p2p". */
export function trackerUrl({ protocol, host, port, path }: TrackerAddress): string {
  return `${protocol}://${formatHostPort(connectableHost(host), port)}${path}`
}

/** Written as a listener has it: the tracker of this machine, for other machines too. */
export function isOnEveryAddress({ host }: TrackerAddress): boolean {
  return parseHost(host)?.kind === "unspecified"
}

/** The host to connect to in order to reach a server that listens on `host`: an "any" address becomes loopback. */
export function connectableHost(host: string): string {
  const parsed = parseHost(host)
  if (parsed?.kind !== "unspecified") return parsed?.host ?? host
  return parsed.host === "::" ? "::1" : "127.0.0.1"
}
