import { STANDARD_BLOCK_BYTES } from "../wire/messages.js"
import type { Block, PeerKey } from "./events.js"

/** Where one 16 KiB unit of a part is. Requests cover runs of units, whatever block size was agreed with the peer. */
const Unit = { free: 0, requested: 1, receiving: 2, received: 3 } as const
type Unit = (typeof Unit)[keyof typeof Unit]

/** A part that is being fetched or checked. */
export interface PartInFlight {
  readonly index: number
  readonly lengthBytes: number
  readonly units: Uint8Array
  /** No unit before this one is free. */
  firstFree: number
  receivedUnits: number
  receivedBytes: number
  /** Peers it is asked from now: one, in the endgame two, none when they left. */
  readonly owners: Set<PeerKey>
  /** Addresses of the peers whose bytes are in it: one, unless an owner left or the endgame came. */
  readonly contributors: Set<string>
  /** It failed with bytes of several peers before: this time it comes whole from one, so that there is one culprit. */
  readonly fromOneOnly: boolean
  readonly startedAtMs: number
  verifying: boolean
}

export function createPartInFlight(
  index: number,
  lengthBytes: number,
  fromOneOnly: boolean,
  nowMs: number,
): PartInFlight {
  return {
    index,
    lengthBytes,
    units: new Uint8Array(Math.ceil(lengthBytes / STANDARD_BLOCK_BYTES)),
    firstFree: 0,
    receivedUnits: 0,
    receivedBytes: 0,
    owners: new Set(),
    contributors: new Set(),
    fromOneOnly,
    startedAtMs: nowMs,
    verifying: false,
  }
}

export function isFullyReceived(part: PartInFlight): boolean {
  return part.receivedUnits === part.units.length
}

export function hasFreeUnits(part: PartInFlight): boolean {
  return nextFree(part) < part.units.length
}

/** Takes the next run of free units, at most `blockBytes` (a multiple of 16 KiB), and marks it requested. */
export function takeBlock(part: PartInFlight, blockBytes: number): Block | undefined {
  const first = nextFree(part)
  if (first === part.units.length) return undefined
  let end = first
  const limit = Math.min(part.units.length, first + blockBytes / STANDARD_BLOCK_BYTES)
  while (end < limit && part.units[end] === Unit.free) part.units[end++] = Unit.requested
  part.firstFree = end
  return blockOf(part, first, end)
}

/**
 * A block that another peer was asked for and has not begun to send, taken from the end, for the endgame's second peer, who
 * works towards the first. `isMine` skips what this peer was asked for already.
 */
export function raceBlock(
  part: PartInFlight,
  blockBytes: number,
  isMine: (block: Block) => boolean,
): Block | undefined {
  const step = blockBytes / STANDARD_BLOCK_BYTES
  for (let end = part.units.length; end > 0; end--) {
    if (part.units[end - 1] !== Unit.requested) continue
    let first = end - 1
    while (first > 0 && end - first < step && part.units[first - 1] === Unit.requested) first--
    const block = blockOf(part, first, end)
    if (!isMine(block)) return block
  }
  return undefined
}

/** The payload of a block begins to arrive. False when those bytes are there or on their way already: they are to be discarded. */
export function beginBlock(part: PartInFlight, block: Block): boolean {
  const [first, end] = unitsOf(block)
  for (let unit = first; unit < end; unit++)
    if (part.units[unit] === Unit.receiving || part.units[unit] === Unit.received) return false
  part.units.fill(Unit.receiving, first, end)
  return true
}

/** A block that was begun is complete. */
export function finishBlock(part: PartInFlight, block: Block): void {
  const [first, end] = unitsOf(block)
  part.units.fill(Unit.received, first, end)
  part.receivedUnits += end - first
  part.receivedBytes += block.length
}

/** A request will not be answered: what has not arrived of it is free again. `begun` says whether its payload had begun to come. */
export function releaseBlock(part: PartInFlight, block: Block, begun: boolean): void {
  const [first, end] = unitsOf(block)
  const lost: Unit = begun ? Unit.receiving : Unit.requested
  for (let unit = first; unit < end; unit++) {
    if (part.units[unit] !== lost) continue
    part.units[unit] = Unit.free
    part.firstFree = Math.min(part.firstFree, unit)
  }
}

/** A block that was released is asked of another peer too: what is free of it is still requested. */
export function keepRequested(part: PartInFlight, block: Block): void {
  const [first, end] = unitsOf(block)
  for (let unit = first; unit < end; unit++) if (part.units[unit] === Unit.free) part.units[unit] = Unit.requested
}

function nextFree(part: PartInFlight): number {
  while (part.firstFree < part.units.length && part.units[part.firstFree] !== Unit.free) part.firstFree++
  return part.firstFree
}

function blockOf(part: PartInFlight, first: number, end: number): Block {
  const begin = first * STANDARD_BLOCK_BYTES
  return { index: part.index, begin, length: Math.min(end * STANDARD_BLOCK_BYTES, part.lengthBytes) - begin }
}

function unitsOf(block: Block): [first: number, end: number] {
  return [block.begin / STANDARD_BLOCK_BYTES, Math.ceil((block.begin + block.length) / STANDARD_BLOCK_BYTES)]
}
