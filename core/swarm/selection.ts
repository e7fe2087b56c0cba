import type { Bitfield } from "../torrent/bitfield.js"
import { onWantedChanged } from "./availability.js"
import { completeIfDone } from "./receive.js"
import { closePart, giveUpRequest } from "./request-book.js"
import { fillAll } from "./requests.js"
import type { Turn } from "./state.js"

/**
 * The user wants these parts, or all. Parts that nobody wants any more are given up where their bytes are not all there; others are missing
 * again. Of a document that is ours to write: parts that it lost are wanted like others.
 */
export function onSelected(turn: Turn, wanted: Bitfield | undefined): void {
  const { state } = turn
  state.wanted = wanted
  for (let index = 0; index < state.lengths.partCount; index++) {
    if (state.have.has(index)) continue
    if (wanted?.has(index) === false) forgo(turn, index)
    else if (state.forgone.delete(index) && !state.doubtful.has(index) && !state.inFlight.has(index))
      state.order.add(index)
  }
  onWantedChanged(turn)
  fillAll(turn)
  completeIfDone(turn)
}

function forgo(turn: Turn, index: number): void {
  const { state } = turn
  state.forgone.add(index)
  state.order.remove(index)
  const part = state.inFlight.get(index)
  // One that is being written counts when it is there.
  if (part === undefined || part.verifying) return
  for (const key of [...part.owners]) {
    const peer = state.peers.get(key)
    if (peer === undefined) continue
    for (const request of [...peer.asked.requests.values()])
      if (request.part === part) giveUpRequest(turn, peer, request)
  }
  if (state.inFlight.get(index) === part) closePart(turn, part)
  state.history.delete(index)
}
