import {
  admitBlock,
  type Block,
  type ConnectionBudget,
  createSwarmState,
  defaultSwarmConfig,
  PartBudget,
  type PeerKey,
  type SwarmConfig,
  type SwarmEffect,
  type SwarmEvent,
  type SwarmPeer,
  type SwarmState,
  step,
} from "../swarm/index.js"
import { Bitfield } from "../torrent/bitfield.js"
import { createLengths } from "../torrent/lengths.js"
import { TICK_MS } from "../transfer/heartbeat.js"
import { type OutgoingMessage, type PeerMessage, STANDARD_BLOCK_BYTES } from "../wire/codec/messages.js"
import { seededRandom } from "./seeded-random.js"

export interface BenchOptions {
  /** Default 8 parts of 64 KiB: four standard blocks each. */
  readonly partCount?: number
  readonly partSizeBytes?: number
  /** Bytes by which the last part is shorter. */
  readonly lastPartLacksBytes?: number
  /** Parts we have at the start, 0-based. */
  readonly have?: "all" | readonly number[]
  /** Parts that may be on disk. */
  readonly doubtful?: readonly number[]
  /** Parts that are wanted at the start; all by default. */
  readonly wanted?: readonly number[]
  readonly config?: Partial<SwarmConfig>
  readonly budgetBytes?: number
  /** Shared with other benches. */
  readonly connections?: ConnectionBudget
  readonly seed?: number
}

export interface ScriptedPeerOptions {
  /** "host:port"; by default one that no other scripted peer has. */
  readonly address?: string
  /** 40 hex digits; by default one that no other scripted peer has. */
  readonly peerId?: string
  readonly direction?: "incoming" | "outgoing"
  /** True by default. */
  readonly isOwnKind?: boolean
  /** False by default. */
  readonly isTrusted?: boolean
  readonly fast?: boolean
  readonly fastParts?: readonly number[]
  readonly blockBytes?: number
  readonly maxRequests?: number
  readonly listenAddress?: string
  /** The parts that it sends right after the handshake; no message by default. */
  readonly has?: "all" | readonly number[]
  /** It serves us from the start. */
  readonly unchokes?: boolean
  /** It wants to be served. */
  readonly interested?: boolean
}

/** Our own peer id on the bench: in the middle of all ids, so that a twin may be above or below it. */
export const BENCH_SELF_ID = "8".repeat(40)

/**
 * One swarm state on a test bench: scripted peers instead of sockets, explicit time, and every effect kept. The bench sends no
 * answers; a test states each peer's messages and each result of the disk.
 */
export class SwarmBench {
  readonly state: SwarmState
  readonly budget: PartBudget
  /** Every effect since the start. */
  readonly effects: SwarmEffect[] = []
  readonly peers: ScriptedPeer[] = []
  nowMs = 0

  constructor(options: BenchOptions = {}) {
    const { partCount = 8, partSizeBytes = 4 * STANDARD_BLOCK_BYTES, lastPartLacksBytes = 0, have = [] } = options
    this.budget = new PartBudget(options.budgetBytes ?? 64 * 1024 * 1024)
    this.state = createSwarmState({
      lengths: createLengths(partCount * partSizeBytes - lastPartLacksBytes, partSizeBytes),
      have: partSet(partCount, have),
      doubtful: options.doubtful ?? [],
      wanted: options.wanted && partSet(partCount, options.wanted),
      config: { ...defaultSwarmConfig, ...options.config },
      random: seededRandom(options.seed ?? 1),
      budget: this.budget,
      ...(options.connections && { connections: options.connections }),
      selfId: BENCH_SELF_ID,
      nowMs: this.nowMs,
    })
  }

  /** Brings an event in; returns the effects of this event alone. */
  handle(event: SwarmEvent): SwarmEffect[] {
    const effects = step(this.state, event, this.nowMs)
    this.effects.push(...effects)
    for (const peer of this.peers) peer.note(effects)
    return effects
  }

  /** A peer sends its handshake, its extension handshake, and its parts. */
  connect(options: ScriptedPeerOptions = {}): ScriptedPeer {
    const key = this.peers.length
    const peer = new ScriptedPeer(this, key, options.address ?? `10.0.0.${key + 1}:7000`)
    this.peers.push(peer)
    this.handle({
      type: "peerConnected",
      peer: key,
      address: peer.address,
      peerId: options.peerId ?? (key + 1).toString(16).padStart(40, "0"),
      direction: options.direction ?? "outgoing",
      isOwnKind: options.isOwnKind ?? true,
      isTrusted: options.isTrusted ?? false,
      fast: options.fast ?? true,
      fastParts: options.fastParts ?? [],
    })
    this.handle({
      type: "peerExtended",
      peer: key,
      blockBytes: options.blockBytes ?? STANDARD_BLOCK_BYTES,
      maxRequests: options.maxRequests ?? 500,
      listenAddress: options.listenAddress,
    })
    if (options.has !== undefined)
      peer.says({ type: "bitfield", bitfield: partSet(this.state.lengths.partCount, options.has) })
    if (options.unchokes === true) peer.says({ type: "unchoke" })
    if (options.interested === true) peer.says({ type: "interested" })
    return peer
  }

  /** The disk's answer for a part. */
  checked(index: number, outcome: "stored" | "mismatch" | "failed" = "stored"): SwarmEffect[] {
    return this.handle({ type: "partChecked", index, outcome })
  }

  /** Lets time go by, tick by tick. */
  pass(ms: number): void {
    const untilMs = this.nowMs + ms
    while (this.nowMs < untilMs) {
      this.nowMs = Math.min(untilMs, this.nowMs + TICK_MS)
      this.handle({ type: "tick" })
    }
  }

  /** Effects of one type since the start. */
  all<T extends SwarmEffect["type"]>(type: T): Extract<SwarmEffect, { readonly type: T }>[] {
    return this.effects.filter((effect): effect is Extract<SwarmEffect, { readonly type: T }> => effect.type === type)
  }

  /** Parts passed to the disk to be checked, in order. */
  get checks(): number[] {
    return this.all("checkPart").map(({ index }) => index)
  }
}

/** A peer whose every move the test decides. */
export class ScriptedPeer {
  readonly key: PeerKey
  readonly address: string
  /** Everything it was sent. */
  readonly heard: OutgoingMessage[] = []
  /** Blocks requested from it that were neither sent nor cancelled, in order. */
  readonly asked: Block[] = []
  /** The code with which we closed its connection. */
  closedFor: string | undefined
  readonly #bench: SwarmBench

  constructor(bench: SwarmBench, key: PeerKey, address: string) {
    this.#bench = bench
    this.key = key
    this.address = address
  }

  /** How the swarm sees it; throws when it is not connected (any more). */
  get seen(): SwarmPeer {
    const peer = this.#bench.state.peers.get(this.key)
    if (peer === undefined) throw new Error(`peer ${this.key} is not connected`)
    return peer
  }

  get isConnected(): boolean {
    return this.#bench.state.peers.has(this.key)
  }

  /** Parts requested from it, each once, in order. */
  get askedParts(): number[] {
    return [...new Set(this.asked.map(({ index }) => index))]
  }

  says(message: PeerMessage): SwarmEffect[] {
    return this.#bench.handle({ type: "message", peer: this.key, message })
  }

  asksFor(index: number, begin = 0, length = STANDARD_BLOCK_BYTES): SwarmEffect[] {
    return this.says({ type: "request", index, begin, length })
  }

  /** Begins to send a block: its header has arrived. False when its bytes will be thrown away. */
  begins(block: Block): boolean {
    return admitBlock(this.#bench.state, this.key, block)
  }

  /** The rest of a block that was begun. */
  finishes(block: Block): SwarmEffect[] {
    this.#forget(block)
    this.#bench.handle({ type: "bytesReceived", peer: this.key, byteCount: block.length })
    return this.says({ type: "piece", ...block })
  }

  /** Sends a whole block. False when its bytes were thrown away. */
  sends(block: Block): boolean {
    const admitted = this.begins(block)
    this.finishes(block)
    return admitted
  }

  /** Sends `count` requested blocks, or all that are and will be requested (the disk does not answer meanwhile). */
  sendsAsked(count = Number.POSITIVE_INFINITY): void {
    for (let left = count; left > 0; left--) {
      const [next] = this.asked
      if (next === undefined) return
      this.sends(next)
    }
  }

  /** Sends every block it is asked for of one part. */
  sendsPart(index: number): void {
    for (const block of this.asked.filter((each) => each.index === index)) this.sends(block)
  }

  /** A block we gave out is on its way, or could not be read. */
  gets(block: Block, ok = true): SwarmEffect[] {
    return this.#bench.handle({ type: "blockSent", peer: this.key, ...block, ok })
  }

  leaves(why = "it left"): SwarmEffect[] {
    this.asked.length = 0
    return this.#bench.handle({ type: "peerClosed", peer: this.key, code: "ended", why })
  }

  /** The messages of one type that the peer has received. */
  received<T extends OutgoingMessage["type"]>(type: T): Extract<OutgoingMessage, { readonly type: T }>[] {
    return this.heard.filter((each): each is Extract<OutgoingMessage, { readonly type: T }> => each.type === type)
  }

  /** Blocks that are being read for it. */
  get served(): Block[] {
    return this.#bench
      .all("sendBlock")
      .filter(({ peer }) => peer === this.key)
      .map(({ index, begin, length }) => ({ index, begin, length }))
  }

  /** Keeps what concerns it. The bench calls this. */
  note(effects: readonly SwarmEffect[]): void {
    for (const effect of effects) {
      if (effect.type === "close" && effect.peer === this.key) this.closedFor ??= effect.code
      if (effect.type !== "send" || effect.peer !== this.key) continue
      const { message } = effect
      this.heard.push(message)
      if (message.type === "request") {
        const { index, begin, length } = message
        this.asked.push({ index, begin, length })
      } else if (message.type === "cancel") this.#forget(message)
    }
  }

  #forget({ index, begin }: Block): void {
    const at = this.asked.findIndex((each) => each.index === index && each.begin === begin)
    if (at >= 0) this.asked.splice(at, 1)
  }
}

function partSet(partCount: number, parts: "all" | readonly number[]): Bitfield {
  if (parts === "all") return Bitfield.full(partCount)
  const set = new Bitfield(partCount)
  for (const part of parts) set.add(part)
  return set
}
