import type { Turn } from "./state.js"

/** Dials as many known addresses as there is room for. */
export function dialMore(turn: Turn): void {
  const { state } = turn
  if (state.paused || state.lengths.partCount === 0) return
  const held = state.peers.size + state.book.dialing
  const room = Math.min(state.config.maxConnections - held, state.connections.dialRoom(held))
  for (const address of state.book.takeDials(room, turn.nowMs)) {
    const known = state.book.get(address)
    turn.effects.push({ type: "dial", address, firstTry: known?.attempts === 0 && !known.met })
  }
}
