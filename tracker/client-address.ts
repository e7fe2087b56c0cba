import type { IncomingMessage } from "node:http"
import { BlockList, isIPv6 } from "node:net"
import { parseHost } from "../core/announce/host.js"
import { ConfigError } from "../core/errors.js"
import { COMPACT4_BYTES, COMPACT6_BYTES, type CompactPeer, encodeCompact } from "./compact.js"
import type { SwarmView } from "./peer-store.js"
import { Refusal } from "./refusal.js"

/** Who sent a request. */
export interface Caller {
  /** Its IP address in normal form. */
  readonly host: string
  /** It runs on the tracker's machine, so an address it names may be taken for this machine's. */
  readonly onThisMachine: boolean
  /** The address it reached the tracker by, normal form; undefined behind a proxy, where only the proxy's is known. */
  readonly trackerHost: string | undefined
}

/** The proxies whose X-Forwarded-For is believed. Entries are addresses or networks ("10.0.0.0/8"). Throws a ConfigError. */
export function createProxyList(entries: readonly string[]): BlockList {
  const list = new BlockList()
  for (const entry of entries) {
    const [text = "", prefix] = entry.split("/")
    const host = parseHost(text)?.host ?? ""
    const maxPrefix = isIPv6(host) ? 128 : 32
    const bits = prefix === undefined ? maxPrefix : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN
    if (host === "" || !(bits <= maxPrefix))
      throw new ConfigError("bad_proxy", `"${entry}" is no IP address or network of a proxy`)
    list.addSubnet(host, bits, isIPv6(host) ? "ipv6" : "ipv4")
  }
  return list
}

/**
 * Who sent this request: the socket's other end, or, where that is one of our proxies, the last address in
 * X-Forwarded-For that is not (everything before it is only what a stranger claims, hostile.md 41).
 */
export function callerOf(request: IncomingMessage, proxies: BlockList): Caller {
  const { remoteAddress, localAddress } = request.socket
  const remote = parseHost(remoteAddress ?? "")
  // The socket is gone already, and with it whoever would read an answer.
  if (remote === undefined) throw new Refusal(400, "bad_request", "the connection has no address")
  const local = parseHost(localAddress ?? "")?.host
  if (isListed(proxies, remote.host)) {
    const forwarded = lastForeign(request.headers["x-forwarded-for"], proxies)
    if (forwarded !== undefined) return { host: forwarded, onThisMachine: false, trackerHost: undefined }
  }
  return {
    host: remote.host,
    onThisMachine: remote.kind === "loopback" || remote.host === local,
    trackerHost: local,
  }
}

function isListed(proxies: BlockList, host: string): boolean {
  return proxies.check(host, isIPv6(host) ? "ipv6" : "ipv4")
}

function lastForeign(header: string | string[] | undefined, proxies: BlockList): string | undefined {
  const hops = String(header ?? "").split(",")
  for (const hop of hops.reverse()) {
    const parsed = parseHost(hop.trim())
    if (parsed === undefined) return undefined
    if (!isListed(proxies, parsed.host)) return parsed.host
  }
  return undefined
}

/**
 * Where a caller that says it listens on `listeningHost` can be met. The unspecified address becomes the one the
 * request came from. Any other has to be the caller's own, or one that a caller on the tracker's machine names:
 * otherwise a swarm could be sent to a stranger's door (hostile.md 41). Throws a Refusal.
 */
export function locatePeer(caller: Caller, listeningHost: string, port: number): CompactPeer {
  const named = parseHost(listeningHost.toLowerCase() === "localhost" ? "127.0.0.1" : listeningHost)
  if (named === undefined)
    throw new Refusal(400, "bad_request", `listening_host: must be an IP address, got ${JSON.stringify(listeningHost)}`)
  const { host, kind } = named.kind === "unspecified" ? { host: caller.host, kind: "ordinary" } : named
  if (kind === "multicast" || kind === "broadcast")
    throw new Refusal(400, "bad_request", `listening_host: ${host} is no address of one peer`)
  if (host !== caller.host && !caller.onThisMachine)
    throw new Refusal(
      400,
      "foreign_address",
      `listening_host: must be the address the request comes from (${caller.host}) or 0.0.0.0, got ${host}`,
    )
  return encodeCompact(host, port) ?? raiseNotAnAddress(host)
}

function raiseNotAnAddress(host: string): never {
  throw new Refusal(400, "bad_request", `listening_host: must be an IP address, got ${host}`)
}

/**
 * A peer that announced over loopback runs on the tracker's machine. A caller from elsewhere meets it under the address
 * by which it met the tracker. The view's own bytes are changed: a store hands out a fresh copy.
 */
export function reachableFrom(caller: Caller, view: SwarmView): SwarmView {
  if (caller.onThisMachine || caller.trackerHost === undefined) return view
  const tracker = encodeCompact(caller.trackerHost, 1)
  if (tracker?.length === COMPACT4_BYTES) replaceLoopback4(view.peers4, tracker)
  if (tracker?.length === COMPACT6_BYTES) replaceLoopback6(view.peers6, tracker)
  return view
}

function replaceLoopback4(peers: Uint8Array, tracker: CompactPeer): void {
  for (let at = 0; at < peers.length; at += COMPACT4_BYTES) if (peers[at] === 127) peers.set(tracker.subarray(0, 4), at)
}

function replaceLoopback6(peers: Uint8Array, tracker: CompactPeer): void {
  for (let at = 0; at < peers.length; at += COMPACT6_BYTES) {
    const address = peers.subarray(at, at + 16)
    if (address[15] === 1 && address.subarray(0, 15).every((byte) => byte === 0)) address.set(tracker.subarray(0, 16))
  }
}
