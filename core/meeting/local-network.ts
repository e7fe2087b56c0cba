import { formatHostPort, parseHost } from "../address/host.js"
import { isStrangersPort } from "../address/strangers-port.js"
import type { EventListener } from "../api/events.js"
import type { Clock, Random } from "../base/clock.js"
import { Allowance } from "./allowance.js"
import { interfaceKey, isNeighbour, type LanInterface } from "./lan-interfaces.js"
import { encodeLanMessage, LAN_GROUP4, LAN_GROUP6, MAX_NAMES_SENT, parseLanMessage } from "./lan-message.js"
import type { LanNetwork, LanPorts } from "./lan-network.js"
import { ReceiveLimit } from "./lan-receive-limit.js"
import type { MeetingMember, MeetingPlace } from "./meeting.js"

export interface LocalNetworkOptions {
  readonly network: LanNetwork
  /** What this client listens on for peers. */
  readonly listeningHost: string
  readonly listeningPort: number
  /** By which we know our own datagrams; new for every run. */
  readonly cookie: string
  readonly clock: Clock
  readonly random: Random
  readonly onEvent: EventListener
}

/**
 * Announces of a document that lacks parts: at once, twice more in case a datagram was lost, and then at BEP 14's interval while it does. One
 * that lacks nothing is announced when it starts, once more in case that was lost, and then never: it hears of those that look for it.
 */
const WANTING_AGAIN_MS: readonly number[] = [4_000, 30_000]
const INTERVAL_MS = 300_000
const FINISHED_AGAIN_MS: readonly number[] = [4_000]

/** Spread of the interval, either way. */
const JITTER = 0.1

/**
 * Datagrams that are sent on each interface at once, and then a second: of documents that lack parts, and of finished ones. Our choice: a start
 * with a thousand documents is no burst, and keeps no download waiting.
 */
const WANTING_BURST = 16
const WANTING_PER_SECOND = 0.5
const FINISHED_BURST = 8
const FINISHED_PER_SECOND = 0.25

/** Between two looks at the interfaces of this machine, and after something failed on one. Our choice. */
const LOOK_MS = 15_000
const LOOK_AGAIN_MS = 5_000

/** Waits this long for more documents, so that several share a datagram, ms. */
const GATHER_MS = 50

interface Announced {
  readonly member: MeetingMember
  /** Hex. */
  readonly name: string
  dueAtMs: number
  sentCount: number
}

/** Finds peers on the local network (BEP 14), and lets them find us. Silent while no document lacks parts and none was added. */
export class LocalNetwork implements MeetingPlace {
  readonly #options: LocalNetworkOptions
  readonly #members = new Set<Announced>()
  /** By name: two documents of the same content may have the same. */
  readonly #named = new Map<string, readonly Announced[]>()
  readonly #wantingPace: Allowance
  readonly #finishedPace: Allowance
  readonly #received: ReceiveLimit
  #interfaces: readonly LanInterface[] = []
  #ports: LanPorts | undefined
  #stopSending: () => void = () => undefined
  #stopLooking: () => void = () => undefined
  #isStale = false
  #saidProblem = false
  #closed = false

  constructor(options: LocalNetworkOptions) {
    this.#options = options
    const nowMs = options.clock.now()
    this.#wantingPace = new Allowance(WANTING_BURST, WANTING_PER_SECOND, nowMs)
    this.#finishedPace = new Allowance(FINISHED_BURST, FINISHED_PER_SECOND, nowMs)
    this.#received = new ReceiveLimit(nowMs)
  }

  join(member: MeetingMember): () => void {
    if (member.localName === undefined || this.#closed) return () => undefined
    const name = Buffer.from(member.localName).toString("hex")
    const announced = { member, name, dueAtMs: this.#options.clock.now() + GATHER_MS, sentCount: 0 }
    this.#members.add(announced)
    this.#named.set(name, [...(this.#named.get(name) ?? []), announced])
    if (this.#ports === undefined) this.#look()
    this.#arm()
    return () => this.#leave(announced)
  }

  close(): void {
    this.#closed = true
    this.#members.clear()
    this.#named.clear()
    this.#closePorts()
  }

  #leave(announced: Announced): void {
    if (!this.#members.delete(announced)) return
    const others = (this.#named.get(announced.name) ?? []).filter((each) => each !== announced)
    if (others.length > 0) this.#named.set(announced.name, others)
    else this.#named.delete(announced.name)
    if (this.#members.size === 0) this.#closePorts()
  }

  /** Follows the interfaces that came and went. */
  #look(): void {
    const { network, listeningHost, clock } = this.#options
    if (this.#isStale) this.#dropPorts()
    this.#isStale = false
    this.#ports ??= network.open({
      onDatagram: (bytes, host) => this.#onDatagram(bytes, host),
      onProblem: (message) => this.#onProblem(message),
    })
    const now = network.interfaces(listeningHost)
    const [before, after] = [new Set(this.#interfaces.map(interfaceKey)), new Set(now.map(interfaceKey))]
    const added = now.filter((each) => !before.has(interfaceKey(each)))
    for (const each of this.#interfaces) if (!after.has(interfaceKey(each))) this.#ports.leave(each)
    for (const each of added) this.#ports.enter(each)
    this.#interfaces = now
    if (added.length > 0) this.#announceAnew()
    this.#stopLooking()
    this.#stopLooking = clock.after(this.#isStale ? LOOK_AGAIN_MS : LOOK_MS, () => this.#look())
  }

  /** On a network that was not there before nobody has heard of us. */
  #announceAnew(): void {
    const nowMs = this.#options.clock.now()
    for (const each of this.#members) {
      each.sentCount = 0
      each.dueAtMs = Math.min(each.dueAtMs, nowMs + GATHER_MS)
    }
    this.#arm()
  }

  #onProblem(message: string): void {
    const { clock, onEvent } = this.#options
    // Often an interface has just gone, or come: nothing to tell the user, but once for the log.
    if (!this.#saidProblem) onEvent({ level: "debug", name: "lan_problem", message: `local network: ${message}` })
    this.#saidProblem = true
    if (this.#isStale) return
    this.#isStale = true
    this.#stopLooking()
    this.#stopLooking = clock.after(LOOK_AGAIN_MS, () => this.#look())
  }

  #dropPorts(): void {
    this.#ports?.close()
    this.#ports = undefined
    this.#interfaces = []
  }

  #closePorts(): void {
    this.#stopSending()
    this.#stopLooking()
    this.#dropPorts()
  }

  #arm(): void {
    this.#stopSending()
    if (this.#closed) return
    const { clock } = this.#options
    const nowMs = clock.now()
    let waitMs = Number.POSITIVE_INFINITY
    for (const { member, dueAtMs } of this.#members) {
      if (dueAtMs - nowMs >= waitMs) continue
      waitMs = Math.min(waitMs, Math.max(0, dueAtMs - nowMs, this.#paceOf(!member.lacksParts()).waitMs(nowMs)))
    }
    if (waitMs !== Number.POSITIVE_INFINITY) this.#stopSending = clock.after(waitMs, () => this.#announceDue())
  }

  #paceOf(isFinished: boolean): Allowance {
    return isFinished ? this.#finishedPace : this.#wantingPace
  }

  #announceDue(): void {
    const nowMs = this.#options.clock.now()
    const due = [...this.#members].filter(({ dueAtMs }) => dueAtMs <= nowMs)
    for (const isFinished of [false, true]) {
      const some = due.filter(({ member }) => member.lacksParts() !== isFinished)
      // It was announced while it lacked parts: now others find it by their own announces.
      const silent = some.filter(({ sentCount }) => isFinished && sentCount > FINISHED_AGAIN_MS.length)
      for (const each of silent) this.#schedule(each, isFinished, nowMs)
      for (const batch of batches(some.filter((each) => !silent.includes(each)))) {
        if (this.#paceOf(isFinished).take(1, nowMs) === 0) break
        this.#send(batch, isFinished)
        for (const each of batch) this.#schedule(each, isFinished, nowMs)
      }
    }
    this.#arm()
  }

  #schedule(each: Announced, isFinished: boolean, nowMs: number): void {
    const again = isFinished ? FINISHED_AGAIN_MS : WANTING_AGAIN_MS
    const interval = INTERVAL_MS * (1 - JITTER + 2 * JITTER * this.#options.random())
    each.dueAtMs = nowMs + (again[each.sentCount] ?? (isFinished ? Number.POSITIVE_INFINITY : interval))
    each.sentCount++
  }

  #send(batch: readonly Announced[], isFinished: boolean): void {
    const { listeningPort: port, cookie } = this.#options
    const message = { port, cookie, isFinished, names: batch.map(({ name }) => name) }
    for (const each of this.#interfaces)
      this.#ports?.send(encodeLanMessage(message, each.family === 4 ? LAN_GROUP4 : LAN_GROUP6), each)
  }

  #onDatagram(bytes: Uint8Array, from: string): void {
    const host = parseHost(from)?.host
    if (this.#closed || host === undefined || !this.#received.admits(host, this.#options.clock.now())) return
    const message = parseLanMessage(bytes)
    if (message === undefined || message.cookie === this.#options.cookie) return
    if (!isStrangersPort(message.port) || !isNeighbour(host, this.#interfaces)) return
    const address = formatHostPort(host, message.port)
    for (const name of message.names) {
      for (const { member } of this.#named.get(name) ?? [])
        if (member.lacksParts() || !message.isFinished) member.onPeers([address], "lan")
    }
  }
}

/** Documents that share a datagram. Other clients read one name of it (transmission 3.00, aria2 1.36), so an open one has its own. */
function batches(due: readonly Announced[]): readonly (readonly Announced[])[] {
  const ours = due.filter(({ member }) => !member.isOpen)
  const made: (readonly Announced[])[] = due.filter(({ member }) => member.isOpen).map((each) => [each])
  for (let start = 0; start < ours.length; start += MAX_NAMES_SENT) made.push(ours.slice(start, start + MAX_NAMES_SENT))
  return made
}
