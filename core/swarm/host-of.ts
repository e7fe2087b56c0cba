/** "10.0.0.1" of "10.0.0.1:80", "[::1]" of "[::1]:80". */
export function hostOf(address: string): string {
  return address.slice(0, Math.max(0, address.lastIndexOf(":"))) || address
}

/** Peers on this machine are its user's own affair: no bound counts them together. */
export function isLoopback(host: string): boolean {
  return host.startsWith("127.") || host === "[::1]"
}
