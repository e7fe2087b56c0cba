import type { PeerMessage } from "../wire/codec/messages.js"
import { onAllowedFast, onBytesReceived, onChoke, onReject, onSuggest, onUnchoke } from "./answers.js"
import { forgetParts, onBitfield, onHave, onHaveAll, onHaveNone, onPartLost } from "./availability.js"
import { freeUnwantedSlots, onInterested, onNotInterested, rechoke } from "./choker.js"
import { makeRoom, onPeerClosed, onPeerConnected, onPeerExtended, onPeersFound } from "./connections.js"
import { noteFailed } from "./contact.js"
import { claimFarBytes } from "./delivery.js"
import { dialMore } from "./dialling.js"
import type { Block, SwarmEffect, SwarmEvent } from "./events.js"
import { onExchangeAgreed, onPeersReceived, sendPeers } from "./exchange.js"
import type { SwarmPeer } from "./peer.js"
import { onPartChecked, onPartFound, onPiece } from "./receive.js"
import { closePart, releaseParts } from "./request-book.js"
import { onSelected } from "./selection.js"
import { onBlockSent, onCancel, onRequest } from "./serve.js"
import type { SwarmState, Turn } from "./state.js"
import { onTick } from "./tick.js"

/**
 * The one function that changes a swarm: an event in, effects out, the time (monotonic milliseconds) an argument. It runs in
 * the client and in the simulation alike. Events of peers that are gone do nothing.
 */
export function step(state: SwarmState, event: SwarmEvent, nowMs: number): SwarmEffect[] {
  const turn: Turn = { state, nowMs, effects: [] }
  if (event.type === "peerConnected") onPeerConnected(turn, event)
  else if ("peer" in event) {
    const peer = state.peers.get(event.peer)
    if (peer !== undefined) onPeerEvent(turn, peer, event)
  } else onSwarmEvent(turn, event)
  return turn.effects
}

type PeerEvent = Exclude<Extract<SwarmEvent, { readonly peer: number }>, { readonly type: "peerConnected" }>
type WholeEvent = Exclude<SwarmEvent, { readonly peer: number }>

function onPeerEvent(turn: Turn, peer: SwarmPeer, event: PeerEvent): void {
  switch (event.type) {
    case "message":
      return onMessage(turn, peer, event.message)
    case "bytesReceived":
      return onBytesReceived(turn, peer, event.byteCount)
    case "blockSent":
      return onBlockSent(turn, peer, blockOf(event), event.ok)
    case "peerExtended":
      return onPeerExtended(turn, peer, event)
    case "exchangeAgreed":
      return onExchangeAgreed(turn, peer)
    case "peersReceived":
      return onPeersReceived(turn, peer, event.addresses)
    case "peerClosed":
      return onPeerClosed(turn, peer, event)
    default:
      return never(event)
  }
}

function onSwarmEvent(turn: Turn, event: WholeEvent): void {
  const { state } = turn
  switch (event.type) {
    case "partChecked":
      return onPartChecked(turn, event)
    case "partFound":
      return onPartFound(turn, event.index, event.good)
    case "peersFound":
      return onPeersFound(turn, event.addresses, event.source)
    case "dialFailed":
      noteFailed(turn, event.address, event)
      return dialMore(turn)
    case "selfFound":
      return state.book.self(event.address)
    case "partLost":
      return onPartLost(turn, event.index, event.refetch)
    case "selected":
      return onSelected(turn, event.parts)
    case "paused":
      return onPaused(turn)
    case "tick":
      onTick(turn, event.unread)
      freeUnwantedSlots(turn)
      rechoke(turn)
      sendPeers(turn)
      makeRoom(turn)
      return dialMore(turn)
    default:
      return never(event)
  }
}

function onMessage(turn: Turn, peer: SwarmPeer, message: PeerMessage): void {
  switch (message.type) {
    case "piece":
      return onPiece(turn, peer, blockOf(message))
    case "request":
      return onRequest(turn, peer, blockOf(message))
    case "cancel":
      return onCancel(turn, peer, blockOf(message))
    case "have":
      return onHave(turn, peer, message.index)
    case "bitfield":
      return onBitfield(turn, peer, message.bitfield)
    case "haveAll":
      return onHaveAll(turn, peer)
    case "haveNone":
      return onHaveNone(turn, peer)
    case "choke":
      return onChoke(turn, peer)
    case "unchoke":
      return onUnchoke(turn, peer)
    case "interested":
      return onInterested(turn, peer)
    case "notInterested":
      return onNotInterested(peer)
    case "reject":
      return onReject(turn, peer, blockOf(message))
    case "allowedFast":
      return onAllowedFast(turn, peer, message.index)
    case "suggest":
      return onSuggest(turn, peer, message.index)
    case "keepAlive":
    case "extended":
      return
    default:
      return never(message)
  }
}

/** The range alone, without the message around it: it becomes part of effects and requests. */
function blockOf({ index, begin, length }: Block): Block {
  return { index, begin, length }
}

function onPaused(turn: Turn): void {
  const { state } = turn
  state.paused = true
  for (const peer of [...state.peers.values()]) {
    turn.effects.push({ type: "close", peer: peer.key, code: "paused", why: "the document was paused" })
    state.peers.delete(peer.key)
    state.connections.closed()
    releaseParts(turn, peer, false)
    forgetParts(state, peer)
    state.book.failed(peer.contact.address, { code: "paused" }, turn.nowMs)
  }
  claimFarBytes(state, false)
  state.book.abandonDials()
  // The budget is shared with other documents: parts that are not being fetched hold no memory.
  for (const part of [...state.inFlight.values()]) if (!part.verifying) closePart(turn, part)
}

function never(value: never): never {
  throw new Error(`unhandled case ${JSON.stringify(value)}`)
}
