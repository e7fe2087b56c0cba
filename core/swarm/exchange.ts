import { networkOf } from "../address/host-of.js"
import { dialMore } from "./dialling.js"
import type { ExchangedPeer } from "./events.js"
import { punish } from "./faults.js"
import type { SwarmPeer } from "./peer.js"
import type { SwarmState, Turn } from "./state.js"

/** BEP 11: not more often than once a minute, and not more than 50 peers each way at a time. */
const TELL_INTERVAL_MS = 60_000
const MAX_PEERS_SENT = 50

/** Interval between comparisons without changes, ms: comparing all pairs of peers at every tick would load an idle client. */
const LOOK_AGAIN_MS = 5_000

/** We listen half a minute after the last time: clocks and networks jitter, and some clients round down (our choice). */
const LISTEN_INTERVAL_MS = 30_000

/** The state of peer exchange with one peer. */
export interface Exchange {
  /** It takes part, and the document allows it. */
  isAgreed: boolean
  /** Addresses sent to the peer as added and not yet as dropped. */
  readonly sent: Set<string>
  /** When the next message to the peer is due (or the next comparison), and when the next message from it is accepted. */
  sendAtMs: number
  listenAtMs: number
}

export function createExchange(): Exchange {
  return { isAgreed: false, sent: new Set(), sendAtMs: 0, listenAtMs: 0 }
}

/** The peer takes part, and the document allows it. */
export function onExchangeAgreed(turn: Turn, peer: SwarmPeer): void {
  const { exchange } = peer
  if (exchange.isAgreed) return
  exchange.isAgreed = true
  exchange.sendAtMs = turn.nowMs
  exchange.listenAtMs = turn.nowMs
}

/** A peer sent peers. Messages above the agreed rate are ignored: they could fill the book with untrusted addresses. */
export function onPeersReceived(turn: Turn, peer: SwarmPeer, addresses: readonly string[]): void {
  const { exchange } = peer
  if (!exchange.isAgreed || turn.nowMs < exchange.listenAtMs)
    return punish(turn, peer, "exchange_flood", "sends peers more often than once a minute")
  exchange.listenAtMs = turn.nowMs + LISTEN_INTERVAL_MS
  const teller = networkOf(peer.contact.address)
  for (const address of addresses.slice(0, MAX_PEERS_SENT)) turn.state.book.note(address, "exchange", teller)
  dialMore(turn)
}

/** Sends the added and dropped peers since the last message to each peer that is due. */
export function sendPeers(turn: Turn): void {
  const { state, nowMs } = turn
  for (const peer of state.peers.values()) {
    const { exchange } = peer
    if (!exchange.isAgreed || nowMs < exchange.sendAtMs) continue
    const news = newsFor(state, peer, exchange)
    const isQuiet = news.added.length === 0 && news.dropped.length === 0
    exchange.sendAtMs = nowMs + (isQuiet ? LOOK_AGAIN_MS : TELL_INTERVAL_MS)
    if (isQuiet) continue
    for (const { address } of news.added) exchange.sent.add(address)
    for (const address of news.dropped) exchange.sent.delete(address)
    turn.effects.push({ type: "sendPeers", peer: peer.key, ...news })
  }
}

function newsFor(state: SwarmState, receiver: SwarmPeer, { sent }: Exchange) {
  const present = new Map<string, ExchangedPeer>()
  for (const peer of state.peers.values()) {
    if (peer !== receiver && peer.contact.isDialable && peer.contact.address !== receiver.contact.address)
      present.set(peer.contact.address, {
        address: peer.contact.address,
        isSeed: peer.has.isSeed,
        isReachable: peer.direction === "outgoing",
      })
  }
  return {
    added: [...present.values()].filter(({ address }) => !sent.has(address)).slice(0, MAX_PEERS_SENT),
    dropped: [...sent].filter((address) => !present.has(address)).slice(0, MAX_PEERS_SENT),
  }
}
