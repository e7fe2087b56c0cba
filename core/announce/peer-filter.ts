import type { PeerAddress } from "../address/address.js"
import { formatHostPort, type HostKind, parseHost } from "../address/host.js"
import { peerSchema } from "./shapes.js"

/** Most peers kept of one answer. libtorrent keeps 3,000 of all sources; no client connects to more. */
export const MAX_PEERS_PER_ANSWER = 3_000

/** What `acceptPeers` needs to know about this client and the tracker that answered. */
export interface PeerFilter {
  /** Our own addresses, normal form; with `ownPort` they name ourselves. */
  readonly ownHosts: ReadonlySet<string>
  readonly ownPort: number
  /** True when the tracker runs on this machine: only then can a loopback address mean a peer. */
  readonly trackerIsLocal: boolean
  readonly maxPeers?: number
}

/**
 * The peers of an answer that are worth a connection, in normal form and without repeats. A tracker may name any
 * address, so the filter drops our own address, malformed entries, port 0, the unspecified address, multicast, broadcast, link-local
 * (cloud metadata lives at 169.254.169.254), and loopback from a remote tracker.
 */
export function acceptPeers(answered: readonly unknown[], filter: PeerFilter): PeerAddress[] {
  const accepted = new Map<string, PeerAddress>()
  const maxPeers = filter.maxPeers ?? MAX_PEERS_PER_ANSWER
  for (const entry of answered) {
    if (accepted.size >= maxPeers) break
    const peer = acceptPeer(entry, filter)
    if (peer !== undefined) accepted.set(formatHostPort(peer.host, peer.port), peer)
  }
  return [...accepted.values()]
}

function acceptPeer(entry: unknown, filter: PeerFilter): PeerAddress | undefined {
  const shape = peerSchema.safeParse(entry)
  if (!shape.success) return undefined
  const parsed = parseHost(shape.data.listening_host)
  if (parsed === undefined || !isReachable(parsed.kind, filter.trackerIsLocal)) return undefined
  const port = shape.data.listening_port
  if (port === filter.ownPort && filter.ownHosts.has(parsed.host)) return undefined
  return { host: parsed.host, port }
}

function isReachable(kind: HostKind, trackerIsLocal: boolean): boolean {
  return kind === "ordinary" || (kind === "loopback" && trackerIsLocal)
}
