import { formatAddress, type PeerAddress, parseAddress } from "../address/address.js"
import { parseHost, reachOf } from "../address/host.js"
import { isStrangersPort } from "../address/strangers-port.js"
import { isThisMachine, ownHosts } from "../address/this-machine.js"
import { acceptPeers } from "../announce/peer-filter.js"
import type { SwarmEffect } from "../swarm/index.js"
import type { Torrent } from "../torrent/torrent-file.js"
import type { ExtensionHandshake } from "../wire/codec/extension-handshake.js"
import { type AddedPeer, PEER_EXCHANGE, PEER_EXCHANGE_ID } from "../wire/codec/peer-exchange.js"
import { isOwnKind } from "../wire/codec/peer-id.js"
import type { SwarmHost } from "./swarm-host.js"

/** The partners with which a document's peers are exchanged (BEP 11). */
export type ExchangePartners = "nobody" | "ownKind" | "anybody"

/**
 * A torrent file of this program stands for a private info dictionary (BEP 27), whose peers foreign clients may learn from the tracker
 * only; clients of this program keep the swarm together while the tracker is down. The peers of a foreign private torrent are not exchanged.
 */
export function exchangePartners({ standard }: Torrent): ExchangePartners {
  if (standard === undefined) return "ownKind"
  return standard.isPrivate ? "nobody" : "anybody"
}

/** `peerId`: Uint8Array, 20 bytes. */
export function mayExchange(partners: ExchangePartners, peerId: Uint8Array): boolean {
  return partners === "anybody" || (partners === "ownKind" && isOwnKind(peerId))
}

/** What we offer a peer in BEP 10's `m`, and the size of the info dictionary. */
export function extensionsFor(
  { exchangePartners, metadata }: Pick<SwarmHost, "exchangePartners" | "metadata">,
  peerId: Uint8Array,
): Pick<ExtensionHandshake, "extensionIds" | "metadataBytes"> {
  const exchange = mayExchange(exchangePartners, peerId) ? [[PEER_EXCHANGE, PEER_EXCHANGE_ID] as const] : []
  const { metadataBytes, ids } = metadata?.offer ?? { ids: [] }
  return { metadataBytes, extensionIds: new Map([...exchange, ...ids]) }
}

/** Added and dropped peers in the form of the wire message. */
export function peersToSend(news: Extract<SwarmEffect, { readonly type: "sendPeers" }>): {
  readonly added: readonly AddedPeer[]
  readonly dropped: readonly PeerAddress[]
} {
  const added = news.added.flatMap(({ address, isSeed, isReachable }) => {
    const parsed = parseAddress(address)
    return parsed === undefined ? [] : [{ ...parsed, isSeed, isReachable }]
  })
  return { added, dropped: news.dropped.flatMap((address) => parseAddress(address) ?? []) }
}

/**
 * The addresses sent by `teller` that are worth a connection; a peer is trusted less than a tracker. Addresses of this machine's
 * site are accepted only from a peer of that site, and ports below 1024 never.
 */
export function acceptExchanged(
  received: readonly PeerAddress[],
  teller: PeerAddress,
  self: { readonly listeningHost: string; readonly listeningPort: number },
): string[] {
  const shapes = received.map(({ host, port }) => ({ listening_host: host, listening_port: port }))
  const accepted = acceptPeers(shapes, {
    ownHosts: ownHosts(self.listeningHost),
    ownPort: self.listeningPort,
    trackerIsLocal: isThisMachine(teller.host),
  })
  const isFar = isPublic(teller.host)
  return accepted.filter(({ host, port }) => isStrangersPort(port) && (!isFar || isPublic(host))).map(formatAddress)
}

function isPublic(host: string): boolean {
  const parsed = parseHost(host)
  return parsed !== undefined && reachOf(parsed) === "public"
}
