import type { Random } from "../base/clock.js"
import type { Bitfield } from "../torrent/bitfield.js"
import { Bitfield as PartSet } from "../torrent/bitfield.js"
import { bytesMissing, type Lengths, partLength } from "../torrent/lengths.js"
import { type OutgoingMessage, STANDARD_BLOCK_BYTES } from "../wire/codec/messages.js"
import { AnswerPace } from "./answer-pace.js"
import type { SwarmConfig } from "./config.js"
import { ConnectionBudget } from "./connection-budget.js"
import type { Block, NewPeer, PeerKey, SwarmEffect } from "./events.js"
import type { Evidence } from "./evidence.js"
import type { Exchange } from "./exchange-state.js"
import { HandOut } from "./hand-out.js"
import type { PartBudget } from "./part-budget.js"
import type { PartInFlight } from "./part-in-flight.js"
import { PartOrder } from "./part-order.js"
import { PeerBook } from "./peer-book.js"
import { RateMeter } from "./rate-meter.js"
import type { Refusal } from "./refusals.js"

/** A block we asked a peer for. */
export interface Request {
  readonly block: Block
  /** The attempt at the part that it belongs to: what comes for an earlier one must not count for a later one. */
  readonly part: PartInFlight
  /** Its payload has begun to arrive in the part's buffer. */
  begun: boolean
  readonly askedAtMs: number
}

/** One connected peer, as the swarm sees it. */
export interface SwarmPeer {
  readonly key: PeerKey
  address: string
  readonly peerId: string
  readonly direction: "incoming" | "outgoing"
  readonly fast: boolean
  /** `address` is where it listens, not only where it called from. */
  isDialable: boolean
  /** Set when it takes part in peer exchange. */
  exchange: Exchange | undefined
  /** Largest block it serves in one request, and how many requests it takes at once. */
  blockBytes: number
  maxRequests: number
  have: Bitfield
  /** It has every part; seeds are counted in `seedCount` instead of part by part. */
  isSeed: boolean
  /** It said which parts it has, all at once, or that it has none. */
  hasToldParts: boolean
  /** How often its words had it asked for more since the last tick. */
  newsFills: number
  /** Parts it has and we lack: we are interested while this is above zero. */
  wanted: number
  /** When that was last so. */
  wantedAtMs: number
  amChoking: boolean
  amInterested: boolean
  peerChoking: boolean
  peerInterested: boolean
  readonly requests: Map<number, Request>
  requestedBytes: number
  /** Requests we cancelled that may be answered all the same. */
  readonly givenUp: Set<number>
  /** Parts in flight that are asked from it. */
  readonly parts: Set<PartInFlight>
  lastPart: number
  /** Blocks it asked for that wait, and what those cost that are being read and sent (`serve.ts`). */
  readonly uploads: Map<number, Block>
  sendingBytes: number
  sendingBlocks: number
  /** So many of its requests wait that it is not read. */
  isHeld: boolean
  readonly down: RateMeter
  readonly up: RateMeter
  readonly connectedAtMs: number
  /** When payload was last moved, either way. */
  movedAtMs: number
  /** When bytes of a block last came, or the first request of a new row went out. */
  progressAtMs: number
  /** When the first request of a row went out that has brought no byte yet, and the shortest that such a wait was so far. */
  askedAtMs: number | undefined
  responseMs: number | undefined
  /** How it answers: in a steady stream, or in bursts. */
  readonly pace: AnswerPace
  snubs: number
  snubbed: boolean
  /** Parts it may be asked for while it chokes us (BEP 6). */
  readonly allowedFast: Set<number>
  /** The other way round: parts that it could be offered, those it was, and bytes of them it has not asked for yet. */
  readonly fastParts: readonly number[]
  readonly offeredFast: Set<number>
  fastBytesLeft: number
  /** Parts of which it refused blocks while it served us: asked of it again after a wait. */
  readonly refused: Map<number, Refusal>
  /** Blocks it refused, and pauses it was given for that, since the last block that came; when the last pause ends. */
  refusedInARow: number
  pauses: number
  askAgainAtMs: number
  /** Parts it suggests to us, in order (BEP 6), and when it last suggested one. */
  readonly suggestions: number[]
  suggestedAtMs: number
  /** As a seed: parts we suggested to it that it has not asked for yet, and all that we dealt to it and it does not have yet. */
  readonly suggested: Set<number>
  readonly dealt: Set<number>
  /** When we last unchoked it, and it us. */
  unchokedAtMs: number
  unchokedUsAtMs: number
  /** Things it did that honest clients do only now and then. */
  faults: number
  /** Parts from it alone that failed their check. */
  strikes: number
}

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
  /** Parts that may be on disk, and are being hashed: nobody is asked for them. */
  readonly doubtful: Set<number>
  /** Parts we offered and can't read any more, and those of them that are not fetched again: the file is not ours to write. */
  readonly lost: Set<number>
  readonly forgone: Set<number>
  /** Connected peers that have every part; their parts are not counted one by one. */
  seedCount: number
  readonly inFlight: Map<number, PartInFlight>
  readonly history: Map<number, PartHistory>
  /** Peers that sent bytes of a part that failed with bytes of several, by address, with the number of such parts. */
  readonly suspects: Map<string, number>
  /** Those parts, the oldest first. */
  readonly unresolved: Set<number>
  readonly peers: Map<PeerKey, SwarmPeer>
  readonly connections: ConnectionBudget
  readonly book: PeerBook
  /** As a seed: which parts nobody was given yet. */
  readonly handOut: HandOut
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
  /** Parts that may be on disk: each is told of by a `partFound` in time. None by default. */
  readonly doubtful?: readonly number[]
  readonly config: SwarmConfig
  readonly random: Random
  readonly budget: PartBudget
  /** Shared with other documents; by default one of its own. */
  readonly connections?: ConnectionBudget
  readonly selfId: string
  readonly nowMs: number
}

export function createSwarmState(options: SwarmOptions): SwarmState {
  const { lengths, have, config, random, budget, connections = new ConnectionBudget(), selfId, nowMs } = options
  const order = new PartOrder(lengths.partCount, random)
  const doubtful = new Set(options.doubtful)
  for (let part = 0; part < lengths.partCount; part++) if (!have.has(part) && !doubtful.has(part)) order.add(part)
  return {
    lengths,
    config,
    random,
    budget,
    selfId,
    have: have.clone(),
    order,
    doubtful,
    lost: new Set(),
    forgone: new Set(),
    seedCount: 0,
    inFlight: new Map(),
    history: new Map(),
    suspects: new Map(),
    unresolved: new Set(),
    peers: new Map(),
    connections,
    book: new PeerBook(config, connections),
    handOut: new HandOut(lengths.partCount, random),
    paused: false,
    rechokeAtMs: nowMs + config.rechokeMs,
    turnoverAtMs: nowMs,
    down: new RateMeter(nowMs),
    up: new RateMeter(nowMs),
  }
}

export function createSwarmPeer(state: SwarmState, facts: NewPeer, nowMs: number): SwarmPeer {
  return {
    key: facts.peer,
    address: facts.address,
    peerId: facts.peerId,
    direction: facts.direction,
    fast: facts.fast,
    isDialable: facts.direction === "outgoing",
    exchange: undefined,
    blockBytes: STANDARD_BLOCK_BYTES,
    maxRequests: 250, // BEP 10's reqq default, as libtorrent documents it
    have: new PartSet(state.lengths.partCount),
    isSeed: false,
    hasToldParts: false,
    newsFills: 0,
    wanted: 0,
    wantedAtMs: nowMs,
    amChoking: true,
    amInterested: false,
    peerChoking: true,
    peerInterested: false,
    requests: new Map(),
    requestedBytes: 0,
    givenUp: new Set(),
    parts: new Set(),
    lastPart: -1,
    uploads: new Map(),
    sendingBytes: 0,
    sendingBlocks: 0,
    isHeld: false,
    down: new RateMeter(nowMs),
    up: new RateMeter(nowMs),
    connectedAtMs: nowMs,
    movedAtMs: nowMs,
    progressAtMs: nowMs,
    askedAtMs: undefined,
    responseMs: undefined,
    pace: new AnswerPace(),
    snubs: 0,
    snubbed: false,
    allowedFast: new Set(),
    fastParts: facts.fastParts ?? [],
    offeredFast: new Set(),
    fastBytesLeft: 0,
    refused: new Map(),
    refusedInARow: 0,
    pauses: 0,
    askAgainAtMs: Number.NEGATIVE_INFINITY,
    suggestions: [],
    suggestedAtMs: Number.NEGATIVE_INFINITY,
    suggested: new Set(),
    dealt: new Set(),
    unchokedAtMs: nowMs,
    unchokedUsAtMs: nowMs,
    faults: 0,
    strikes: 0,
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

/** Every part is there, but for those that were lost for good. */
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
