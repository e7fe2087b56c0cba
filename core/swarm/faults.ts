import type { SwarmPeer } from "./peer.js"
import type { Turn } from "./state.js"

/** How a peer keeps to the protocol. */
export interface Conduct {
  /** Things it did that honest clients do only now and then. */
  faults: number
}

export function createConduct(): Conduct {
  return { faults: 0 }
}

/** Notes something honest clients do only now and then; too many of them, and the peer is dropped. */
export function punish(turn: Turn, peer: SwarmPeer, code: string, why: string): void {
  peer.conduct.faults++
  if (peer.conduct.faults > turn.state.config.maxFaults)
    turn.effects.push({ type: "close", peer: peer.key, code, why: `${why}, ${peer.conduct.faults} times` })
}

/** A part failed its check by this address's bytes alone: the second one bans it. */
export function strike(turn: Turn, address: string, index: number): void {
  const { book, config, peers } = turn.state
  // Several of its parts may be checked at a time, and one ban is enough.
  if (book.isBanned(address)) return
  const strikes = book.strike(address, index)
  if (strikes < config.maxStrikes) return
  const earlierParts = strikes - 1
  book.ban(address, "incoming", { code: "banned", part: index, earlierParts })
  const why = `banned: part ${index} and ${earlierParts} before it failed their check`
  const facts = { part: index, earlierParts }
  turn.effects.push({ type: "note", level: "warn", name: "peer_banned", message: `${address} ${why}`, address, facts })
  for (const peer of peers.values())
    if (peer.contact.address === address) turn.effects.push({ type: "close", peer: peer.key, code: "banned", why })
}
