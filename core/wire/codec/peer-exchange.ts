import type { PeerAddress } from "../../address/address.js"
import {
  COMPACT4_BYTES,
  COMPACT6_BYTES,
  compactHost,
  compactPort,
  encodeCompact,
  splitCompact,
} from "../../address/compact-peers.js"
import { type BencodeValue, decodeBencode, isBencodeDictionary } from "../../base/bencode.js"
import { encodeBencode } from "../../base/encode-bencode.js"
import { P2pError, ProtocolError } from "../../base/errors.js"
import { EXTENDED_LIMITS } from "./constants.js"

/** Name of the extension in BEP 10's `m` (BEP 11). */
export const PEER_EXCHANGE = "ut_pex"

/** The `extended` id under which we want it; any of 1..255 would do. */
export const PEER_EXCHANGE_ID = 1

/** Most peers read of one message and family: BEP 11 allows 50, some send more at first (our choice). */
const MAX_PEERS_READ = 100

/** BEP 11's flags of an added peer. */
const FLAG_SEED = 0x02
const FLAG_REACHABLE = 0x10

/** A peer that joined. */
export interface AddedPeer extends PeerAddress {
  readonly isSeed: boolean
  /** The sender has dialled it with success. */
  readonly isReachable: boolean
}

/** Encodes the payload of a peer exchange message. */
export function encodePeerExchange(added: readonly AddedPeer[], dropped: readonly PeerAddress[]): Uint8Array {
  const [added4, added6] = byFamily(added)
  const [dropped4, dropped6] = byFamily(dropped)
  return encodeBencode({
    added: compact(added4),
    "added.f": flags(added4),
    added6: compact(added6),
    "added6.f": flags(added6),
    dropped: compact(dropped4),
    dropped6: compact(dropped6),
  })
}

/**
 * The added peers of a message; dropped peers are ignored. A malformed field yields no peers.
 * @throws ProtocolError "bad_peer_exchange" when the payload is no bencoded dictionary
 */
export function decodePeerExchange(payload: Uint8Array): readonly PeerAddress[] {
  const entries = decodeEntries(payload)
  return [...addresses(entries["added"], COMPACT4_BYTES), ...addresses(entries["added6"], COMPACT6_BYTES)]
}

function decodeEntries(payload: Uint8Array) {
  try {
    const value = decodeBencode(payload, EXTENDED_LIMITS)
    if (isBencodeDictionary(value)) return value
  } catch (error) {
    if (!(error instanceof P2pError)) throw error
    throw new ProtocolError("bad_peer_exchange", "the peer exchange is not bencoded", { cause: error })
  }
  throw new ProtocolError("bad_peer_exchange", "the peer exchange is not a dictionary")
}

function addresses(value: BencodeValue | undefined, bytes: number): PeerAddress[] {
  if (!(value instanceof Uint8Array)) return []
  const peers = splitCompact(value.subarray(0, MAX_PEERS_READ * bytes), bytes)
  return peers.map((peer) => ({ host: compactHost(peer), port: compactPort(peer) }))
}

function byFamily<Peer extends PeerAddress>(peers: readonly Peer[]): [ipv4: Peer[], ipv6: Peer[]] {
  return [peers.filter(({ host }) => !host.includes(":")), peers.filter(({ host }) => host.includes(":"))]
}

function compact(peers: readonly PeerAddress[]): Uint8Array {
  return Buffer.concat(peers.flatMap(({ host, port }) => encodeCompact(host, port) ?? []))
}

function flags(peers: readonly AddedPeer[]): Uint8Array {
  return Uint8Array.from(peers, (peer) => (peer.isSeed ? FLAG_SEED : 0) | (peer.isReachable ? FLAG_REACHABLE : 0))
}
