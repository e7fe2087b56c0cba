import { networkOf } from "../address/host-of.js"
import type { PeerReason } from "../api/why.js"

/** How we came to know an address. */
export type PeerSource = "tracker" | "exchange" | "incoming" | "remembered" | "listed" | "lan"

/** An address that can be dialled, and what we learned about it, kept across its connections. */
export interface KnownPeer {
  readonly address: string
  /** What one party has all of: see networkOf. */
  readonly network: string
  source: PeerSource
  /** The network of the peer that named it; undefined when a tracker or the config did, or we remember it. */
  readonly namedBy: string | undefined
  /** A tracker or the config named it, we remember it, or we dialled it with success: it is dialled however often it fails. */
  vouched: boolean
  state: "idle" | "dialing" | "connected" | "banned" | "self"
  /** The client behind it is in the book under another address, at which it was connected. */
  isAlias: boolean
  /** We were connected: it exists, and is a peer of this document. */
  met: boolean
  /** Failed dials and short connections in a row. */
  attempts: number
  notBeforeMs: number
  /** Why it is not connected, and since when; undefined while it is, and for this client itself. */
  why: PeerReason | undefined
  changedAtMs: number
  /** Connections in a row that ended because both sides had every part. */
  seedRests: number
  /** Parts from it alone that failed their check; it is never asked for one of these again. */
  readonly badParts: Set<number>
}

export const NOT_TRIED: PeerReason = { code: "not_tried" }

export function createKnownPeer(address: string, source: PeerSource, namedBy: string | undefined): KnownPeer {
  const isStranger = source === "exchange" || source === "incoming" || source === "lan"
  return {
    address,
    network: networkOf(address),
    source,
    // Datagrams may name any neighbour as their sender: all of them share one part of the book.
    namedBy: isStranger ? (source === "lan" ? "lan" : (namedBy ?? networkOf(address))) : undefined,
    vouched: !isStranger,
    state: "idle",
    isAlias: false,
    met: false,
    attempts: 0,
    notBeforeMs: 0,
    why: NOT_TRIED,
    changedAtMs: 0,
    seedRests: 0,
    badParts: new Set(),
  }
}

/** An address that is no client of its own: this client itself, or another address of one that is counted. */
export function isUncounted({ state, isAlias }: KnownPeer): boolean {
  return state === "self" || isAlias
}

/** The code of what ended its last dial or connection ("refused", "wrong_key", "ended"). */
export function failureCode({ why }: KnownPeer): string | undefined {
  return why?.code === "failed" ? why.error.code : undefined
}

/** Failed dials in a row of an untrusted address: never connected, and one that called us. */
const MAX_STRANGER_TRIES = 2
const MAX_MET_TRIES = 6

/** May this address be dialled now, as far as itself is concerned? */
export function isDue(peer: KnownPeer, nowMs: number): boolean {
  return peer.notBeforeMs <= nowMs && isDialledAgain(peer)
}

/** Is this address dialled some time, as far as itself is concerned? */
function isDialledAgain(peer: KnownPeer): boolean {
  if (peer.state !== "idle") return false
  return peer.vouched || peer.attempts < (peer.met ? MAX_MET_TRIES : MAX_STRANGER_TRIES)
}

/**
 * Was a peer there a few tries ago: one that we met, or one that closed our handshake? A peer does that which has not yet noticed
 * that the connection of our last run is gone (transmission looks every half second).
 */
export function isLost(peer: KnownPeer, maxTries: number): boolean {
  if (!isDialledAgain(peer) || peer.seedRests > 0) return false
  return (peer.met || failureCode(peer) === "hung_up") && peer.attempts > 0 && peer.attempts <= maxTries
}

/** Dial order: never tried, then fewest failures; among equals fresh before remembered, trusted source before untrusted. */
export function byPromise(a: KnownPeer, b: KnownPeer): number {
  return rank(a) - rank(b) || a.notBeforeMs - b.notBeforeMs
}

function rank({ attempts, source, vouched, seedRests }: KnownPeer): number {
  const tried = attempts + (seedRests > 0 ? 1 : 0)
  return tried * 4 + (source === "remembered" ? 2 : 0) + (vouched ? 0 : 1)
}
