/** "10.0.0.1" of "10.0.0.1:80", "[::1]" of "[::1]:80". */
export function hostOf(address: string): string {
  return address.slice(0, Math.max(0, address.lastIndexOf(":"))) || address
}

/**
 * The network that one party has all of, to count by: an IPv4 address itself, of an IPv6 address its first 64 bits ("2001:db8:0:0" of
 * "[2001:db8::1]:80"). `address` in normal form (RFC 5952).
 */
export function networkOf(address: string): string {
  const host = hostOf(address)
  if (!host.startsWith("[")) return host
  const [head = "", tail = ""] = host.slice(1, -1).split("::")
  const [before, after] = [groupsOf(head), groupsOf(tail)]
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => "0")
  return [...before, ...zeros, ...after].slice(0, 4).join(":")
}

function groupsOf(text: string): string[] {
  return text === "" ? [] : text.split(":")
}

/** Peers on this machine are its user's own affair: no bound counts them together. `host` as `hostOf` returns it, or an address. */
export function isLoopback(host: string): boolean {
  return host.startsWith("127.") || host.startsWith("[::1]")
}
