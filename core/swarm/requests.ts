import { bytesMissing, partLength } from "../torrent/lengths.js"
import { STANDARD_BLOCK_BYTES } from "../wire/messages.js"
import type { Block } from "./events.js"
import {
  createPartInFlight,
  hasFreeUnits,
  isFullyReceived,
  keepRequested,
  type PartInFlight,
  raceBlock,
  releaseBlock,
  takeBlock,
} from "./part-in-flight.js"
import { pipelineBytes, racePays } from "./pipeline.js"
import { blockKey, isLeeching, type Request, type SwarmPeer, type SwarmState, send, type Turn } from "./state.js"

/** Requests go out in rows: one for every block that arrives would cost both sides a system call each (our choice, measured). */
const REFILL_BELOW = 0.75

/** Asks a peer for as many blocks as its pipeline takes. Safe to call at any time; does nothing when there is nothing to ask. */
export function fillPipeline(turn: Turn, peer: SwarmPeer): void {
  if (!isLeeching(turn.state) || peer.wanted === 0 || !mayAsk(peer)) return
  const depth = pipelineDepth(turn, peer)
  if (peer.requestedBytes > depth * REFILL_BELOW) return
  while (peer.requestedBytes < depth && peer.requests.size < peer.maxRequests) {
    const block = nextBlock(turn, peer)
    const part = block && turn.state.inFlight.get(block.index)
    if (block === undefined || part === undefined) return
    request(turn, peer, part, block)
  }
}

function pipelineDepth(turn: Turn, peer: SwarmPeer): number {
  if (peer.snubbed) return STANDARD_BLOCK_BYTES
  const { config } = turn.state
  const isStarting = turn.nowMs - peer.unchokedUsAtMs < config.slowStartMs
  return pipelineBytes(config, {
    bytesPerSecond: peer.down.bytesPerSecond,
    responseMs: peer.responseMs ?? 0,
    startBytes: isStarting ? peer.down.totalBytes : 0,
  })
}

/** Fills every peer's pipeline, those with the emptiest first: parts went back to the pool, or memory was given back. */
export function fillAll(turn: Turn): void {
  if (!isLeeching(turn.state)) return
  const waiting = [...turn.state.peers.values()].filter((peer) => peer.wanted > 0 && mayAsk(peer))
  waiting.sort((a, b) => a.requestedBytes - b.requestedBytes)
  for (const peer of waiting) fillPipeline(turn, peer)
}

function mayAsk(peer: SwarmPeer): boolean {
  return !peer.peerChoking || peer.allowedFast.size > 0
}

function request(turn: Turn, peer: SwarmPeer, part: PartInFlight, block: Block): void {
  if (peer.requests.size === 0) {
    peer.progressAtMs = turn.nowMs
    peer.askedAtMs = turn.nowMs
  }
  peer.requests.set(blockKey(block), { block, part, begun: false })
  peer.requestedBytes += block.length
  send(turn, peer, { type: "request", ...block })
}

/** The next block to ask a peer for: of a part it is at already, of one that others left, of the rarest missing one, or the endgame's. */
function nextBlock(turn: Turn, peer: SwarmPeer): Block | undefined {
  for (const part of peer.parts) {
    const mayGoOn = !part.verifying && isEligible(turn.state, peer, part.index)
    const block = mayGoOn ? takeBlock(part, requestBytes(peer)) : undefined
    if (block !== undefined) return block
  }
  const part = adoptPart(turn.state, peer) ?? startPart(turn, peer)
  if (part === undefined) return endgameBlock(turn.state, peer)
  own(part, peer)
  return takeBlock(part, requestBytes(peer))
}

/** Blocks pass in about this time: few messages where it is fast, a finely divided pipeline where it is slow. */
const BLOCK_MS = 125

/** A power of two from 16 KiB up to what was agreed with the peer. While no rate is known, what came so far stands for it. */
function requestBytes(peer: SwarmPeer): number {
  const pace = peer.down.bytesPerSecond > 0 ? peer.down.bytesPerSecond : peer.down.totalBytes
  const most = Math.min(peer.blockBytes, (pace * BLOCK_MS) / 1_000)
  let bytes = STANDARD_BLOCK_BYTES
  while (bytes * 2 <= most) bytes *= 2
  return bytes
}

function own(part: PartInFlight, peer: SwarmPeer): void {
  part.owners.add(peer.key)
  peer.parts.add(part)
  peer.lastPart = part.index
}

/** May this part be asked of this peer now? */
function isEligible(state: SwarmState, peer: SwarmPeer, index: number): boolean {
  if (!peer.have.has(index) || peer.refused.has(index)) return false
  if (peer.peerChoking && !peer.allowedFast.has(index)) return false
  return state.book.get(peer.address)?.badParts.has(index) !== true
}

/** A part that was begun and whose owner left. */
function adoptPart(state: SwarmState, peer: SwarmPeer): PartInFlight | undefined {
  if (state.inFlight.size === 0) return undefined
  for (const part of state.inFlight.values()) {
    if (part.verifying || part.owners.size > 0 || !hasFreeUnits(part)) continue
    if (isEligible(state, peer, part.index)) return part
  }
  return undefined
}

function startPart(turn: Turn, peer: SwarmPeer): PartInFlight | undefined {
  const { state } = turn
  const index = choosePart(turn, peer)
  if (index === undefined) return undefined
  const lengthBytes = partLength(state.lengths, index)
  if (!state.budget.take(lengthBytes, state.inFlight.size) && !makeRoom(turn, lengthBytes)) return undefined
  state.order.remove(index)
  const history = state.history.get(index)
  const part = createPartInFlight(index, lengthBytes, history?.fromOneOnly === true, turn.nowMs)
  state.inFlight.set(index, part)
  turn.effects.push({ type: "openPart", index, lengthBytes })
  return part
}

/** What the peer suggests, else the rarest part. */
function choosePart(turn: Turn, peer: SwarmPeer): number | undefined {
  const { state } = turn
  // One that is taken leaves the order, and is passed over the next time; one for which there is no memory yet stays.
  for (let [index] = peer.suggestions; index !== undefined; [index] = peer.suggestions) {
    if (state.order.includes(index) && isEligible(state, peer, index)) return index
    peer.suggestions.shift()
  }
  // A seed that deals its parts out will name the next one in a moment; anything else is probably on its way to others.
  const isDealing = turn.nowMs - peer.suggestedAtMs < state.config.suggestionMs
  if (isDealing && peer.requestedBytes > 0) return undefined
  const neighbour = peer.lastPart < 0 ? undefined : peer.lastPart + 1
  const index = state.order.pick((part) => isEligible(state, peer, part), neighbour)
  return index !== undefined && peer.isSeed && isLeftToPeers(state, index) ? undefined : index
}

/**
 * What others have went out of a seed once. It is spared a second copy of a part that somebody else serves us, while those who are no
 * seeds deliver fast enough to bring all that is missing in a moment.
 */
function isLeftToPeers(state: SwarmState, index: number): boolean {
  if (state.order.availability(index) === 0) return false
  let isServed = false
  let bytesPerSecond = 0
  for (const peer of state.peers.values()) {
    if (peer.isSeed || peer.peerChoking) continue
    bytesPerSecond += peer.down.bytesPerSecond
    isServed ||= isEligible(state, peer, index)
  }
  return isServed && bytesMissing(state.lengths, state.have) * 1_000 <= bytesPerSecond * state.config.leaveToPeersMs
}

/** Memory is full: parts that nobody connected works on give theirs back, those with the fewest bytes first. */
function makeRoom(turn: Turn, lengthBytes: number): boolean {
  const { state } = turn
  const left = [...state.inFlight.values()].filter((part) => !part.verifying && part.owners.size === 0)
  left.sort((a, b) => a.receivedBytes - b.receivedBytes)
  for (const part of left) {
    closePart(turn, part)
    if (state.budget.take(lengthBytes, state.inFlight.size)) return true
  }
  return false
}

/** Every part is asked for: join the peer that would take longest, working towards it from the part's end. */
function endgameBlock(state: SwarmState, peer: SwarmPeer): Block | undefined {
  if (state.order.size > 0 || state.doubtful.size > 0) return undefined
  const isMine = (block: Block) => peer.requests.has(blockKey(block))
  const blockBytes = requestBytes(peer)
  for (const part of peer.parts) {
    const block = part.owners.size === 2 ? raceBlock(part, blockBytes, isMine) : undefined
    if (block !== undefined) return block
  }
  const part = slowestPart(state, peer)
  if (part === undefined) return undefined
  const block = raceBlock(part, blockBytes, isMine)
  if (block !== undefined) own(part, peer)
  return block
}

function slowestPart(state: SwarmState, peer: SwarmPeer): PartInFlight | undefined {
  let slowest: PartInFlight | undefined
  let longestSeconds = 0
  for (const part of state.inFlight.values()) {
    if (part.verifying || part.fromOneOnly || part.owners.size !== 1 || part.owners.has(peer.key)) continue
    if (!isEligible(state, peer, part.index)) continue
    const seconds = ownerSeconds(state, part)
    if (seconds <= longestSeconds || !racePays(state.config, seconds, restBytes(part), peer.down.bytesPerSecond))
      continue
    longestSeconds = seconds
    slowest = part
  }
  return slowest
}

function restBytes(part: PartInFlight): number {
  return part.lengthBytes - part.receivedBytes
}

/** Seconds its owner would need for the rest of a part at its present rate. */
function ownerSeconds(state: SwarmState, part: PartInFlight): number {
  const [ownerKey] = part.owners
  const owner = ownerKey === undefined ? undefined : state.peers.get(ownerKey)
  if (owner === undefined || owner.snubbed) return Number.POSITIVE_INFINITY
  return restBytes(part) / Math.max(1, owner.down.bytesPerSecond / Math.max(1, owner.parts.size))
}

/** Forgets a request: answered, refused, or not to be answered any more. */
export function forgetRequest(state: SwarmState, peer: SwarmPeer, request: Request): void {
  if (!peer.requests.delete(blockKey(request.block))) return
  peer.requestedBytes -= request.block.length
  const { part } = request
  if (!isCurrent(state, part) || part.verifying) return
  releaseBlock(part, request.block, request.begun)
  if (part.owners.size > 1) keepRivalsRequests(state, part)
}

/** In the endgame a block is asked of two peers: what one gives up is not free, or the other would be asked for it twice. */
function keepRivalsRequests(state: SwarmState, part: PartInFlight): void {
  for (const key of part.owners) {
    const requests = state.peers.get(key)?.requests.values() ?? []
    for (const request of requests) if (request.part === part) keepRequested(part, request.block)
  }
}

/** False when the part was given up, or begun anew, since. */
export function isCurrent(state: SwarmState, part: PartInFlight): boolean {
  return state.inFlight.get(part.index) === part
}

/** Takes a peer off a part when it brings no more of it: it may not be asked (any more), and nothing is on its way. */
export function disownIfIdle(turn: Turn, part: PartInFlight, peer: SwarmPeer): void {
  if (!peer.parts.has(part) || isEligible(turn.state, peer, part.index)) return
  for (const request of peer.requests.values()) if (request.part === part) return
  disown(turn, part, peer)
}

/** Takes a request back. Its block may be on its way already: when it comes all the same, that is no fault of the peer. */
export function giveUpRequest(turn: Turn, peer: SwarmPeer, request: Request): void {
  send(turn, peer, { type: "cancel", ...request.block })
  forgetRequest(turn.state, peer, request)
  if (peer.givenUp.size >= peer.maxRequests) peer.givenUp.clear()
  peer.givenUp.add(blockKey(request.block))
}

/** The peer gives up all it was asked for (it left, choked, or was snubbed): others may take it over. */
export function releaseParts(turn: Turn, peer: SwarmPeer, cancel: boolean): void {
  for (const request of [...peer.requests.values()]) {
    if (cancel) giveUpRequest(turn, peer, request)
    else forgetRequest(turn.state, peer, request)
  }
  for (const part of [...peer.parts]) disown(turn, part, peer)
}

/** Takes a peer off a part. Without bytes worth keeping, the part is missing again. */
export function disown(turn: Turn, part: PartInFlight, peer: SwarmPeer): void {
  part.owners.delete(peer.key)
  peer.parts.delete(part)
  if (part.verifying || part.owners.size > 0 || isFullyReceived(part)) return
  if (part.receivedBytes === 0 || part.fromOneOnly) closePart(turn, part)
}

/** Ends a part in flight: its buffer and its memory go back, and while it is not there it is missing again. */
export function closePart(turn: Turn, part: PartInFlight): void {
  const { state } = turn
  for (const key of part.owners) state.peers.get(key)?.parts.delete(part)
  state.inFlight.delete(part.index)
  state.budget.give(part.lengthBytes)
  turn.effects.push({ type: "dropPart", index: part.index })
  if (state.have.has(part.index)) return
  const history = state.history.get(part.index) ?? { retries: 0, fromOneOnly: false }
  history.retries++
  state.history.set(part.index, history)
  state.order.add(part.index)
}
