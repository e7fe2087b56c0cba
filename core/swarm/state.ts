import type { Random } from "../base/clock.js"
import type { Bitfield } from "../torrent/bitfield.js"
import { bytesMissing, type Lengths, partLength } from "../torrent/lengths.js"
import type { OutgoingMessage } from "../wire/codec/messages.js"
import type { SwarmConfig } from "./config.js"
import { ConnectionBudget } from "./connection-budget.js"
import type { Block, PeerKey, SwarmEffect } from "./events.js"
import type { Evidence } from "./evidence.js"
import type { PartBudget } from "./part-budget.js"
import type { PartInFlight } from "./part-in-flight.js"
import { PartOrder } from "./part-order.js"
import type { SwarmPeer } from "./peer.js"
import { PeerBook } from "./peer-book.js"
import { RateMeter } from "./rate-meter.js"
import { SuperSeeding } from "./super-seeding.js"

/** What happened to a part in earlier attempts. */
export interface PartHistory {
  retries: number
  fromOneOnly: boolean
  /** It failed its check with bytes of several peers. */
  evidence?: Evidence
}

/** The whole swarm of one document. `step` alone changes it. */
export interface SwarmState {
  readonly lengths: Lengths
  readonly config: SwarmConfig
  readonly random: Random
  readonly budget: PartBudget
  /** Our own peer id, hex: decides which of two connections between the same two peers stays. */
  readonly selfId: string
  readonly have: Bitfield
  readonly order: PartOrder
  /** Parts that may be on disk and are being hashed: they are not requested. */
  readonly doubtful: Set<number>
  /** Parts that the user wants; undefined: all. */
  wanted: Bitfield | undefined
  /** Parts we offered and can't read any more. */
  readonly lost: Set<number>
  /** Missing parts that are not fetched: not selected, or lost in a file that is not ours to write. */
  readonly forgone: Set<number>
  /** Connected peers that have every part; their parts are not counted one by one. */
  seedCount: number
  /** When the last connected peer with every part left while parts were wanted; undefined: none did. */
  seederLeftAtMs: number | undefined
  readonly inFlight: Map<number, PartInFlight>
  readonly history: Map<number, PartHistory>
  /** Peers that sent bytes of a part that failed with bytes of several, by address, with the number of such parts. */
  readonly suspects: Map<string, number>
  /** Those parts, the oldest first. */
  readonly unresolved: Set<number>
  readonly peers: Map<PeerKey, SwarmPeer>
  readonly connections: ConnectionBudget
  readonly book: PeerBook
  /** As a seed: the parts that no peer was given yet. */
  readonly superSeeding: SuperSeeding
  /** What the budget was told of far peers, see `claimFarBytes`. */
  claimedFarBytes: number
  /** For how long a peer may be asked ahead while memory for parts is short, see `memoryMs`. */
  aheadMs: number
  paused: boolean
  rechokeAtMs: number
  /** When useless peers may leave next for addresses that are not dialled for want of room. */
  turnoverAtMs: number
  /** Payload of this session, over all peers that were ever connected. */
  readonly down: RateMeter
  readonly up: RateMeter
}

export interface SwarmOptions {
  readonly lengths: Lengths
  /** Parts on disk and checked. Copied. */
  readonly have: Bitfield
  /** Parts that the user wants; all by default. */
  readonly wanted?: Bitfield | undefined
  /** Parts that may be on disk: a `partFound` event follows for each. None by default. */
  readonly doubtful?: readonly number[]
  /** True: parts that are not in `have` are not downloaded, because the files on disk are not ours to write. */
  readonly forgoMissing?: boolean
  readonly config: SwarmConfig
  readonly random: Random
  readonly budget: PartBudget
  /** Shared with other documents; by default a separate one. */
  readonly connections?: ConnectionBudget
  readonly selfId: string
  readonly nowMs: number
}

export function createSwarmState(options: SwarmOptions): SwarmState {
  const { lengths, have, wanted, config, random, budget, connections = new ConnectionBudget(), selfId, nowMs } = options
  const order = new PartOrder(lengths.partCount, random)
  const doubtful = new Set(options.doubtful)
  const forgone = new Set<number>()
  const missing = new Uint32Array(lengths.partCount)
  let missingCount = 0
  for (let part = 0; part < lengths.partCount; part++) {
    if (have.has(part)) continue
    if (wanted?.has(part) === false) forgone.add(part)
    else if (doubtful.has(part)) continue
    else if (options.forgoMissing) forgone.add(part)
    else missing[missingCount++] = part
  }
  order.fill(missing.subarray(0, missingCount))
  return {
    lengths,
    config,
    random,
    budget,
    selfId,
    have: have.clone(),
    order,
    doubtful,
    wanted,
    lost: new Set(),
    forgone,
    seedCount: 0,
    seederLeftAtMs: undefined,
    inFlight: new Map(),
    history: new Map(),
    suspects: new Map(),
    unresolved: new Set(),
    peers: new Map(),
    connections,
    book: new PeerBook(config, connections, random),
    superSeeding: new SuperSeeding(lengths.partCount, random),
    claimedFarBytes: 0,
    aheadMs: Number.POSITIVE_INFINITY,
    paused: false,
    rechokeAtMs: nowMs + config.rechokeMs,
    turnoverAtMs: nowMs,
    down: new RateMeter(nowMs),
    up: new RateMeter(nowMs),
  }
}

/** One call of `step`: the state, the time, and the effects collected so far. */
export interface Turn {
  readonly state: SwarmState
  readonly nowMs: number
  readonly effects: SwarmEffect[]
}

export function send(turn: Turn, peer: SwarmPeer, message: OutgoingMessage): void {
  turn.effects.push({ type: "send", peer: peer.key, message })
}

/** A key for a block among one peer's requests: parts have at most 2^26 bytes and 10^6 numbers, so it is exact. */
export function blockKey(block: Block): number {
  return block.index * 2 ** 26 + block.begin
}

/** True while there is anything left to fetch and fetching is wanted. */
export function isLeeching(state: SwarmState): boolean {
  return !state.paused && !isComplete(state)
}

/** Is a part missing that is to be fetched? */
export function isWanted(state: SwarmState, index: number): boolean {
  return !state.have.has(index) && !state.forgone.has(index)
}

/** Every wanted part is present, except the permanently lost ones. */
export function isComplete(state: SwarmState): boolean {
  return wantedCount(state) === 0
}

export function wantedCount({ lengths, have, forgone }: SwarmState): number {
  return lengths.partCount - have.count - forgone.size
}

/** Bytes of the parts that are to be fetched. */
export function wantedBytes(state: SwarmState): number {
  let bytes = bytesMissing(state.lengths, state.have)
  for (const index of state.forgone) bytes -= partLength(state.lengths, index)
  return bytes
}
