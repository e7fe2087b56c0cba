import { BlockList, isIPv6 } from "node:net"
import { parseHost } from "../../core/address/host.js"
import { ConfigError } from "../../core/base/errors.js"

/** The proxies whose X-Forwarded-For is believed. */
export interface ProxyList {
  /** `host`: an IP address in normal form. */
  has(host: string): boolean
}

/** Entries are addresses or networks ("10.0.0.0/8"). Throws a ConfigError "bad_proxy". */
export function createProxyList(entries: readonly string[]): ProxyList {
  const list = new BlockList()
  for (const entry of entries) addEntry(list, entry)
  // Most trackers have no proxy, and a BlockList lookup costs more than the rest of `callerOf`.
  if (entries.length === 0) return { has: () => false }
  return { has: (host) => list.check(host, familyOf(host)) }
}

function addEntry(list: BlockList, entry: string): void {
  const [text = "", prefix] = entry.split("/")
  const host = parseHost(text)?.host ?? ""
  const maxBits = isIPv6(host) ? 128 : 32
  const bits = prefix === undefined ? maxBits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN
  if (host === "" || !(bits <= maxBits))
    throw new ConfigError("bad_proxy", `"${entry}" is no IP address or network of a proxy`)
  list.addSubnet(host, bits, familyOf(host))
}

function familyOf(host: string): "ipv4" | "ipv6" {
  return isIPv6(host) ? "ipv6" : "ipv4"
}
