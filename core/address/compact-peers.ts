import { formatHostPort, type NormalHost, parseHost } from "./host.js"

/**
 * Peers in compact form: 4 bytes of IPv4 address and 2 of port (BEP 23), or 16 and 2 (BEP 7), big-endian. It is what
 * the tracker's stores keep, and what announce answers in BEP 3 form and peer exchange (BEP 11) carry as it is.
 */
export type CompactPeer = Uint8Array

export const COMPACT4_BYTES = 6
export const COMPACT6_BYTES = 18

/** Any IP address and port 1..65535 in compact form; undefined when `host` is no IP address. */
export function encodeCompact(host: string, port: number): CompactPeer | undefined {
  const normal = parseHost(host)
  return normal === undefined ? undefined : compactOf(normal, port)
}

/** An address that was brought into normal form before, with a port, in compact form. */
export function compactOf({ host }: NormalHost, port: number): CompactPeer {
  const address = host.includes(":") ? bytesOfIPv6(host) : host.split(".")
  const peer = new Uint8Array(address.length + 2)
  for (const [index, byte] of address.entries()) peer[index] = Number(byte)
  peer[address.length] = port >>> 8
  peer[address.length + 1] = port
  return peer
}

/** 16 bytes of an IPv6 address in normal form (no zone, no dotted tail: parseHost has unfolded those). */
function bytesOfIPv6(host: string): number[] {
  const [head = "", tail] = host.split("::")
  const front = groupsOf(head)
  const back = groupsOf(tail ?? "")
  const zeros = new Array<number>(8 - front.length - back.length).fill(0)
  return [...front, ...zeros, ...back].flatMap((group) => [group >>> 8, group & 0xff])
}

function groupsOf(text: string): number[] {
  return text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16))
}

/** Port of a compact peer. */
export function compactPort(peer: CompactPeer, offset = 0, bytes = peer.length): number {
  return ((peer[offset + bytes - 2] ?? 0) << 8) | (peer[offset + bytes - 1] ?? 0)
}

/** Host of a compact peer in normal form. `offset` and `bytes` name one peer in a longer list. */
export function compactHost(peers: Uint8Array, offset = 0, bytes = peers.length): string {
  if (bytes === COMPACT4_BYTES) return `${peers[offset]}.${peers[offset + 1]}.${peers[offset + 2]}.${peers[offset + 3]}`
  const groups: string[] = []
  for (let at = offset; at < offset + 16; at += 2)
    groups.push((((peers[at] ?? 0) << 8) | (peers[at + 1] ?? 0)).toString(16))
  return parseHost(groups.join(":"))?.host ?? ""
}

/** "host:port" of a compact peer, for logs and tests. */
export function formatCompact(peer: CompactPeer): string {
  return formatHostPort(compactHost(peer), compactPort(peer))
}

/** Takes a list of compact peers apart. `bytes`: 6 or 18, the size of one. */
export function splitCompact(peers: Uint8Array, bytes: number): CompactPeer[] {
  const list: CompactPeer[] = []
  for (let offset = 0; offset + bytes <= peers.length; offset += bytes)
    list.push(peers.subarray(offset, offset + bytes))
  return list
}
