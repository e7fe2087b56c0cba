import { bytesMissing } from "../torrent/lengths.js"
import { farBytes } from "./delivery.js"
import { isEligible } from "./eligibility.js"
import type { SwarmPeer } from "./peer.js"
import type { PickView } from "./picker.js"
import type { Turn } from "./state.js"
import { dropSuggestion } from "./suggestions.js"

/** A suggestion is waited for as long as this many parts take (our choice, simulated). */
const PARTS_AHEAD = 4

/** A peer of a swarm, as the picker sees it. */
export class SwarmPickView implements PickView {
  readonly #turn: Turn
  readonly #peer: SwarmPeer

  constructor(turn: Turn, peer: SwarmPeer) {
    this.#turn = turn
    this.#peer = peer
  }

  get unresolved(): Iterable<number> {
    return this.#turn.state.unresolved
  }

  get suggested(): readonly number[] {
    const { allows, suggestions } = this.#peer
    // They come right before the unchoke, when few of them may be asked for yet.
    return allows.isChoking ? [] : suggestions.parts
  }

  get awaitsSuggestion(): boolean {
    const { state, nowMs } = this.#turn
    const { suggestions, asked, response } = this.#peer
    const { suggestionMs, maxSuggestionMs, nextSuggestionMs, minPipelineBytes } = state.config
    const partMs = this.#partMs
    // It suggests the next part when the one before is asked for; that may wait for the one before it.
    const waitMs = Math.min(maxSuggestionMs, Math.max(suggestionMs, PARTS_AHEAD * partMs))
    if (nowMs - suggestions.lastAtMs >= waitMs) return false
    // One that is far would stand idle until the next suggestion has come; a slow line answers late too, but has little under way.
    const far = farBytes(this.#peer)
    if (far > minPipelineBytes) return asked.bytes > far
    return asked.bytes > 0 || (partMs > nextSuggestionMs && nowMs - response.progressAtMs < nextSuggestionMs)
  }

  /** What a part takes from this peer; 0 while that is not known, or while there is no memory for one more: it rather helps others with theirs. */
  get #partMs(): number {
    const { lengths, inFlight, budget } = this.#turn.state
    const rate = this.#peer.down.knownBytesPerSecond
    if (rate === 0 || !budget.hasRoom(lengths.partSizeBytes, inFlight.size)) return 0
    return (lengths.partSizeBytes * 1_000) / rate
  }

  mayBegin(index: number): boolean {
    return this.#turn.state.order.includes(index) && isEligible(this.#turn, this.#peer, index)
  }

  dropSuggestion(): void {
    dropSuggestion(this.#peer)
  }

  rarest(): number | undefined {
    const { order } = this.#turn.state
    const { allows, asked, has } = this.#peer
    const fits = (part: number) => isEligible(this.#turn, this.#peer, part)
    // While it chokes us, only a handful can be.
    if (allows.isChoking) return order.rarestOf(allows.fastParts, fits)
    // The neighbour of the last one, where it is as rare: disks read on.
    return order.pick(fits, asked.lastPart < 0 ? undefined : asked.lastPart + 1, has.parts)
  }

  isLeftToPeers(index: number): boolean {
    return this.#peer.has.isSeed && isLeftToPeers(this.#turn, index)
  }
}

/**
 * A part that other peers have left a seed once. A seed is not asked for a second copy while another peer serves us that part and the
 * peers that are no seeds deliver all missing parts soon enough.
 */
function isLeftToPeers(turn: Turn, index: number): boolean {
  const { state } = turn
  if (state.order.availability(index) === 0) return false
  let isServed = false
  let bytesPerSecond = 0
  for (const peer of state.peers.values()) {
    if (peer.has.isSeed || peer.allows.isChoking) continue
    bytesPerSecond += peer.down.bytesPerSecond
    isServed ||= isEligible(turn, peer, index)
  }
  return isServed && bytesMissing(state.lengths, state.have) * 1_000 <= bytesPerSecond * state.config.leaveToPeersMs
}
