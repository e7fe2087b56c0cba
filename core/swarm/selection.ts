import type { Bitfield } from "../torrent/bitfield.js"
import { onWantedChanged } from "./availability.js"
import { completeIfDone } from "./receive.js"
import { closePart, giveUpRequest } from "./request-book.js"
import { fillAll } from "./requests.js"
import type { Turn } from "./state.js"

/**
 * The user wants these parts, or all. Parts in flight that are not wanted any more are given up, except one that is being written; newly
 * wanted ones are missing again. For a document that is ours to write: there, lost parts are wanted like others.
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
  // A part that is being written counts once it is present.
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
