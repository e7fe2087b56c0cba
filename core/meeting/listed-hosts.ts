import { formatHostPort, parseHost } from "../address/host.js"
import type { ListedHost } from "../address/host-list.js"
import type { EventListener } from "../api/events.js"
import type { Clock, Random } from "../base/clock.js"
import { displayText } from "../base/display.js"
import { errnoOf } from "../base/errors.js"
import { shuffled } from "../base/shuffled.js"
import { Allowance } from "./allowance.js"
import type { MeetingMember, MeetingPlace } from "./meeting.js"

/** Resolves a host name to all its IP addresses; rejects with the system's error. */
export type LookupName = (name: string) => Promise<readonly string[]>

export interface ListedHostsOptions {
  readonly hosts: readonly ListedHost[]
  readonly lookup: LookupName
  readonly clock: Clock
  readonly random: Random
  /** Our own addresses, normal form; with `ownPort` they name ourselves. Asked anew each time. */
  readonly ownHosts: () => ReadonlySet<string>
  readonly ownPort: number
  readonly onEvent: EventListener
}

/** Between two look-ups of a name while parts are missing. Our choice: a host that moved is found again soon. */
const LOOKUP_INTERVAL_MS = 300_000

/** After a failed look-up: the wait doubles up to the interval. Our choice. */
const LOOKUP_RETRY_MS = 15_000

/** Look-ups at a time. Our choice: they share the threads of libuv with the disk. */
const LOOKUPS_AT_ONCE = 4

/** Spread of all waits, either way: clients that start together do not stay together. */
const JITTER = 0.25

/** Addresses of one name that are used. Our choice: a name may stand for a few hosts, not for a network. */
const MAX_ADDRESSES_OF_NAME = 16

/** Addresses that finished documents may give to their swarms, all together and then a second. Our choice: downloads dial, seeds are dialled. */
const SEED_BURST = 512
const SEED_PER_SECOND = 1

/** The system may answer this for a name of its own, which is no way to another machine. */
const isUsable = (host: string, name: string) => {
  const parsed = parseHost(host)
  return parsed?.kind === "ordinary" || (parsed?.kind === "loopback" && name === "localhost")
}

interface Name extends ListedHost {
  addresses: readonly string[]
  failures: number
  dueAtMs: number
  /** The system's words for the last failure. */
  problem: string | undefined
}

/**
 * The hosts of the config, offered to every document. Names are looked up when a document lacks parts, and again at intervals while one does:
 * a client that has all it wants looks nothing up. Which address is dialled when, the swarm decides, as for those of a tracker.
 */
export class ListedHosts implements MeetingPlace {
  readonly #options: ListedHostsOptions
  readonly #fixed: readonly string[]
  readonly #names: readonly Name[]
  readonly #members = new Set<MeetingMember>()
  readonly #looking = new Set<Name>()
  #stopTimer: (() => void) | undefined
  readonly #seedCalls: Allowance
  #saidUnresolved = false
  #closed = false

  constructor(options: ListedHostsOptions) {
    this.#options = options
    const isAddress = ({ host }: ListedHost) => parseHost(host) !== undefined
    this.#fixed = options.hosts.filter(isAddress).map(({ host, port }) => formatHostPort(host, port))
    this.#names = options.hosts
      .filter((host) => !isAddress(host))
      .map((host) => ({ ...host, addresses: [], failures: 0, dueAtMs: Number.NEGATIVE_INFINITY, problem: undefined }))
    this.#seedCalls = new Allowance(SEED_BURST, SEED_PER_SECOND, options.clock.now())
  }

  join(member: MeetingMember): () => void {
    this.#members.add(member)
    this.#offer(member, this.#addresses())
    this.#arm()
    return () => {
      this.#members.delete(member)
      if (this.#members.size === 0) this.#disarm()
    }
  }

  close(): void {
    this.#closed = true
    this.#members.clear()
    this.#disarm()
  }

  #addresses(): readonly string[] {
    return [...this.#fixed, ...this.#names.flatMap(({ addresses }) => addresses)]
  }

  /** In an order of its own for each document: hosts of a cluster that start together do not all begin with the first. */
  #offer(member: MeetingMember, addresses: readonly string[]): void {
    const others = this.#withoutSelf(addresses)
    const order = shuffled([...new Set(others)], this.#options.random)
    const some = member.lacksParts()
      ? order
      : order.slice(0, this.#seedCalls.take(order.length, this.#options.clock.now()))
    if (some.length > 0) member.onPeers(some, "listed")
  }

  #withoutSelf(addresses: readonly string[]): readonly string[] {
    const { ownHosts, ownPort } = this.#options
    const own = new Set([...ownHosts()].map((host) => formatHostPort(host, ownPort)))
    return addresses.filter((address) => !own.has(address))
  }

  get #isWanted(): boolean {
    for (const member of this.#members) if (member.lacksParts()) return true
    return false
  }

  /** The first look-ups are made for a seed too: it has nothing to offer itself to before. */
  get #isUnasked(): boolean {
    return this.#names.some(({ dueAtMs }) => dueAtMs === Number.NEGATIVE_INFINITY)
  }

  #arm(): void {
    this.#disarm()
    if (this.#closed || this.#names.length === 0 || this.#members.size === 0) return
    if (this.#looking.size > 0 || !(this.#isWanted || this.#isUnasked)) return
    const { clock } = this.#options
    const nextMs = Math.min(...this.#names.map(({ dueAtMs }) => dueAtMs))
    this.#stopTimer = clock.after(Math.max(0, nextMs - clock.now()), () => void this.#lookUpDue())
  }

  #disarm(): void {
    this.#stopTimer?.()
    this.#stopTimer = undefined
  }

  async #lookUpDue(): Promise<void> {
    if (!this.#isWanted && !this.#isUnasked) return
    const nowMs = this.#options.clock.now()
    const due = this.#names.filter(({ dueAtMs }) => dueAtMs <= nowMs)
    for (const name of due) this.#looking.add(name)
    const queue = [...due]
    const worker = async (): Promise<void> => {
      for (let name = queue.shift(); name !== undefined; name = queue.shift()) await this.#lookUp(name)
    }
    await Promise.all(Array.from({ length: LOOKUPS_AT_ONCE }, worker))
    if (this.#closed) return
    this.#sayUnresolved()
    this.#arm()
  }

  async #lookUp(name: Name): Promise<void> {
    const { lookup, clock } = this.#options
    const before = new Set(name.addresses)
    if (this.#closed) return
    try {
      const hosts = await lookup(name.host)
      const usable = hosts.flatMap((host) => (isUsable(host, name.host) ? (parseHost(host)?.host ?? []) : []))
      name.addresses = usable.slice(0, MAX_ADDRESSES_OF_NAME).map((host) => formatHostPort(host, name.port))
      name.failures = 0
      name.problem = name.addresses.length === 0 ? "its addresses are of its own machine or of no use" : undefined
      name.dueAtMs = clock.now() + this.#spread(LOOKUP_INTERVAL_MS)
    } catch (error) {
      const errno = errnoOf(error)
      if (errno === undefined) throw error
      // What was found last stays: a name server that is away does not end a swarm.
      name.problem = errno === "ENOTFOUND" ? "there is no such name" : `it can't be looked up (${errno})`
      const waitMs = Math.min(LOOKUP_RETRY_MS * 2 ** Math.min(name.failures, 10), LOOKUP_INTERVAL_MS)
      name.failures++
      name.dueAtMs = clock.now() + this.#spread(waitMs)
    } finally {
      this.#looking.delete(name)
    }
    const fresh = name.addresses.filter((address) => !before.has(address))
    if (fresh.length > 0 && !this.#closed) for (const member of this.#members) this.#offer(member, fresh)
  }

  #spread(waitMs: number): number {
    return waitMs * (1 - JITTER + 2 * JITTER * this.#options.random())
  }

  /** Once, until all names are found. */
  #sayUnresolved(): void {
    const lost = this.#names.filter(({ problem }) => problem !== undefined)
    const [first] = lost
    const before = this.#saidUnresolved
    this.#saidUnresolved = first !== undefined
    if (first === undefined || before) return
    const message = `${lost.length} of ${this.#names.length} names of "peers" lead nowhere; ${displayText(first.host, 60)}: ${first.problem}`
    this.#options.onEvent({ level: "warn", name: "peers_unresolved", message, facts: { count: lost.length } })
  }
}
