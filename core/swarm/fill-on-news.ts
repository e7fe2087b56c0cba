import { fillPipeline } from "./requests.js"
import type { SwarmPeer, Turn } from "./state.js"

/** So often between two ticks; beyond that the next block that comes, or the next tick, asks for more (our choice). */
const MAX_FILLS_PER_TICK = 32

/**
 * A peer said something because of which it may be asked for more. To look for it costs more than the few bytes that it said, so a peer
 * that says such things without end is not followed every time.
 */
export function fillOnNews(turn: Turn, peer: SwarmPeer): void {
  if (peer.newsFills >= MAX_FILLS_PER_TICK) return
  peer.newsFills++
  fillPipeline(turn, peer)
}
