import {
  admitBlock,
  type Block,
  createSwarmState,
  defaultSwarmConfig,
  needsUnitDigests,
  PartBudget,
  type SwarmConfig,
  type SwarmEffect,
  type SwarmEvent,
  type SwarmState,
  step,
} from "../swarm/index.js"
import { Bitfield } from "../torrent/bitfield.js"
import { LARGE_BLOCK_BYTES, type PeerMessage } from "../wire/codec/messages.js"
import type { SimulatedSwarm } from "./simulated-swarm.js"
import { bytesOf, millis, SimulatedSocket, SimulatedUplink, type Stretch } from "./simulated-uplink.js"
import { Taint } from "./taint.js"

/** One machine in the simulation. Rates are bytes per second, each way; its connections share them. */
export interface NodeOptions {
  readonly upBytesPerSecond: number
  readonly downBytesPerSecond: number
  readonly seed?: boolean
  /** Parts that it lacks although it is a seed. */
  readonly lacks?: readonly number[]
  /** What it does wrong: sends bytes that fail their check, or claims every part and never sends one. */
  readonly fault?: "lies" | "silent"
  readonly config?: Partial<SwarmConfig>
  /** Of parts in flight; 64 MiB by default. */
  readonly budgetBytes?: number
}

/** One end of a connection: the other end, and what goes out to it. */
interface Link {
  readonly far: SimulatedNode
  readonly farKey: number
  readonly out: SimulatedSocket
}

/** What leaves at the same moment with the same way to go arrives together. */
type Departures = { readonly link: Link; readonly stretches: readonly Stretch[] }[]

/** Links differ, else everything would happen everywhere at once: from half the latency to one and a half, in so many steps. */
const LATENCY_STEPS = 8

/** So often the client lets time go by (core/client/open-client.ts), and so long a `have` waits for company (core/wire/connection/outbox.ts). */
const TICK_MS = 250
const HAVE_DELAY_MS = 20

/** Carries out what the state machine of one machine decides, on simulated links. */
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
  readonly #linkOf = new Map<SimulatedSocket, number>()
  readonly #uplink: SimulatedUplink
  readonly #taint: Taint
  readonly #events: SwarmEvent[] = []
  /** By latency. */
  readonly #leaving = new Map<number, Departures>()
  readonly #holding = new Set<Link>()
  #isRunning = false
  #nextKey = 0
  #downlinkFreeAtMs = 0

  constructor(swarm: SimulatedSwarm, id: number, options: NodeOptions) {
    this.#swarm = swarm
    this.options = options
    this.address = String(id)
    this.#taint = new Taint(swarm.lengths)
    this.#uplink = new SimulatedUplink(swarm.queue, options.upBytesPerSecond, (socket, stretches) =>
      this.#onSent(socket, stretches),
    )
    this.state = createSwarmState({
      lengths: swarm.lengths,
      have: partsAtFirst(swarm.lengths.partCount, options),
      config: { ...defaultSwarmConfig, ...options.config },
      random: swarm.random,
      budget: new PartBudget(options.budgetBytes ?? 64 * 1024 * 1024),
      selfId: idOf(id),
      nowMs: swarm.queue.nowMs,
    })
    if (this.state.have.isFull) this.doneAtMs = swarm.queue.nowMs
  }

  /** Joins: asks the tracker, and from some moment on lets time go by. */
  start(): void {
    this.announce()
    this.#swarm.queue.at(this.#swarm.queue.nowMs + TICK_MS * this.#swarm.random(), () => this.#tick())
  }

  /** Asks the tracker: a random sample of everybody that is there. */
  announce(): void {
    if (this.gone) return
    this.handle({ type: "peersFound", addresses: this.#swarm.addressesFor(this), source: "tracker" })
    this.#swarm.queue.after(this.#swarm.options.announceMs, () => this.announce())
  }

  /** Leaves at once: every connection breaks. */
  leave(): void {
    this.gone = true
    for (const [key, link] of this.#links) this.#break(key, link, { code: "left", why: "it left" })
  }

  /** Brings an event in. Effects may lead to further events, which wait for their turn, as they do in the client. */
  handle(event: SwarmEvent): void {
    this.#events.push(event)
    if (this.#isRunning) return
    this.#isRunning = true
    for (let at = 0; at < this.#events.length; at++) {
      const next = this.#events[at]
      if (next === undefined || this.gone) continue
      for (const effect of step(this.state, next, this.#swarm.queue.nowMs)) this.#carryOut(effect)
    }
    this.#events.length = 0
    this.#isRunning = false
    this.#leaving.clear()
  }

  #tick(): void {
    if (this.gone) return
    this.handle({ type: "tick" })
    this.#swarm.queue.after(TICK_MS, () => this.#tick())
  }

  #carryOut(effect: SwarmEffect): void {
    switch (effect.type) {
      case "send":
        return this.#send(effect.peer, effect.message)
      case "sendBlock":
        return this.#sendBlock(effect.peer, effect)
      case "checkPart":
        return this.#check(effect.index)
      case "dial":
        return this.#dial(effect.address)
      case "close": {
        const link = this.#links.get(effect.peer)
        if (link !== undefined) this.#break(effect.peer, link, effect)
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
        this.#taint.clear(effect.index)
    }
  }

  #check(index: number): void {
    const outcome = this.#taint.outcomeOf(index)
    const unitDigests = needsUnitDigests(this.state, index, outcome) ? this.#taint.unitDigests(index) : undefined
    this.#swarm.queue.after(1, () => this.handle({ type: "partChecked", index, outcome, unitDigests }))
  }

  #dial(address: string): void {
    const far = this.#swarm.find(address)
    this.#swarm.queue.after(2 * this.#swarm.options.latencyMs, () => {
      if (far === undefined || far.gone) this.handle({ type: "dialFailed", address, code: "refused", why: "not there" })
      else if (!this.gone) this.#connect(far)
    })
  }

  #connect(far: SimulatedNode): void {
    const key = this.#nextKey++
    const farKey = far.#nextKey++
    const step = Math.floor(this.#swarm.random() * (LATENCY_STEPS + 1)) / LATENCY_STEPS
    const latencyMs = this.#swarm.options.latencyMs * (0.5 + step)
    this.#link(key, { far, farKey, out: new SimulatedSocket(latencyMs) })
    far.#link(farKey, { far: this, farKey: key, out: new SimulatedSocket(latencyMs) })
    far.#greet(farKey, this, "incoming")
    this.#greet(key, far, "outgoing")
  }

  #link(key: number, link: Link): void {
    this.#links.set(key, link)
    this.#linkOf.set(link.out, key)
  }

  #greet(peer: number, far: SimulatedNode, direction: "incoming" | "outgoing"): void {
    const { address } = far
    const peerId = idOf(Number(address))
    this.handle({ type: "peerConnected", peer, address, peerId, direction, isOwnKind: true, fast: true })
    this.handle({ type: "peerExtended", peer, blockBytes: LARGE_BLOCK_BYTES, maxRequests: 500, listenAddress: address })
  }

  #break(key: number, link: Link, { code, why }: { readonly code: string; readonly why: string }): void {
    this.#unlink(key, link)
    this.handle({ type: "peerClosed", peer: key, code, why })
    this.#swarm.queue.after(link.out.latencyMs, () => {
      const { far, farKey } = link
      const back = far.#links.get(farKey)
      if (back === undefined) return
      far.#unlink(farKey, back)
      far.handle({ type: "peerClosed", peer: farKey, code: "ended", why: "closed by the other side" })
    })
  }

  #unlink(key: number, link: Link): void {
    this.#links.delete(key)
    this.#linkOf.delete(link.out)
    this.#holding.delete(link)
    link.out.isClosed = true
  }

  #send(key: number, message: PeerMessage): void {
    const link = this.#links.get(key)
    if (link === undefined) return
    if (message.type !== "have") {
      this.#release(link)
      return this.#write(link, message)
    }
    if (this.#holding.size === 0) this.#swarm.queue.after(HAVE_DELAY_MS, () => this.#releaseAll())
    this.#holding.add(link)
    link.out.held.push(message)
  }

  #releaseAll(): void {
    for (const link of this.#holding) this.#release(link)
    this.#leaving.clear()
  }

  #release(link: Link): void {
    if (!this.#holding.delete(link)) return
    for (const message of link.out.held.splice(0)) this.#write(link, message)
  }

  #write(link: Link, message: PeerMessage): void {
    if (link.out.isSending) link.out.write(message)
    else this.#depart(link, [{ type: "message", message }])
  }

  #sendBlock(key: number, { index, begin, length }: Block): void {
    const link = this.#links.get(key)
    if (link === undefined || this.options.fault === "silent") return
    this.#release(link)
    link.out.writeBlock({ index, begin, length })
    this.#noteTaken(key, link.out)
    this.#uplink.offer(link.out)
  }

  #noteTaken(peer: number, socket: SimulatedSocket): void {
    for (const block of socket.takeTaken()) this.handle({ type: "blockSent", peer, ...block, ok: true })
  }

  #onSent(socket: SimulatedSocket, stretches: readonly Stretch[]): void {
    const key = this.#linkOf.get(socket)
    const link = key === undefined ? undefined : this.#links.get(key)
    if (key === undefined || link === undefined) return
    this.sentBytes += bytesOf(stretches)
    this.#depart(link, stretches)
    this.#leaving.clear()
    this.#noteTaken(key, socket)
  }

  #depart(link: Link, stretches: readonly Stretch[]): void {
    const { latencyMs } = link.out
    const leaving = this.#leaving.get(latencyMs)
    if (leaving !== undefined) {
      leaving.push({ link, stretches })
      return
    }
    const departures: Departures = [{ link, stretches }]
    this.#leaving.set(latencyMs, departures)
    const isLying = this.options.fault === "lies"
    this.#swarm.queue.after(latencyMs, () => {
      for (const each of departures) each.link.far.#arrive(each.link, each.stretches, isLying)
    })
  }

  /** Bytes take their turn on the downlink; messages too, when bytes of the same connection are before them. */
  #arrive(link: Link, stretches: readonly Stretch[], isLying: boolean): void {
    const { queue } = this.#swarm
    const { out: socket, farKey: key } = link
    const byteCount = bytesOf(stretches)
    if (byteCount === 0 && socket.landing === 0) return this.#receive(key, stretches, isLying)
    if (byteCount > 0) {
      const fromMs = Math.max(queue.nowMs, this.#downlinkFreeAtMs)
      this.#downlinkFreeAtMs = fromMs + millis(byteCount, this.options.downBytesPerSecond)
      socket.landedAtMs = this.#downlinkFreeAtMs
    }
    socket.landing++
    queue.at(socket.landedAtMs, () => {
      socket.landing--
      this.#receive(key, stretches, isLying)
    })
  }

  #receive(peer: number, stretches: readonly Stretch[], isLying: boolean): void {
    for (const stretch of stretches) {
      if (!this.#links.has(peer)) return
      if (stretch.type === "message") {
        this.handle({ type: "message", peer, message: stretch.message })
        continue
      }
      const { block, byteCount, begins, ends } = stretch
      if (begins && admitBlock(this.state, peer, block)) this.#taint.write(block, isLying)
      this.handle({ type: "bytesReceived", peer, byteCount })
      if (ends) this.handle({ type: "message", peer, message: { type: "piece", ...block } })
    }
  }
}

function partsAtFirst(partCount: number, { seed, fault, lacks = [] }: NodeOptions): Bitfield {
  if (seed !== true && fault === undefined) return new Bitfield(partCount)
  const have = Bitfield.full(partCount)
  for (const part of lacks) have.remove(part)
  return have
}

/** A node's peer id, 40 hex digits. */
function idOf(id: number): string {
  return id.toString(16).padStart(40, "0")
}
