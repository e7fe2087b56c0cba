import { isEligible } from "./eligibility.js"
import { secondsFor } from "./endgame.js"
import type { PartInFlight } from "./part-in-flight.js"
import type { SwarmPeer } from "./peer.js"
import { closePart, giveUpRequest } from "./request-book.js"
import { mayShare } from "./sharing.js"
import type { Turn } from "./state.js"

/** How often a part is taken from its only owner: each time the bytes received so far are lost (our choice). */
const MAX_TAKEN_OVER = 3

/**
 * A part that must come whole from one peer, and is asked of a slow one: the peer would be done with all of it in half the time that the
 * other needs for the rest. It begins anew, for the bytes of two are not to be mixed.
 */
export function takeOver(turn: Turn, peer: SwarmPeer): PartInFlight | undefined {
  const { state } = turn
  const rate = peer.down.bytesPerSecond
  for (const part of state.inFlight.values()) {
    const [key, ...others] = part.owners
    const owner = key === undefined ? undefined : state.peers.get(key)
    if (owner === undefined || owner === peer || others.length > 0 || part.verifying) continue
    if (mayShare(turn, peer, part) || !isEligible(turn, peer, part.index)) continue
    const restSeconds = secondsFor(owner, part.lengthBytes - part.receivedBytes)
    const wholeSeconds = rate === 0 ? state.config.requestTimeoutMs / 1_000 : part.lengthBytes / rate
    if (2 * wholeSeconds > restSeconds || (state.history.get(part.index)?.retries ?? 0) > MAX_TAKEN_OVER) continue
    for (const request of [...owner.asked.requests.values()])
      if (request.part === part) giveUpRequest(turn, owner, request)
    closePart(turn, part)
    return part
  }
  return undefined
}
