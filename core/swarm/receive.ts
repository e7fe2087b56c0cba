import { onPartHad } from "./availability.js"
import { disownIfIdle } from "./eligibility.js"
import type { Block, PeerKey, SwarmEvent } from "./events.js"
import { judge, keepEvidence } from "./evidence.js"
import { punish, strike } from "./faults.js"
import { beginBlock, finishBlock, isFullyReceived, type PartInFlight } from "./part-in-flight.js"
import type { SwarmPeer } from "./peer.js"
import { noteServed } from "./refusals.js"
import { closePart, disown, forgetRequest, giveUpRequest, isCurrent, wasGivenUp } from "./request-book.js"
import { fillAll, fillPipeline } from "./requests.js"
import { noteBlock } from "./response.js"
import { blockKey, isComplete, isLeeching, type SwarmState, type Turn } from "./state.js"

/**
 * Whether the payload of a block whose header arrived may be read into the part's buffer. If the block was not requested, or another peer
 * sends or sent the same bytes, it is read and discarded. Called by the connection between two events.
 */
export function admitBlock(state: SwarmState, peerKey: PeerKey, block: Block): boolean {
  const request = state.peers.get(peerKey)?.asked.requests.get(blockKey(block))
  if (request === undefined || request.begun || request.block.length !== block.length) return false
  const { part } = request
  if (!isCurrent(state, part) || part.verifying || !beginBlock(part, block)) return false
  request.begun = true
  return true
}

/** A whole block was read: into the part's buffer if it was admitted, else thrown away. */
export function onPiece(turn: Turn, peer: SwarmPeer, block: Block): void {
  const { state } = turn
  const key = blockKey(block)
  const request = peer.asked.requests.get(key)
  if (request === undefined && wasGivenUp(peer, key)) return
  if (request === undefined || request.block.length !== block.length) {
    punish(turn, peer, "unrequested_block", `sent a block of part ${block.index} that was not requested`)
    return
  }
  const { part } = request
  const counts = request.begun && isCurrent(state, part)
  if (counts) {
    request.begun = false
    finishBlock(part, block, peer.contact.address)
    forgetRequest(state, peer, request)
    if (part.racers.size > 0) cancelRivals(turn, part, block)
  } else forgetRequest(state, peer, request)
  noteServed(peer, block.index)
  noteBlock(peer, block.length, request.askedAtMs, turn.nowMs)
  state.book.proved(peer.contact.address)
  if (counts && isFullyReceived(part)) checkPart(turn, part)
  else disownIfIdle(turn, part, peer)
  fillPipeline(turn, peer)
}

/** The same bytes may have been asked of several peers: the slower ones need not send them. */
function cancelRivals(turn: Turn, part: PartInFlight, done: Block): void {
  for (const key of part.owners) {
    const rival = turn.state.peers.get(key)
    if (rival === undefined) continue
    for (const request of [...rival.asked.requests.values()]) {
      const { index, begin, length } = request.block
      if (index !== done.index || request.begun) continue
      if (begin < done.begin || begin + length > done.begin + done.length) continue
      giveUpRequest(turn, rival, request)
    }
  }
}

function checkPart(turn: Turn, part: PartInFlight): void {
  part.verifying = true
  for (const key of [...part.owners]) {
    const peer = turn.state.peers.get(key)
    if (peer !== undefined) disown(turn, part, peer)
  }
  turn.effects.push({ type: "checkPart", index: part.index })
}

type Checked = Extract<SwarmEvent, { readonly type: "partChecked" }>

export function onPartChecked(turn: Turn, { index, outcome, unitDigests }: Checked): void {
  const { state } = turn
  const part = state.inFlight.get(index)
  if (part === undefined) return
  if (outcome === "stored") storePart(turn, part, unitDigests)
  else {
    if (outcome === "mismatch") blame(turn, part, unitDigests)
    closePart(turn, part)
  }
  if (isLeeching(state)) fillAll(turn)
}

function storePart(turn: Turn, part: PartInFlight, unitDigests: Uint8Array | undefined): void {
  const { state } = turn
  state.have.add(part.index)
  closePart(turn, part)
  judge(turn, part.index, unitDigests)
  state.history.delete(part.index)
  partHad(turn, part.index)
}

/** A part that may have been on disk was hashed: it is present, or missing like any other. */
export function onPartFound(turn: Turn, index: number, good: boolean): void {
  const { state } = turn
  if (!state.doubtful.delete(index)) return
  if (good) {
    state.have.add(index)
    return partHad(turn, index)
  }
  if (state.forgone.has(index)) return completeIfDone(turn)
  state.order.add(index)
  fillAll(turn)
}

function partHad(turn: Turn, index: number): void {
  onPartHad(turn, index)
  completeIfDone(turn)
}

/** The store marks a part before its event arrives here: only the last event completes the document. */
export function completeIfDone(turn: Turn): void {
  const { state } = turn
  if (isComplete(state) && state.inFlight.size === 0 && state.doubtful.size === 0)
    turn.effects.push({ type: "completed" })
}

/** One contributor is the culprit; of several it is found when the part has come right, next time whole from one. */
function blame(turn: Turn, part: PartInFlight, unitDigests: Uint8Array | undefined): void {
  const { state } = turn
  const history = state.history.get(part.index) ?? { retries: 0, fromOneOnly: false }
  history.fromOneOnly = true
  state.history.set(part.index, history)
  const [culprit, ...others] = part.contributors
  const message = `part ${part.index} failed its check, bytes from ${part.contributors.join(", ")}`
  turn.effects.push({ type: "note", level: "warn", name: "part_failed", message, facts: { part: part.index } })
  if (culprit === undefined) return
  if (others.length === 0) strike(turn, culprit, part.index)
  else if (unitDigests !== undefined) keepEvidence(state, part, unitDigests)
}
