import { bytesMissing, partLength } from "../torrent/lengths.js"
import { isEligible } from "./eligibility.js"
import { createPartInFlight, type PartInFlight } from "./part-in-flight.js"
import { closePart } from "./request-book.js"
import type { SwarmPeer, Turn } from "./state.js"

/** A part that was begun and whose owner left. */
export function adoptPart(turn: Turn, peer: SwarmPeer): PartInFlight | undefined {
  const { state } = turn
  if (state.inFlight.size === 0) return undefined
  for (const part of state.inFlight.values()) {
    if (part.verifying || part.owners.size > 0 || part.freeUnits === 0) continue
    if (isEligible(turn, peer, part.index)) return part
  }
  return undefined
}

/** Begins a part; "full" when there is no memory for it, undefined when there is none to begin. */
export function startPart(
  turn: Turn,
  peer: SwarmPeer,
  index = choosePart(turn, peer),
): PartInFlight | "full" | undefined {
  const { state } = turn
  if (index === undefined) return undefined
  const lengthBytes = partLength(state.lengths, index)
  if (!state.budget.take(lengthBytes, state.inFlight.size) && !makeRoom(turn, lengthBytes)) return "full"
  state.order.remove(index)
  const history = state.history.get(index)
  const part = createPartInFlight(index, lengthBytes, history?.fromOneOnly === true, turn.nowMs)
  state.inFlight.set(index, part)
  turn.effects.push({ type: "openPart", index, lengthBytes })
  return part
}

/** What the peer suggests, else the rarest part. */
function choosePart(turn: Turn, peer: SwarmPeer): number | undefined {
  const { state } = turn
  // As long as it is not known who spoilt a part, those that sent it share none with others.
  for (const index of state.unresolved) if (state.order.includes(index) && isEligible(turn, peer, index)) return index
  // One that is taken leaves the order, and is passed over the next time; one for which there is no memory yet stays.
  for (let [index] = peer.suggestions; index !== undefined; [index] = peer.suggestions) {
    if (state.order.includes(index) && isEligible(turn, peer, index)) return index
    peer.suggestions.shift()
  }
  // A seed that deals its parts out will name the next one in a moment; anything else is probably on its way to others.
  const isDealing = turn.nowMs - peer.suggestedAtMs < state.config.suggestionMs
  if (isDealing && peer.requestedBytes > 0) return undefined
  const neighbour = peer.lastPart < 0 ? undefined : peer.lastPart + 1
  const fits = (part: number) => isEligible(turn, peer, part)
  // While it chokes us, only a handful can be.
  const index = peer.peerChoking
    ? state.order.rarestOf(peer.allowedFast, fits)
    : state.order.pick(fits, neighbour, peer.have)
  return index !== undefined && peer.isSeed && isLeftToPeers(turn, index) ? undefined : index
}

/**
 * What others have went out of a seed once. It is spared a second copy of a part that somebody else serves us, while those who are no
 * seeds deliver fast enough to bring all that is missing in a moment.
 */
function isLeftToPeers(turn: Turn, index: number): boolean {
  const { state } = turn
  if (state.order.availability(index) === 0) return false
  let isServed = false
  let bytesPerSecond = 0
  for (const peer of state.peers.values()) {
    if (peer.isSeed || peer.peerChoking) continue
    bytesPerSecond += peer.down.bytesPerSecond
    isServed ||= isEligible(turn, peer, index)
  }
  return isServed && bytesMissing(state.lengths, state.have) * 1_000 <= bytesPerSecond * state.config.leaveToPeersMs
}

/** Memory is full: parts that nobody connected works on give theirs back, those with the fewest bytes first. */
function makeRoom(turn: Turn, lengthBytes: number): boolean {
  const { state } = turn
  const left = [...state.inFlight.values()].filter((part) => !part.verifying && part.owners.size === 0)
  left.sort((a, b) => a.receivedBytes - b.receivedBytes)
  for (const part of left) {
    closePart(turn, part)
    if (state.budget.take(lengthBytes, state.inFlight.size)) return true
  }
  return false
}
