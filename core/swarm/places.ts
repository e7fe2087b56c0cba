import { networkOf } from "../address/host-of.js"
import type { SwarmPeer } from "./peer.js"
import { isLeeching, type SwarmState } from "./state.js"
import { isStarved } from "./tick.js"

/**
 * The least useful connected peer, to be replaced by a newcomer (within one network, if that is full). Undefined when all transfer, have
 * missing parts, or wait for their first turn.
 */
export function leastUseful(state: SwarmState, nowMs: number, network?: string): SwarmPeer | undefined {
  return expendable(state, nowMs).find((peer) => network === undefined || networkOf(peer.contact.address) === network)
}

/** Peers that may be dropped, the least useful first. */
export function expendable(state: SwarmState, nowMs: number): SwarmPeer[] {
  const starved = isStarved(state)
  const ranked: { readonly peer: SwarmPeer; readonly rank: number; readonly idleMs: number }[] = []
  for (const peer of state.peers.values()) {
    const rank = rankOf(state, peer, nowMs, starved)
    if (rank !== undefined) ranked.push({ peer, rank, idleMs: idleMs(peer, nowMs) })
  }
  return ranked.sort((a, b) => a.rank - b.rank || b.idleMs - a.idleMs).map(({ peer }) => peer)
}

/** 0: neither of us wants anything; 1: it wants something and made nothing of it; 2: it lets us wait. Undefined: it stays. */
function rankOf(state: SwarmState, peer: SwarmPeer, nowMs: number, starved: boolean): number | undefined {
  const { uselessMs, uselessStarvedMs, chokedMs } = state.config
  const idle = idleMs(peer, nowMs)
  if (idle < (starved ? uselessStarvedMs : uselessMs)) return undefined
  if (peer.interest.wanted > 0 && isLeeching(state)) return peer.allows.isChoking && idle >= chokedMs ? 2 : undefined
  if (!peer.slot.isWanted) return 0
  // While we are starved, peers that still wait for their first turn may be dropped too.
  const hadItsTurn = !peer.slot.isChoked || peer.slot.unchokedAtMs !== peer.connectedAtMs
  return hadItsTurn || starved ? 1 : undefined
}

function idleMs(peer: SwarmPeer, nowMs: number): number {
  return nowMs - Math.max(peer.response.receivedAtMs, peer.owed.sentAtMs)
}
