import { partLength } from "../torrent/lengths.js"
import { isEligible } from "./eligibility.js"
import { createPartInFlight, type PartInFlight } from "./part-in-flight.js"
import type { SwarmPeer } from "./peer.js"
import { SwarmPickView } from "./pick-view.js"
import { followsSuggestions, pickPart } from "./picker.js"
import { closePart } from "./request-book.js"
import type { Turn } from "./state.js"

/** A part that was begun and whose owner left. Not from a seed that suggests its parts: what was begun is likely at other peers too. */
export function adoptPart(turn: Turn, peer: SwarmPeer): PartInFlight | undefined {
  const { state } = turn
  if (state.inFlight.size === 0) return undefined
  for (const part of state.inFlight.values()) {
    if (part.verifying || part.owners.size > 0 || part.freeUnits === 0) continue
    if (!isEligible(turn, peer, part.index)) continue
    const hasRoom = state.budget.hasRoom(state.lengths.partSizeBytes, state.inFlight.size)
    return hasRoom && followsSuggestions(new SwarmPickView(turn, peer)) ? undefined : part
  }
  return undefined
}

/** Begins a part; "full" when there is no memory for it, undefined when there is none to begin. */
export function startPart(
  turn: Turn,
  peer: SwarmPeer,
  index = pickPart(new SwarmPickView(turn, peer)),
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

/** Memory is full: in-flight parts that no connected peer works on release their buffers, those with the fewest bytes first. */
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
