import type { Logger } from "pino"
import { z } from "zod"
import type { Random } from "../core/clock.js"
import type { CompactPeer } from "./compact.js"
import {
  type Announce,
  MAX_PEERS_PER_DOCUMENT,
  type PeerStore,
  type SwarmCounts,
  type SwarmView,
  stateOf,
} from "./peer-store.js"
import type { RedisAddress } from "./redis-address.js"
import { openRedisLink, type RedisLink } from "./redis-link.js"
import { announceScript, countScript, registerScript } from "./redis-scripts.js"

export interface RedisStoreOptions {
  readonly address: RedisAddress
  readonly expirySeconds: number
  /** Default MAX_PEERS_PER_DOCUMENT. */
  readonly maxPeersPerDocument?: number
  readonly log: Logger
  readonly random?: Random
}

const countsReply = z.tuple([z.int(), z.int()])
const callerWord = z.enum(["known", "added", "refused"])

/**
 * Keeps everything in Redis, one server or a cluster, where any number of trackers find the same swarms. Nothing is
 * shared between two documents, so a cluster spreads them; one announce is one script on one node. Time is the server's
 * own, and its key expiry collects what nobody asks for any more. As durable as that Redis is set to be: with an
 * append-only file, what was answered survives the end of its process.
 */
export class RedisStore implements PeerStore {
  readonly #link: RedisLink
  readonly #expirySeconds: number
  readonly #maxPeers: number
  readonly #random: Random

  constructor(options: RedisStoreOptions) {
    this.#link = openRedisLink(options.address, options.log)
    this.#expirySeconds = options.expirySeconds
    this.#maxPeers = options.maxPeersPerDocument ?? MAX_PEERS_PER_DOCUMENT
    this.#random = options.random ?? Math.random
  }

  async register(hash: string, peer: CompactPeer): Promise<void> {
    await this.#link.run(registerScript, keysOf(hash), [peer, this.#expirySeconds, this.#maxPeers])
  }

  async announce(announce: Announce): Promise<SwarmView | undefined> {
    const { hash, peer, limit, mayAdd } = announce
    const reply = await this.#link.run(announceScript, keysOf(hash), [
      peer,
      this.#expirySeconds,
      this.#maxPeers,
      stateOf(announce),
      limit,
      mayAdd ? "1" : "0",
      this.#random(),
    ])
    return reply === null ? undefined : viewOf(reply)
  }

  async count(hash: string): Promise<SwarmCounts | undefined> {
    const reply = await this.#link.run(countScript, keysOf(hash), [this.#expirySeconds])
    if (reply === null) return undefined
    const [seeders, leechers] = countsReply.parse(reply)
    return { seeders, leechers }
  }

  totals(): undefined {}

  close(): Promise<void> {
    return this.#link.close()
  }
}

/** The uuid in braces is the hash tag: all keys of a document are on one node of a cluster. */
export function keysOf(hash: string): readonly [document: string, seeders: string, leechers: string] {
  const prefix = `p2p-tracker:{${hash}}`
  return [prefix, `${prefix}:seeders`, `${prefix}:leechers`]
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
