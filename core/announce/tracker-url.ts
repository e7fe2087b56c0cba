import { parseHost } from "../address/host.js"
import { ConfigError } from "../base/errors.js"

export interface TrackerUrl {
  /** Without a slash at the end, ready for a path. */
  readonly url: string
  /** Host alone, IPv6 without brackets. */
  readonly host: string
  readonly port: number
}

/**
 * Parses a tracker's address from a config ("http://0.0.0.0:5000", also with a path before the tracker's own). The unspecified address
 * becomes the loopback one: it is valid for a listener only, and a client needs an address to connect to.
 * @throws ConfigError "bad_tracker_url"
 */
export function parseTrackerUrl(text: string): TrackerUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !["http:", "https:"].includes(url.protocol) || url.hostname === "")
    throw new ConfigError("bad_tracker_url", `"${text}" is no tracker address; expected "http://host:port"`)
  const parsed = parseHost(url.hostname)
  if (parsed?.kind === "unspecified") url.hostname = parsed.host === "::" ? "[::1]" : "127.0.0.1"
  const defaultPort = url.protocol === "https:" ? 443 : 80
  return {
    url: `${url.origin}${url.pathname.replace(/\/+$/, "")}`,
    host: parseHost(url.hostname)?.host ?? url.hostname,
    port: url.port === "" ? defaultPort : Number(url.port),
  }
}
