import { isEligible } from "./eligibility.js"
import type { Block, PeerKey } from "./events.js"
import { type PartInFlight, raceBlock } from "./part-in-flight.js"
import { racePays } from "./pipeline.js"
import { closePart, giveUpRequest, own } from "./request-book.js"
import { requestBytes } from "./request-bytes.js"
import { mayShare } from "./sharing.js"
import { blockKey, type SwarmPeer, type Turn } from "./state.js"

/** A part is taken from its only owner so often: each time what had come of it is lost (our choice). */
const MAX_TAKEN_OVER = 3

/** Every block that may be asked for is asked for: one of those the slowest peer owes, the last of them first. */
export function endgameBlock(turn: Turn, peer: SwarmPeer): Block | undefined {
  const { state } = turn
  const slowest = [...state.peers.values()].filter((owner) => owner !== peer && owner.requests.size > 0)
  slowest.sort((a, b) => owedSeconds(b) - owedSeconds(a))
  for (const owner of slowest) {
    if (owedSeconds(owner) * 1_000 <= state.config.raceAfterMs) return undefined
    const block = raceOwner(turn, peer, owner)
    if (block !== undefined) return block
  }
  return undefined
}

function raceOwner(turn: Turn, peer: SwarmPeer, owner: SwarmPeer): Block | undefined {
  const { config } = turn.state
  const outruns = (other: PeerKey) => doesOutrun(turn, peer, turn.state.peers.get(other))
  const racer = { key: peer.key, blockBytes: requestBytes(peer), outruns }
  let owedBytes = owner.requestedBytes
  for (const { block, part, begun } of [...owner.requests.values()].reverse()) {
    const ownerSeconds = secondsFor(owner, owedBytes)
    if (!racePays(config, ownerSeconds, peer.requestedBytes + block.length, peer.down.bytesPerSecond)) return undefined
    owedBytes -= block.length
    if (begun || !mayShare(turn, peer, part)) continue
    const raced = peer.requests.has(blockKey(block)) ? undefined : raceBlock(part, block, racer)
    if (raced === undefined) continue
    own(part, peer)
    return raced
  }
  return undefined
}

/** Twice as fast as a peer that was asked later than others; one that has brought nothing yet needs as long again at least. */
function doesOutrun({ state, nowMs }: Turn, peer: SwarmPeer, other: SwarmPeer | undefined): boolean {
  if (other === undefined) return true
  const isUnknown = other.down.bytesPerSecond === 0
  const seconds = isUnknown ? (nowMs - other.progressAtMs) / 1_000 : owedSeconds(other)
  return racePays(state.config, seconds, 2 * peer.requestedBytes, peer.down.bytesPerSecond)
}

function owedSeconds(owner: SwarmPeer): number {
  return secondsFor(owner, owner.requestedBytes)
}

function secondsFor(owner: SwarmPeer, byteCount: number): number {
  return owner.snubbed ? Number.POSITIVE_INFINITY : byteCount / Math.max(1, owner.down.bytesPerSecond)
}

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
    for (const request of [...owner.requests.values()]) if (request.part === part) giveUpRequest(turn, owner, request)
    closePart(turn, part)
    return part
  }
  return undefined
}
