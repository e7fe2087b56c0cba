import { isEligible } from "./eligibility.js"
import { isFullyReceived, keepRequested, type PartInFlight, releaseBlock } from "./part-in-flight.js"
import { blockKey, type Request, type SwarmPeer, type SwarmState, send, type Turn } from "./state.js"

/** A part is asked of this peer from now on. */
export function own(part: PartInFlight, peer: SwarmPeer): void {
  part.owners.add(peer.key)
  peer.parts.add(part)
  peer.lastPart = part.index
}

/** Forgets a request: answered, refused, or not to be answered any more. */
export function forgetRequest(state: SwarmState, peer: SwarmPeer, request: Request): void {
  if (!peer.requests.delete(blockKey(request.block))) return
  peer.requestedBytes -= request.block.length
  const { part } = request
  if (!isCurrent(state, part) || part.verifying) return
  releaseBlock(part, request.block, request.begun)
  if (part.racers.size > 0) keepRivalsRequests(state, part)
}

/** A raced block is asked of several peers: what one gives up is not free, or another would be asked for it twice. */
function keepRivalsRequests(state: SwarmState, part: PartInFlight): void {
  for (const key of part.owners) {
    const requests = state.peers.get(key)?.requests.values() ?? []
    for (const request of requests) if (request.part === part) keepRequested(part, request.block)
  }
}

/** False when the part was given up, or begun anew, since. */
export function isCurrent(state: SwarmState, part: PartInFlight): boolean {
  return state.inFlight.get(part.index) === part
}

/** Takes a peer off a part when it brings no more of it: it may not be asked (any more), and nothing is on its way. */
export function disownIfIdle(turn: Turn, part: PartInFlight, peer: SwarmPeer): void {
  if (!peer.parts.has(part) || isEligible(turn, peer, part.index)) return
  for (const request of peer.requests.values()) if (request.part === part) return
  disown(turn, part, peer)
}

/** Takes a request back. Its block may be on its way already: when it comes all the same, that is no fault of the peer. */
export function giveUpRequest(turn: Turn, peer: SwarmPeer, request: Request): void {
  send(turn, peer, { type: "cancel", ...request.block })
  forgetRequest(turn.state, peer, request)
  if (peer.givenUp.size >= peer.maxRequests) peer.givenUp.clear()
  peer.givenUp.add(blockKey(request.block))
}

/** The peer gives up all it was asked for (it left, choked, or was snubbed): others may take it over. */
export function releaseParts(turn: Turn, peer: SwarmPeer, cancel: boolean): void {
  for (const request of [...peer.requests.values()]) {
    if (cancel) giveUpRequest(turn, peer, request)
    else forgetRequest(turn.state, peer, request)
  }
  for (const part of [...peer.parts]) disown(turn, part, peer)
}

/** Takes a peer off a part. Without bytes worth keeping, the part is missing again. */
export function disown(turn: Turn, part: PartInFlight, peer: SwarmPeer): void {
  part.owners.delete(peer.key)
  peer.parts.delete(part)
  if (part.verifying || part.owners.size > 0 || isFullyReceived(part)) return
  if (part.receivedBytes === 0 || part.fromOneOnly) closePart(turn, part)
}

/** Ends a part in flight: its buffer and its memory go back, and while it is not there it is missing again. */
export function closePart(turn: Turn, part: PartInFlight): void {
  const { state } = turn
  for (const key of part.owners) state.peers.get(key)?.parts.delete(part)
  state.inFlight.delete(part.index)
  state.budget.give(part.lengthBytes)
  turn.effects.push({ type: "dropPart", index: part.index })
  if (state.have.has(part.index)) return
  const history = state.history.get(part.index) ?? { retries: 0, fromOneOnly: false }
  history.retries++
  state.history.set(part.index, history)
  state.order.add(part.index)
}
