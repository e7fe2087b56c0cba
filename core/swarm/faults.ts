import type { SwarmPeer, Turn } from "./state.js"

/** Notes something honest clients do only now and then; too many of them, and the peer is dropped. */
export function punish(turn: Turn, peer: SwarmPeer, code: string, why: string): void {
  peer.faults++
  if (peer.faults > turn.state.config.maxFaults)
    turn.effects.push({ type: "close", peer: peer.key, code, why: `${why}, ${peer.faults} times` })
}
