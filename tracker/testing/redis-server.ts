import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { promisify } from "node:util"
import { Redis } from "ioredis"
import { freePort } from "../../core/testing/free-port.js"

/** Tests against a real Redis are skipped, visibly, where none is installed (Debian: redis-server). */
export const redisIsInstalled = spawnSync("redis-server", ["--version"]).status === 0

/** Makes every key and peer as much older as if the time had passed. */
export const AGE = `
local seconds = tonumber(ARGV[1])
for _, key in ipairs(redis.call('KEYS', '*')) do
  if redis.call('TYPE', key).ok == 'zset' then
    for _, member in ipairs(redis.call('ZRANGE', key, 0, -1)) do redis.call('ZINCRBY', key, -seconds, member) end
  end
  local left = redis.call('TTL', key)
  if left >= 0 then redis.call('EXPIRE', key, left - seconds) end
end`

/** After so long a node counts as failed, which one that waits for a processor must not. */
const NODE_TIMEOUT_MS = 6_000

/** A real Redis on loopback, with an append-only file in a folder of its own. */
export class RedisServer {
  readonly port: number
  readonly #folder: string
  readonly #clusterOptions: readonly string[]
  #process: ChildProcess | undefined

  private constructor(port: number, folder: string, busPort: number | undefined) {
    this.port = port
    this.#folder = folder
    this.#clusterOptions =
      busPort === undefined
        ? []
        : [
            "--cluster-enabled",
            "yes",
            "--cluster-node-timeout",
            String(NODE_TIMEOUT_MS),
            "--cluster-port",
            String(busPort),
          ]
  }

  static async start(): Promise<RedisServer> {
    return RedisServer.#startOn(await freePort(), undefined)
  }

  /** Nodes of a cluster that is yet to be created. */
  static async startNodes(count: number): Promise<readonly RedisServer[]> {
    return Promise.all(
      Array.from({ length: count }, async () => RedisServer.#startOn(await freePort(), await freePort())),
    )
  }

  static async #startOn(port: number, busPort: number | undefined): Promise<RedisServer> {
    const server = new RedisServer(port, await mkdtemp(join(tmpdir(), "p2p-redis-")), busPort)
    await server.launch()
    return server
  }

  /** Starts it on what it had on disk, and waits until it answers. */
  async launch(): Promise<void> {
    const own = ["--port", String(this.port), "--bind", "127.0.0.1", "--dir", this.#folder, "--save", ""]
    // Writes before it answers, without waiting for the disk: "everysec" answers first while the disk is still at the last fsync.
    const durable = ["--appendonly", "yes", "--appendfsync", "no"]
    const child = spawn("redis-server", [...own, ...durable, ...this.#clusterOptions], {
      stdio: ["ignore", "pipe", "ignore"],
    })
    this.#process = child
    let said = ""
    await new Promise<void>((resolve, reject) => {
      child.stdout.on("data", (chunk) => {
        said += chunk
        if (said.includes("Ready to accept connections")) resolve()
      })
      child.once("close", () => reject(new Error(`redis-server ended:\n${said}`)))
    })
  }

  /** Ends it as a crash does. */
  async kill(): Promise<void> {
    const child = this.#process
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill("SIGKILL")
    await once(child, "exit")
  }

  async destroy(): Promise<void> {
    await this.kill()
    // A child that Redis forked to rewrite its file may live on for a moment.
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
}

/** Three masters that share the slots, ready to be asked. */
export async function startRedisCluster(): Promise<readonly RedisServer[]> {
  const servers = await RedisServer.startNodes(3)
  const addresses = servers.map(({ port }) => `127.0.0.1:${port}`)
  await promisify(execFile)("redis-cli", ["--cluster", "create", ...addresses, "--cluster-yes"])
  for (const { port } of servers) await untilClusterIsOk(port)
  return servers
}

/** One more node, which copies all that `master` has; ready to take its place. */
export async function startReplica(master: RedisServer): Promise<RedisServer> {
  const [replica] = await RedisServer.startNodes(1)
  if (replica === undefined) throw new Error("no node was started")
  const client = new Redis({ host: "127.0.0.1", port: master.port })
  const id = String(await client.cluster("MYID"))
  const [added, known] = [replica, master].map(({ port }) => `127.0.0.1:${port}`)
  const options = ["--cluster-slave", "--cluster-master-id", id]
  await promisify(execFile)("redis-cli", ["--cluster", "add-node", String(added), String(known), ...options])
  await untilClusterIsOk(replica.port)
  await untilReplicated(client)
  client.disconnect()
  return replica
}

/** Waits until the only replica of a master has all that was written so far. */
export async function untilReplicated(master: Redis): Promise<void> {
  while ((await master.wait(1, 100)) < 1) await setTimeout(20)
}

/** Polls, because a node sends no event when it has joined. */
async function untilClusterIsOk(port: number): Promise<void> {
  const client = new Redis({ host: "127.0.0.1", port })
  while (!(await client.cluster("INFO")).includes("cluster_state:ok")) await setTimeout(20)
  client.disconnect()
}
