import type { IncomingHttpHeaders, IncomingMessage } from "node:http"
import type { Socket } from "node:net"
import { isPrivateHost, type NormalHost, parseHost } from "../../core/address/host.js"
import { Refusal } from "../base/refusal.js"
import { COMPACT4_BYTES, type CompactPeer, compactOf } from "../peers/compact.js"
import { replaceLoopback } from "../peers/loopback.js"
import type { SwarmView } from "../peers/peer-store.js"
import type { ProxyList } from "./proxy-list.js"

/** The sender of a request. */
export interface Caller {
  /** Its IP address. */
  readonly address: NormalHost
  /** It runs on the tracker's machine, so an address it names may be taken for this machine's. */
  readonly onThisMachine: boolean
  /** The address is that of a proxy that did not name the client, so it gives no privileges. */
  readonly isProxys: boolean
  /** The address it reached the tracker by; undefined behind a proxy, where only the proxy's is known. */
  readonly trackerAddress: NormalHost | undefined
  /** Its address in compact form, with any port. */
  readonly compact: CompactPeer
  /** Whose budget its requests use up: its address, of IPv6 the /64 network, all of which one host may have. */
  readonly budgetKey: string
}

// Both ends of a socket stay what they are, and most callers send more than one request over it.
const callers = new WeakMap<Socket, Caller>()

/**
 * The sender of this request: the remote address of the socket or, if that is a configured proxy, the last address in
 * X-Forwarded-For that is not one (a stranger can forge everything before it). A request of a proxy that sends no readable
 * address, or that is not configured, gets no privileges.
 */
export function callerOf(request: IncomingMessage, proxies: ProxyList): Caller {
  const { socket, headers } = request
  let caller = callers.get(socket)
  if (caller === undefined) {
    caller = callerOfSocket(socket)
    callers.set(socket, caller)
  }
  if (proxies.has(caller.address.host)) {
    const forwarded = lastForeign(headers["x-forwarded-for"], proxies)
    return forwarded === undefined ? asProxys(caller) : callerAt(forwarded, false, undefined)
  }
  return isForwarded(headers) ? asProxys(caller) : caller
}

/** Did some proxy hand this request on? */
function isForwarded(headers: IncomingHttpHeaders): boolean {
  return (
    headers["x-forwarded-for"] !== undefined || headers["forwarded"] !== undefined || headers["x-real-ip"] !== undefined
  )
}

function asProxys(caller: Caller): Caller {
  return { ...caller, onThisMachine: false, isProxys: true }
}

function callerOfSocket({ remoteAddress, localAddress }: Socket): Caller {
  const address = parseHost(remoteAddress ?? "")
  // The socket is closed already, so no client reads the answer.
  if (address === undefined) throw new Refusal(400, "bad_request", "the connection has no address")
  const trackerAddress = parseHost(localAddress ?? "")
  return callerAt(address, address.kind === "loopback" || address.host === trackerAddress?.host, trackerAddress)
}

function callerAt(address: NormalHost, onThisMachine: boolean, trackerAddress: NormalHost | undefined): Caller {
  const [compact, budgetKey] = [compactOf(address, 0), networkOf(address)]
  return { address, onThisMachine, isProxys: false, trackerAddress, compact, budgetKey }
}

function networkOf(address: NormalHost): string {
  return address.host.includes(":") ? compactOf(address, 0).subarray(0, 8).join(".") : address.host
}

function lastForeign(header: string | string[] | undefined, proxies: ProxyList): NormalHost | undefined {
  const hops = String(header ?? "").split(",")
  for (const hop of hops.reverse()) {
    const parsed = parseHost(withoutPort(hop.trim()))
    if (parsed === undefined || !proxies.has(parsed.host)) return parsed
  }
  return undefined
}

/** Some proxies add the port: "8.8.8.8:1234", "[2001:db8::1]:443". */
function withoutPort(hop: string): string {
  return /^(\[[^\]]*\]|[\d.]+):\d{1,5}$/.exec(hop)?.[1] ?? hop
}

/**
 * Where a caller that says it listens on `listeningHost` can be met. The unspecified address becomes the one the
 * request came from. Any other has to be the caller's own, otherwise a swarm could be sent to a stranger's door, unless
 * the caller is on the tracker's machine, has the tracker's token (`isTrusted`), or both addresses are private: hosts of
 * one site may have several, and stand behind inner NATs. Throws a Refusal.
 */
export function locatePeer(caller: Caller, listeningHost: string, port: number, isTrusted: boolean): CompactPeer {
  // What nearly every client says needs no parser.
  if (listeningHost === "0.0.0.0") return peerOf(caller, port)
  const named = parseHost(listeningHost.toLowerCase() === "localhost" ? "127.0.0.1" : listeningHost)
  if (named === undefined)
    throw new Refusal(400, "bad_request", `listening_host: must be an IP address, got ${JSON.stringify(listeningHost)}`)
  const { host, kind } = named
  if (kind === "unspecified" || host === caller.address.host) return peerOf(caller, port)
  if (kind === "multicast" || kind === "broadcast")
    throw new Refusal(400, "bad_request", `listening_host: ${host} is no address of one peer`)
  if (!(caller.onThisMachine || (isTrusted && kind !== "loopback") || isOfOneSite(caller, named)))
    throw new Refusal(
      400,
      "foreign_address",
      `listening_host: must be the address the request comes from (${caller.address.host}) or 0.0.0.0, got ${host}`,
    )
  return compactOf(named, port)
}

/** The caller itself, listening on `port`. */
export function peerOf(caller: Caller, port: number): CompactPeer {
  const peer = caller.compact.slice()
  peer[peer.length - 2] = port >>> 8
  peer[peer.length - 1] = port
  return peer
}

function isOfOneSite({ address, isProxys }: Caller, other: NormalHost): boolean {
  return !isProxys && isPrivateHost(address) && isPrivateHost(other)
}

/**
 * A peer that announced over loopback runs on the tracker's machine. A caller from elsewhere meets it under the address
 * by which it met the tracker. The view's own bytes are changed: a store hands out a fresh copy.
 */
export function reachableFrom(caller: Caller, view: SwarmView): SwarmView {
  if (caller.onThisMachine || caller.trackerAddress === undefined) return view
  replaceLoopback(view.peers4, view.peers6, compactOf(caller.trackerAddress, 1))
  return view
}

/** The same for one peer, whose bytes stay as they are. */
export function reachablePeer(caller: Caller, peer: CompactPeer): CompactPeer {
  if (caller.onThisMachine || caller.trackerAddress === undefined) return peer
  const [none, own] = [new Uint8Array(0), peer.slice()]
  const isIpv4 = peer.length === COMPACT4_BYTES
  replaceLoopback(isIpv4 ? own : none, isIpv4 ? none : own, compactOf(caller.trackerAddress, 1))
  return own
}
