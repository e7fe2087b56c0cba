import { readFileSync } from "node:fs"
import { createServer } from "node:net"

/** As Linux and macOS have it: from here on, ports go to outgoing connections and to servers on port 0, such as those of other tests. */
const LOWEST_GIVEN = 32_768
const LOWEST = 10_000
/** Processes of vitest that run at the same time take ports of different shares. */
const SHARES = 8
const SHARE_PORTS = Math.floor((lowestGiven() - LOWEST) / SHARES)
const share = Number(process.env.VITEST_POOL_ID ?? process.pid) % SHARES

let next = Math.floor(Math.random() * SHARE_PORTS)

/** A port of 127.0.0.1 on which nothing listens, and which the system gives to no other program. Each call has another one. */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < SHARE_PORTS; tried++) {
    const port = LOWEST + share * SHARE_PORTS + (next++ % SHARE_PORTS)
    if (await isFree(port)) return port
  }
  throw new Error("no port is free")
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once("error", () => resolve(false))
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)))
  })
}

function lowestGiven(): number {
  try {
    const [lowest] = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").split(/\s/).map(Number)
    // A machine that gives nearly all ports leaves none for this; collisions are rare enough there.
    return lowest !== undefined && lowest >= 2 * LOWEST ? lowest : LOWEST_GIVEN
  } catch {
    return LOWEST_GIVEN
  }
}
