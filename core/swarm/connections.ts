import { isLoopback, networkOf } from "../address/host-of.js"
import { forgetParts } from "./availability.js"
import { fillFreeSlots } from "./choker.js"
import { type Ended, isConnected, learnAddress, noteConnected, noteFailed, reasonOf } from "./contact.js"
import { claimFarBytes } from "./delivery.js"
import { dialMore } from "./dialling.js"
import type { NewPeer, SwarmEvent } from "./events.js"
import type { PeerSource } from "./known-peer.js"
import { createSwarmPeer, type SwarmPeer } from "./peer.js"
import { expendable, leastUseful } from "./places.js"
import { agreeOnRequests, releaseParts } from "./request-book.js"
import { fillAll } from "./requests.js"
import { takeBackRevealed } from "./reveal.js"
import { isComplete, isLeeching, type SwarmState, send, type Turn } from "./state.js"
import { staysInstead, twinOf } from "./twins.js"

/** A connection has shaken hands: keep it, unless it is us, banned, one too many, or the second one to the same peer. */
export function onPeerConnected(turn: Turn, facts: NewPeer): void {
  const { state } = turn
  const twin = twinOf(state, facts)
  const refusal = refusalOf(state, facts, twin) ?? (twin === undefined ? findPlace(turn, facts) : undefined)
  if (refusal !== undefined) return refuse(turn, facts, twin, refusal)
  const peer = createSwarmPeer(state, facts, turn.nowMs)
  if (twin !== undefined) {
    turn.effects.push({ type: "close", peer: twin.key, ...DUPLICATE })
    removePeer(turn, twin)
    // The address in the book goes over to the survivor: it is free again when that one ends.
    if (twin.contact.isDialable) learnAddress(state, peer, twin.contact.address)
  }
  state.peers.set(peer.key, peer)
  if (twin?.contact.isDialable) leaveSecondAddress(turn, twin.contact.address)
  state.connections.opened()
  if (facts.direction === "outgoing") noteConnected(state, facts.address, facts.direction)
  sendWhatWeHave(turn, peer)
  dialMore(turn)
}

const DUPLICATE: Ended = { code: "duplicate", why: "a second connection to the same peer" }

function refuse(turn: Turn, facts: NewPeer, twin: SwarmPeer | undefined, refusal: Ended): void {
  const { state } = turn
  turn.effects.push({ type: "close", peer: facts.peer, ...refusal })
  if (facts.direction === "incoming") return
  if (refusal.code === "self") state.book.self(facts.address)
  // Where it was dialled the twin answers: that is its address, which is connected through it.
  else if (refusal === DUPLICATE && twin !== undefined) {
    learnAddress(state, twin, facts.address)
    leaveSecondAddress(turn, facts.address)
  } else noteFailed(turn, facts.address, refusal)
}

/** An address whose peer is connected under another one is left alone for long. */
function leaveSecondAddress({ state, nowMs }: Turn, address: string): void {
  if (!isConnected(state, address)) state.book.alias(address, reasonOf(DUPLICATE), nowMs)
}

function refusalOf(state: SwarmState, facts: NewPeer, twin: SwarmPeer | undefined): Ended | undefined {
  if (facts.peerId === state.selfId) return { code: "self", why: "this is our own client" }
  if (state.paused) return { code: "paused", why: "the document is paused" }
  if (state.book.isBanned(facts.address)) return { code: "banned", why: "banned earlier in this session" }
  if (twin !== undefined) return staysInstead(state, twin, facts) ? DUPLICATE : undefined
  return undefined
}

/** A place for a newcomer, free or freed by a useless peer. Otherwise the reason why there is none. */
function findPlace(turn: Turn, { address }: NewPeer): Ended | undefined {
  const { state, nowMs } = turn
  const crowding = crowdingOf(state, address)
  if (crowding === undefined) return undefined
  const leaver = leastUseful(state, nowMs, crowding.code === "host_full" ? networkOf(address) : undefined)
  if (leaver === undefined) return crowding
  sendAway(turn, leaver)
  // Its place may be of another kind than the one that is wanted: a network may be full as well.
  return crowdingOf(state, address)
}

function crowdingOf(state: SwarmState, address: string): Ended | undefined {
  const { maxConnections, maxConnectionsPerHost } = state.config
  if (neighbours(state, address) >= maxConnectionsPerHost)
    return { code: "host_full", why: `${maxConnectionsPerHost} connections from this address` }
  if (state.peers.size >= maxConnections) return { code: "full", why: `${maxConnections} peers are connected already` }
  if (!state.connections.admits(state.peers.size))
    return { code: "client_full", why: `${state.connections.connected} peers are connected over all documents` }
  return undefined
}

const USELESS: Ended = {
  code: "useless",
  why: "nothing was exchanged for a while: its place is given to another peer",
}

/** Ends the connection to a peer that moved nothing for long, for the sake of another one. */
function sendAway(turn: Turn, peer: SwarmPeer): void {
  turn.effects.push({ type: "close", peer: peer.key, ...USELESS })
  removePeer(turn, peer)
  const { book, config } = turn.state
  if (!isConnected(turn.state, peer.contact.address))
    book.failed(peer.contact.address, reasonOf(USELESS), turn.nowMs, config.uselessMs)
}

/** While we fetch and every place is taken: some useless peers are dropped for addresses that were not dialled for lack of room. */
export function makeRoom(turn: Turn): void {
  const { state, nowMs } = turn
  if (nowMs < state.turnoverAtMs || !isLeeching(state)) return
  const isFull = state.peers.size >= state.config.maxConnections || !state.connections.admits(state.peers.size)
  if (!isFull || !state.book.hasDue(nowMs)) return
  state.turnoverAtMs = nowMs + state.config.turnoverMs
  for (const peer of expendable(state, nowMs).slice(0, state.config.turnoverPeers)) sendAway(turn, peer)
}

/** Connected peers of the same network (an IPv4 address, an IPv6 /64). Those on this machine are the user's own affair. */
function neighbours(state: SwarmState, address: string): number {
  if (isLoopback(address)) return 0
  const network = networkOf(address)
  let count = 0
  for (const peer of state.peers.values()) if (networkOf(peer.contact.address) === network) count++
  return count
}

function sendWhatWeHave(turn: Turn, peer: SwarmPeer): void {
  const { have } = turn.state
  if (peer.fast && have.isFull) send(turn, peer, { type: "haveAll" })
  else if (peer.fast && have.count === 0) send(turn, peer, { type: "haveNone" })
  else if (have.count > 0) send(turn, peer, { type: "bitfield", bitfield: have.clone() })
}

/** The peer's listening address is known (BEP 10): from now on it is dialled, shown and banned under that address. */
export function onPeerExtended(turn: Turn, peer: SwarmPeer, event: SwarmEvent & { type: "peerExtended" }): void {
  const { state } = turn
  agreeOnRequests(peer, event.blockBytes, event.maxRequests)
  // The first address counts: a handshake may be repeated, and one peer with thousands of addresses would fill the book.
  if (peer.contact.isDialable || event.listenAddress === undefined) return
  if (state.book.isBanned(event.listenAddress)) {
    turn.effects.push({ type: "close", peer: peer.key, code: "banned", why: "banned earlier in this session" })
    return
  }
  learnAddress(state, peer, event.listenAddress)
}

/** Addresses that were found, from a source of the client's own. */
export function onPeersFound(turn: Turn, addresses: readonly string[], source: PeerSource): void {
  const { state, nowMs } = turn
  for (const address of addresses) state.book.note(address, source)
  if (source === "tracker" && isComplete(state) && !servesSomebody(state)) state.book.wakeSeeds(nowMs, state.random)
  dialMore(turn)
}

/** Whether a connected peer lacks parts. */
function servesSomebody(state: SwarmState): boolean {
  for (const peer of state.peers.values()) if (!peer.has.isSeed) return true
  return false
}

export function onPeerClosed(turn: Turn, peer: SwarmPeer, ended: Ended): void {
  const { state, nowMs } = turn
  const bothSeeds = peer.has.isSeed && isComplete(state)
  if (peer.has.isSeed && isLeeching(state)) state.seederLeftAtMs = nowMs
  removePeer(turn, peer)
  if (bothSeeds && !isConnected(state, peer.contact.address)) state.book.rest(peer.contact.address, nowMs)
  else noteFailed(turn, peer.contact.address, ended)
}

function removePeer(turn: Turn, peer: SwarmPeer): void {
  const { state } = turn
  state.peers.delete(peer.key)
  state.connections.closed()
  releaseParts(turn, peer, false)
  forgetParts(state, peer)
  takeBackRevealed(state, peer)
  claimFarBytes(state, isLeeching(state))
  fillFreeSlots(turn)
  if (isLeeching(state)) fillAll(turn)
}
