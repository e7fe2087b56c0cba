import type { Random } from "../clock.js"
import {
  admitBlock,
  type Block,
  createSwarmState,
  defaultSwarmConfig,
  PartBudget,
  type SwarmConfig,
  type SwarmEffect,
  type SwarmEvent,
  type SwarmState,
  step,
} from "../swarm/index.js"
import { Bitfield } from "../torrent/bitfield.js"
import { createLengths, type Lengths } from "../torrent/lengths.js"
import { LARGE_BLOCK_BYTES, type PeerMessage } from "../wire/messages.js"
import { EventQueue } from "./event-queue.js"
import { seededRandom } from "./seeded-random.js"

/** One machine in the simulation. Rates are bytes per second, each way; a node's sends share its uplink in turn. */
export interface NodeOptions {
  readonly upBytesPerSecond: number
  readonly downBytesPerSecond: number
  readonly seed?: boolean
  /** What it does wrong: sends bytes that fail their check, or claims every part and never sends one. */
  readonly fault?: "lies" | "silent"
  readonly config?: Partial<SwarmConfig>
}

export interface SimulationOptions {
  readonly seed: number
  readonly sizeBytes: number
  readonly partSizeBytes: number
  readonly latencyMs?: number
  /** Peers the tracker names at a time, and how often it is asked. */
  readonly peersPerAnswer?: number
  readonly announceMs?: number
}

interface Link {
  readonly far: SimulatedNode
  readonly farKey: number
  /** One way. */
  readonly latencyMs: number
}

/** Links differ, else everything would happen everywhere at once: from half the latency to one and a half, in so many steps. */
const LATENCY_STEPS = 8

/** A swarm of many state machines in one process, in virtual time: the very `step` that runs in the client. */
export class SimulatedSwarm {
  readonly queue = new EventQueue()
  readonly random: Random
  readonly lengths: Lengths
  readonly nodes: SimulatedNode[] = []
  readonly options: Required<SimulationOptions>

  constructor(options: SimulationOptions) {
    this.options = { latencyMs: 20, peersPerAnswer: 50, announceMs: 30_000, ...options }
    this.random = seededRandom(options.seed)
    this.lengths = createLengths(options.sizeBytes, options.partSizeBytes)
  }

  /** Adds a node that joins now. */
  join(options: NodeOptions): SimulatedNode {
    const node = new SimulatedNode(this, this.nodes.length, options)
    this.nodes.push(node)
    node.announce()
    node.tick()
    return node
  }

  /** Runs until `isOver` or until `limitMs` of virtual time; true when it was over in time. */
  run(isOver: () => boolean, limitMs: number): boolean {
    while (!isOver()) {
      if (this.queue.nowMs > limitMs || !this.queue.runNext()) return false
    }
    return true
  }

  /** Every node that is to get the file and is still there has it. */
  isEveryoneDone(): boolean {
    return this.nodes.every((node) => node.gone || node.options.fault !== undefined || node.state.have.isFull)
  }

  find(address: string): SimulatedNode | undefined {
    return this.nodes[Number(address)]
  }
}

export class SimulatedNode {
  readonly options: NodeOptions
  readonly address: string
  readonly state: SwarmState
  gone = false
  doneAtMs: number | undefined
  /** Payload bytes it has put on its uplink. */
  sentBytes = 0
  readonly notes: string[] = []
  readonly #swarm: SimulatedSwarm
  readonly #links = new Map<number, Link>()
  /** Parts in flight that hold a liar's bytes. */
  readonly #tainted = new Set<number>()
  #nextKey = 0
  #uplinkFreeAtMs = 0
  #downlinkFreeAtMs = 0

  constructor(swarm: SimulatedSwarm, id: number, options: NodeOptions) {
    this.#swarm = swarm
    this.options = options
    this.address = String(id)
    const { partCount } = swarm.lengths
    this.state = createSwarmState({
      lengths: swarm.lengths,
      have: options.seed === true || options.fault !== undefined ? Bitfield.full(partCount) : new Bitfield(partCount),
      config: { ...defaultSwarmConfig, ...options.config },
      random: swarm.random,
      budget: new PartBudget(64 * 1024 * 1024),
      selfId: idOf(id),
      nowMs: swarm.queue.nowMs,
    })
    if (this.state.have.isFull) this.doneAtMs = swarm.queue.nowMs
  }

  /** Asks the tracker: a random sample of everybody that is there. */
  announce(): void {
    if (this.gone) return
    const others = this.#swarm.nodes.filter((node) => node !== this && !node.gone)
    const wanted = this.#swarm.options.peersPerAnswer
    const addresses: string[] = []
    while (addresses.length < wanted && others.length > 0) {
      const [picked] = others.splice(Math.floor(this.#swarm.random() * others.length), 1)
      if (picked !== undefined) addresses.push(picked.address)
    }
    this.handle({ type: "peersFound", addresses, source: "tracker" })
    this.#swarm.queue.after(this.#swarm.options.announceMs, () => this.announce())
  }

  tick(): void {
    if (this.gone) return
    this.handle({ type: "tick" })
    this.#swarm.queue.after(250, () => this.tick())
  }

  /** Leaves at once: every connection breaks. */
  leave(): void {
    this.gone = true
    for (const [key, link] of this.#links) this.#break(key, link, "it left")
  }

  handle(event: SwarmEvent): void {
    if (this.gone) return
    for (const effect of step(this.state, event, this.#swarm.queue.nowMs)) this.#carryOut(effect)
  }

  #carryOut(effect: SwarmEffect): void {
    switch (effect.type) {
      case "send":
        return this.#deliver(effect.peer, { type: "message", message: effect.message })
      case "sendBlock":
        return this.#sendBlock(effect.peer, effect)
      case "checkPart":
        return this.#check(effect.index)
      case "dial":
        return this.#dial(effect.address)
      case "close": {
        const link = this.#links.get(effect.peer)
        if (link !== undefined) this.#break(effect.peer, link, effect.why)
        return
      }
      case "completed":
        this.doneAtMs = this.#swarm.queue.nowMs
        return
      case "note":
        this.notes.push(effect.name)
        return
      case "openPart":
      case "dropPart":
        this.#tainted.delete(effect.index)
    }
  }

  #check(index: number): void {
    const outcome = this.#tainted.has(index) ? "mismatch" : "stored"
    this.#swarm.queue.after(1, () => this.handle({ type: "partChecked", index, outcome }))
  }

  #dial(address: string): void {
    const far = this.#swarm.find(address)
    this.#swarm.queue.after(2 * this.#swarm.options.latencyMs, () => {
      if (far === undefined || far.gone) this.handle({ type: "dialFailed", address, why: "not there" })
      else if (!this.gone) this.#connect(far)
    })
  }

  #connect(far: SimulatedNode): void {
    const key = this.#nextKey++
    const farKey = far.#nextKey++
    const step = Math.floor(this.#swarm.random() * (LATENCY_STEPS + 1)) / LATENCY_STEPS
    const latencyMs = this.#swarm.options.latencyMs * (0.5 + step)
    this.#links.set(key, { far, farKey, latencyMs })
    far.#links.set(farKey, { far: this, farKey: key, latencyMs })
    far.#greet(farKey, this, "incoming")
    this.#greet(key, far, "outgoing")
  }

  #greet(peer: number, far: SimulatedNode, direction: "incoming" | "outgoing"): void {
    const { address } = far
    this.handle({ type: "peerConnected", peer, address, peerId: idOf(Number(address)), direction, fast: true })
    this.handle({ type: "peerExtended", peer, blockBytes: LARGE_BLOCK_BYTES, maxRequests: 500, listenAddress: address })
  }

  #break(key: number, link: Link, why: string): void {
    this.#links.delete(key)
    this.handle({ type: "peerClosed", peer: key, why })
    this.#swarm.queue.after(link.latencyMs, () => {
      if (!link.far.#links.delete(link.farKey)) return
      link.far.handle({ type: "peerClosed", peer: link.farKey, why: "closed by the other side" })
    })
  }

  #deliver(key: number, event: { readonly type: "message"; readonly message: PeerMessage }): void {
    const link = this.#links.get(key)
    if (link === undefined) return
    this.#swarm.queue.after(link.latencyMs, () => link.far.handle({ ...event, peer: link.farKey }))
  }

  /** The block takes its turn on our uplink, the way, and its turn on the far downlink. */
  #sendBlock(key: number, block: Block): void {
    if (this.options.fault === "silent") return
    const { queue } = this.#swarm
    const sentAtMs = Math.max(queue.nowMs, this.#uplinkFreeAtMs) + millis(block.length, this.options.upBytesPerSecond)
    this.#uplinkFreeAtMs = sentAtMs
    queue.at(sentAtMs, () => {
      const link = this.#links.get(key)
      this.handle({
        type: "blockSent",
        peer: key,
        index: block.index,
        begin: block.begin,
        length: block.length,
        ok: true,
      })
      if (link === undefined || this.gone) return
      this.sentBytes += block.length
      queue.after(link.latencyMs, () => link.far.#receive(link.farKey, block, this.options.fault === "lies"))
    })
  }

  #receive(key: number, block: Block, bad: boolean): void {
    const { queue } = this.#swarm
    const { index, begin, length } = block
    const doneAtMs = Math.max(queue.nowMs, this.#downlinkFreeAtMs) + millis(length, this.options.downBytesPerSecond)
    this.#downlinkFreeAtMs = doneAtMs
    if (!this.#links.has(key)) return
    if (admitBlock(this.state, key, block) && bad) this.#tainted.add(index)
    queue.at(doneAtMs, () => {
      if (!this.#links.has(key)) return
      this.handle({ type: "bytesReceived", peer: key, byteCount: length })
      this.handle({ type: "message", peer: key, message: { type: "piece", index, begin, length } })
    })
  }
}

function millis(bytes: number, bytesPerSecond: number): number {
  return (bytes * 1_000) / bytesPerSecond
}

function idOf(id: number): string {
  return id.toString(16).padStart(40, "0")
}
