import { updateInterest } from "./availability.js"
import { claimFarBytes, noteDelivery } from "./delivery.js"
import type { PeerKey } from "./events.js"
import type { SwarmPeer } from "./peer.js"
import { isRefusing } from "./refusals.js"
import { releaseParts } from "./request-book.js"
import { divideMemory, fillAll, forgetNews } from "./requests.js"
import { excuse, noteSnub } from "./response.js"
import { isLeeching, type SwarmState, type Turn } from "./state.js"

/** Time went by: measure rates, and take parts from peers that do not deliver. */
export function onTick(turn: Turn, unread?: ReadonlySet<PeerKey>): void {
  const { state, nowMs } = turn
  state.down.sample(nowMs)
  state.up.sample(nowMs)
  let freed = false
  for (const peer of [...state.peers.values()]) {
    peer.down.sample(nowMs)
    peer.up.sample(nowMs)
    noteDelivery(peer, nowMs)
    forgetNews(peer)
    updateInterest(turn, peer)
    if (unread?.has(peer.key) === true) excuse(peer, nowMs)
    if (isOverdue(state, peer, nowMs)) {
      snub(turn, peer)
      freed = true
    }
  }
  claimFarBytes(state, isLeeching(state))
  if (isLeeching(state)) divideMemory(turn)
  if (freed || isLeeching(state)) fillAll(turn)
}

function isOverdue(state: SwarmState, peer: SwarmPeer, nowMs: number): boolean {
  return peer.asked.requests.size > 0 && nowMs - peer.response.progressAtMs > state.config.requestTimeoutMs
}

/** It claims to have what we asked for and sends nothing: others get its parts, and it one small block at a time to prove itself. */
function snub(turn: Turn, peer: SwarmPeer): void {
  const { config } = turn.state
  noteSnub(peer)
  const seconds = config.requestTimeoutMs / 1_000
  // Cut off in the middle of a block: its bytes could still come and fall into a buffer that serves others by then.
  const isInsideBlock = [...peer.asked.requests.values()].some((request) => request.begun)
  if (isInsideBlock || peer.response.snubs >= config.maxSnubs) {
    const why = `sent nothing for ${seconds} s${isInsideBlock ? " in the middle of a block" : `, ${peer.response.snubs} times`}`
    turn.effects.push({ type: "close", peer: peer.key, code: "snubbed", why })
    return
  }
  releaseParts(turn, peer, true)
  const message = `sent nothing for ${seconds} s: its parts are asked of others`
  turn.effects.push({ type: "note", level: "info", name: "peer_snubbed", message, address: peer.contact.address })
}

/** Fetching, and no connected peer has a missing part: the tracker is asked before its interval is over. */
export function isStarved(state: SwarmState): boolean {
  if (!isLeeching(state)) return false
  for (const peer of state.peers.values())
    if (peer.interest.wanted > 0 && !peer.response.isSnubbed && !isRefusing(peer)) return false
  return true
}
