import { setDefaultAutoSelectFamilyAttemptTimeout } from "node:net"
import { Cluster, Redis, type RedisOptions } from "ioredis"
import type { Logger } from "pino"
import { formatHostPort } from "../../core/address/host.js"
import { TrackerError } from "../../core/base/errors.js"
import type { RedisAddress } from "./redis-address.js"
import type { RedisScript } from "./redis-scripts.js"
import { StoreTrouble } from "./store-trouble.js"

/** The connection to a Redis, or to all nodes of a cluster. It reconnects after a loss. */
export interface RedisLink {
  /**
   * Runs a script; all `keys` share one hash tag. Bulk strings come back as Buffers. Rejects with a TrackerError
   * "store_away" when Redis can't be reached, does not answer in time or can't do it (it is loading, full, failing over).
   */
  run(script: RedisScript, keys: readonly string[], args: readonly (string | number | Uint8Array)[]): Promise<unknown>
  /** May be called twice. */
  close(): Promise<void>
}

/** A command that takes longer fails, so that the client announces again. Our choice; a command takes under 1 ms. */
const COMMAND_TIMEOUT_MS = 2_000
/** A connection without an answer for this time is closed, because TCP notices a dead one later. */
const SOCKET_TIMEOUT_MS = 5_000
const CONNECT_TIMEOUT_MS = 4_000
/**
 * Time for each address of a name, which are tried in turn. Our choice: Node's 250 ms are too short for distant hosts. ioredis passes no such option to its sockets, so it is set for the process.
 */
const ADDRESS_ATTEMPT_MS = 1_500
const RETRY_MAX_MS = 2_000
/** Time between two queries of a cluster's slots, beside those after a MOVED answer. */
const SLOTS_REFRESH_MS = 10_000

const retryDelayMs = (times: number) => Math.min(times * 100, RETRY_MAX_MS)

/** Starts to connect and returns at once, because a Redis that is away at the start is treated like one lost later. */
export function openRedisLink(address: RedisAddress, log: Logger): RedisLink {
  setDefaultAutoSelectFamilyAttemptTimeout(ADDRESS_ATTEMPT_MS)
  const client = address.isCluster ? createCluster(address) : createSingle(address)
  const trouble = new StoreTrouble(log)
  let lastError: Error | undefined
  let wasAway = false
  client.on("error", (error: Error) => {
    lastError = error
  })
  client.on("close", () => {
    if (!wasAway) tellAway(log, address, lastError)
    wasAway = true
  })
  client.on("ready", () => {
    if (wasAway) log.info({ redis: address.shown }, "the store is back")
    wasAway = false
    void warnOfForgetting(client, log)
  })
  return {
    async run(script, keys, args) {
      const given = [keys.length, ...keys, ...args.map((arg) => (arg instanceof Uint8Array ? Buffer.from(arg) : arg))]
      try {
        const answer = await client.callBuffer("evalsha", script.digest, ...given).catch((error: unknown) => {
          if (error instanceof Error && error.message.startsWith("NOSCRIPT"))
            return client.callBuffer("eval", script.lua, ...given)
          throw error
        })
        trouble.worked()
        return answer
      } catch (error) {
        const kind = refusalOf(error)
        if (kind !== undefined)
          trouble.failed(error, kind, `Redis answers ${kind}: answering 503 until it does its work`)
        throw new TrackerError("store_away", "Redis can't be asked", { cause: error })
      }
    },
    async close() {
      client.removeAllListeners("close")
      client.disconnect()
    },
  }
}

/** ioredis calls bytes of another protocol, such as HTTP, so. */
const NO_REDIS = /Unknown RESP type/

function tellAway(log: Logger, { shown, nodes }: RedisAddress, error: Error | undefined): void {
  if (!NO_REDIS.test(error?.message ?? ""))
    return log.warn({ err: error, redis: shown }, "the store is away: answering 503 until it is back")
  const where = nodes.map(({ host, port }) => formatHostPort(host, port)).join(", ")
  log.warn({ redis: shown }, `${where} does not answer as Redis: answering 503 until it does`)
}

/**
 * The first word of an error that Redis answers: OOM, NOPERM, READONLY, MISCONF … Of a script, older ones put it behind where in the
 * script it was, and Redis 7.0 has no word for commands that a user may not run. A broken connection is reported by its events.
 */
function refusalOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  if (/user executing the script can't/.test(error.message)) return "NOPERM"
  return /(?:^|script: \d+: -)([A-Z]{3,})(?= )/.exec(error.message.replace(/^ERR (?=.*script: \d+: -)/, ""))?.[1]
}

/** Why a script could not be run, in one word. */
export function faultOf(error: unknown): string {
  return refusalOf(error) ?? (error instanceof Error && /timed out/.test(error.message) ? "timeout" : "away")
}

function connectionOptions({ tls, username, password }: RedisAddress) {
  return {
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    socketTimeout: SOCKET_TIMEOUT_MS,
    // A command that was under way when the connection broke may have been done: its caller decides, not a queue.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    ...(tls ? { tls: {} } : {}),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  } satisfies RedisOptions
}

function createSingle(address: RedisAddress): Redis {
  return new Redis({
    ...connectionOptions(address),
    ...address.nodes[0],
    db: address.database,
    enableOfflineQueue: false,
    retryStrategy: retryDelayMs,
    // A master that became a replica keeps its connections and refuses every write.
    reconnectOnError: (error) => error.message.startsWith("READONLY"),
  })
}

function createCluster(address: RedisAddress): Cluster {
  return new Cluster([...address.nodes], {
    redisOptions: connectionOptions(address),
    enableOfflineQueue: false,
    clusterRetryStrategy: retryDelayMs,
    slotsRefreshInterval: SLOTS_REFRESH_MS,
    // A request waits for a failover as long as for any other slow answer, then its client comes again.
    maxRedirections: 8,
    retryDelayOnFailover: 100,
    retryDelayOnClusterDown: 100,
  })
}

/** A Redis without append-only file, or one that throws keys away when it is full, would lose documents that were answered for. */
async function warnOfForgetting(client: Redis | Cluster, log: Logger): Promise<void> {
  try {
    const nodes = client instanceof Cluster ? client.nodes("master") : [client]
    for (const node of nodes) {
      if (/^aof_enabled:0/m.test(await node.info("persistence")))
        log.warn("Redis has no append-only file: documents are lost when it ends (set appendonly yes)")
      const memory = await node.info("memory")
      if (/^maxmemory_policy:/m.test(memory) && !/^maxmemory_policy:noeviction/m.test(memory))
        log.warn("Redis throws keys away when it is full, documents too: set maxmemory-policy to noeviction")
    }
  } catch (error) {
    // It went away again, or its INFO is not for us: nothing to say about it then.
    log.debug({ err: error }, "could not look at the settings of Redis")
  }
}
