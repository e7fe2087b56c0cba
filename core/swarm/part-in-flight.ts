import { STANDARD_BLOCK_BYTES } from "../wire/codec/messages.js"
import type { Block, PeerKey } from "./events.js"

/** Where one 16 KiB unit of a part is; "raced" is requested of several peers. Requests cover runs of units, whatever block size was agreed with the peer. */
const Unit = { free: 0, requested: 1, receiving: 2, received: 3, raced: 4 } as const

/** A part that is being fetched or checked. */
export interface PartInFlight {
  readonly index: number
  readonly lengthBytes: number
  readonly units: Uint8Array
  /** No unit before this one is free. */
  firstFree: number
  freeUnits: number
  receivedUnits: number
  receivedBytes: number
  /** Peers it is asked from now: one, several where peers would stand idle, none when they left. */
  readonly owners: Set<PeerKey>
  /** Of units that were asked of several peers, the last one. */
  readonly racers: Map<number, PeerKey>
  /** Addresses of the peers whose bytes are in it, and for each unit received which of them sent it. */
  readonly contributors: string[]
  readonly senders: Uint16Array
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
  const unitCount = Math.ceil(lengthBytes / STANDARD_BLOCK_BYTES)
  return {
    index,
    lengthBytes,
    units: new Uint8Array(unitCount),
    firstFree: 0,
    freeUnits: unitCount,
    receivedUnits: 0,
    receivedBytes: 0,
    owners: new Set(),
    racers: new Map(),
    contributors: [],
    senders: new Uint16Array(unitCount),
    fromOneOnly,
    startedAtMs: nowMs,
    verifying: false,
  }
}

export function isFullyReceived(part: PartInFlight): boolean {
  return part.receivedUnits === part.units.length
}

/** Takes the next run of free units, at most `blockBytes` (a multiple of 16 KiB), and marks it requested. */
export function takeBlock(part: PartInFlight, blockBytes: number): Block | undefined {
  const first = nextFree(part)
  if (first === part.units.length) return undefined
  let end = first
  const limit = Math.min(part.units.length, first + blockBytes / STANDARD_BLOCK_BYTES)
  while (end < limit && part.units[end] === Unit.free) part.units[end++] = Unit.requested
  part.firstFree = end
  part.freeUnits -= end - first
  return blockOf(part, first, end)
}

/** The peer that asks for a block already requested from another peer. */
export interface Racer {
  readonly key: PeerKey
  readonly blockBytes: number
  /** Whether it is much faster than the peer that was last asked for the same block. */
  outruns(other: PeerKey): boolean
}

/**
 * The part of an already requested block that no peer has begun to send, taken from the end and marked as raced: the second peer works
 * towards the first. A third peer is asked only when it outruns the second.
 */
export function raceBlock(part: PartInFlight, owed: Block, racer: Racer): Block | undefined {
  const [from, to] = unitsOf(owed)
  const step = racer.blockBytes / STANDARD_BLOCK_BYTES
  for (let end = to; end > from; end--) {
    if (!isRaceable(part, end - 1, racer)) continue
    let first = end - 1
    while (first > from && end - first < step && isRaceable(part, first - 1, racer)) first--
    for (let unit = first; unit < end; unit++) {
      part.units[unit] = Unit.raced
      part.racers.set(unit, racer.key)
    }
    return blockOf(part, first, end)
  }
  return undefined
}

function isRaceable(part: PartInFlight, unit: number, { key, outruns }: Racer): boolean {
  if (part.units[unit] !== Unit.raced) return part.units[unit] === Unit.requested
  const other = part.racers.get(unit)
  return other !== undefined && other !== key && outruns(other)
}

/** The payload of a block begins to arrive. False when those bytes are present or on their way: they are to be discarded. */
export function beginBlock(part: PartInFlight, block: Block): boolean {
  const [first, end] = unitsOf(block)
  for (let unit = first; unit < end; unit++)
    if (part.units[unit] === Unit.receiving || part.units[unit] === Unit.received) return false
  part.units.fill(Unit.receiving, first, end)
  return true
}

/** A block that was begun is complete. `sender`: its peer's address. */
export function finishBlock(part: PartInFlight, block: Block, sender: string): void {
  const [first, end] = unitsOf(block)
  let contributor = part.contributors.indexOf(sender)
  if (contributor < 0) contributor = part.contributors.push(sender) - 1
  part.senders.fill(contributor, first, end)
  part.units.fill(Unit.received, first, end)
  part.receivedUnits += end - first
  part.receivedBytes += block.length
}

/** A request will not be answered: its missing bytes are free again. `begun`: its payload had begun to arrive. */
export function releaseBlock(part: PartInFlight, block: Block, begun: boolean): void {
  const [first, end] = unitsOf(block)
  for (let unit = first; unit < end; unit++) {
    const state = part.units[unit]
    if (begun ? state !== Unit.receiving : state !== Unit.requested && state !== Unit.raced) continue
    part.units[unit] = Unit.free
    part.freeUnits++
    part.firstFree = Math.min(part.firstFree, unit)
  }
}

/** A released block is still requested from another peer: its free bytes stay marked as requested. */
export function keepRequested(part: PartInFlight, block: Block): void {
  const [first, end] = unitsOf(block)
  for (let unit = first; unit < end; unit++) {
    if (part.units[unit] !== Unit.free) continue
    part.units[unit] = Unit.requested
    part.freeUnits--
  }
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
