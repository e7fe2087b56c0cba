import type { Logger } from "pino"
import { z } from "zod"
import type { Clock, Random } from "../../core/base/clock.js"
import { TrackerError } from "../../core/base/errors.js"
import type { CompactPeer } from "../peers/compact.js"
import { PeerSample } from "../peers/peer-sample.js"
import {
  type Announce,
  DEFAULT_FORGET_SECONDS,
  type DocumentCounts,
  leftOf,
  MAX_PEERS_PER_DOCUMENT,
  type PeerStore,
  type SwarmView,
  stateOf,
} from "../peers/peer-store.js"
import { SampleCache } from "../peers/sample-cache.js"
import type { SwarmStatus } from "../peers/swarm-status.js"
import type { RedisAddress } from "./redis-address.js"
import { faultOf, openRedisLink, type RedisLink } from "./redis-link.js"
import { announceScript, countScript, probeScript, registerScript } from "./redis-scripts.js"
import { readRedisStatus } from "./redis-status.js"

export interface RedisStoreOptions {
  readonly address: RedisAddress
  readonly expirySeconds: number
  /** Default MAX_PEERS_PER_DOCUMENT. */
  readonly maxPeersPerDocument?: number
  /** A document without use for this time is removed; default 90 days. Redis' maxmemory bounds their number. */
  readonly forgetSeconds?: number
  readonly log: Logger
  readonly random?: Random
  /** For how long samples are kept here; peers expire by the server's own time. */
  readonly clock?: Clock
}

/** Keys that lie anywhere in a cluster: of three masters, each has some of them in all likelihood. */
const CLUSTER_PROBES = 8

const countsReply = z.tuple([z.int(), z.int(), z.int()])
const callerWord = z.enum(["known", "added", "refused"])

/**
 * Keeps everything in Redis, one server or a cluster, where any number of trackers find the same swarms. Nothing is
 * shared between two documents, so a cluster spreads them; one announce is one script on one node. Time is the server's
 * own, and its key expiry removes unused keys. As durable as that Redis is set to be: with an
 * append-only file that it writes before it answers (`appendfsync` is not `everysec`), what was answered survives a kill of it.
 */
export class RedisStore implements PeerStore {
  readonly #link: RedisLink
  readonly #expirySeconds: number
  readonly #maxPeers: number
  readonly #forgetSeconds: number
  readonly #random: Random
  readonly #samples: SampleCache
  readonly #probeKeys: readonly string[]

  constructor(options: RedisStoreOptions) {
    this.#link = openRedisLink(options.address, options.log)
    this.#expirySeconds = options.expirySeconds
    this.#maxPeers = options.maxPeersPerDocument ?? MAX_PEERS_PER_DOCUMENT
    this.#forgetSeconds = options.forgetSeconds ?? DEFAULT_FORGET_SECONDS
    this.#random = options.random ?? Math.random
    this.#samples = new SampleCache(options.clock)
    const tags = Array.from({ length: options.address.isCluster ? CLUSTER_PROBES : 1 }, (_, number) => number)
    this.#probeKeys = tags.map((tag) => `p2p-tracker:{ready-${tag}}`)
  }

  async register(hash: string, peer: CompactPeer): Promise<void> {
    await this.#link.run(registerScript, keysOf(hash), [peer, this.#expirySeconds, this.#maxPeers, this.#forgetSeconds])
  }

  async announce(announce: Announce): Promise<SwarmView | undefined> {
    const { hash, limit } = announce
    const from = this.#samples.peersFrom(hash, limit)
    if (from === "store, to keep") return this.#announceForMany(announce)
    if (from !== "store") {
      const view = await this.#ask(announce, 0, false)
      return view === undefined || view.caller === "refused" ? view : this.#withSample(view, from, announce.peer)
    }
    const view = await this.#ask(announce, limit, false)
    if (view !== undefined) this.#samples.note(hash, limit, view.seeders + view.leechers)
    return view
  }

  /** Answers from a sample that the next callers get, too. */
  async #announceForMany(announce: Announce): Promise<SwarmView | undefined> {
    const { hash, limit, peer } = announce
    let kept: PeerSample | undefined
    try {
      const view = await this.#ask(announce, limit + 1, true)
      if (view === undefined || view.caller === "refused") return view
      const sample = new PeerSample(view.peers4, view.peers6, limit)
      if (view.seeders + view.leechers > limit + 1) kept = sample
      return this.#withSample(view, sample, peer)
    } finally {
      if (kept === undefined) this.#samples.forget(hash, limit)
      else this.#samples.keep(hash, limit, kept)
    }
  }

  #withSample({ seeders, leechers, caller }: SwarmView, sample: PeerSample, peer: CompactPeer): SwarmView {
    const random = this.#random
    let lists: ReturnType<PeerSample["without"]> | undefined
    const read = () => {
      lists ??= sample.without(peer, random)
      return lists
    }
    return {
      seeders,
      leechers,
      caller,
      get peers4() {
        return read().peers4
      },
      get peers6() {
        return read().peers6
      },
      readPeersText: () => sample.textWithout(peer, random),
    }
  }

  async #ask(announce: Announce, limit: number, isShared: boolean): Promise<SwarmView | undefined> {
    const reply = await this.#link.run(announceScript, keysOf(announce.hash), [
      announce.peer,
      this.#expirySeconds,
      this.#maxPeers,
      stateOf(announce),
      limit,
      announce.mayAdd ? "1" : "0",
      this.#random(),
      isShared ? "1" : "0",
      this.#forgetSeconds,
      announce.event === "completed" ? "1" : "0",
      leftOf(announce),
    ])
    return reply === null ? undefined : viewOf(reply)
  }

  async count(hash: string): Promise<DocumentCounts | undefined> {
    const reply = await this.#link.run(countScript, keysOf(hash), [this.#expirySeconds, this.#maxPeers])
    if (reply === null) return undefined
    const [seeders, leechers, completions] = countsReply.parse(reply)
    return { seeders, leechers, completions }
  }

  status(hash: string, limit: number): Promise<SwarmStatus | undefined> {
    return readRedisStatus(this.#link, keysOf(hash), {
      limit,
      expirySeconds: this.#expirySeconds,
      maxPeers: this.#maxPeers,
    })
  }

  /** One node of a cluster that works is enough: its documents are served whatever the others do. */
  async probe(): Promise<string | undefined> {
    try {
      await Promise.any(this.#probeKeys.map((key) => this.#link.run(probeScript, [key], [])))
      return undefined
    } catch (error) {
      const [first] = error instanceof AggregateError ? error.errors : [error]
      return first instanceof TrackerError ? faultOf(first.cause) : faultOf(first)
    }
  }

  totals(): undefined {}

  close(): Promise<void> {
    return this.#link.close()
  }
}

/** The uuid in braces is the hash tag: all keys of a document are on one node of a cluster. */
export function keysOf(hash: string): readonly string[] {
  const prefix = `p2p-tracker:{${hash}}`
  return [
    prefix,
    ...["seeders", "leechers", "gone-seeders", "gone-leechers", "left", "gone-left"].map((name) => `${prefix}:${name}`),
  ]
}

/** What announceScript answers. Checked by hand, because this is done for every announce. */
function viewOf(reply: unknown): SwarmView {
  const [seeders, leechers, caller, peers4, peers6]: unknown[] = Array.isArray(reply) ? reply : []
  if (
    typeof seeders !== "number" ||
    typeof leechers !== "number" ||
    !(peers4 instanceof Buffer) ||
    !(peers6 instanceof Buffer)
  )
    throw new TypeError("Redis answered an announce with something else")
  return { seeders, leechers, caller: callerWord.parse(String(caller)), peers4, peers6 }
}
