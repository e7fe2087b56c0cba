import { once } from "node:events"
import type { Server } from "node:http"
import type { AddressInfo } from "node:net"
import type { Logger } from "pino"
import { type Clock, systemClock } from "../../core/base/clock.js"
import { reasonOf } from "../../core/base/errno-words.js"
import { ConfigError, errnoOf } from "../../core/base/errors.js"
import { TryAgainError } from "../base/try-again-error.js"

/** Least time between two log lines of one errno: a server emits an error for every connection that it cannot accept. */
const SAY_AGAIN_MS = 60_000

export interface Listening {
  readonly servers: readonly Server[]
  readonly port: number
}

/**
 * Listens on `host`:`port`. "localhost" means both loopback addresses, where the machine has both: whether a client
 * says localhost, 127.0.0.1 or ::1 is not ours to choose, and Node would take only the first. Rejects with a
 * ConfigError that says in one line what to change.
 */
export async function listenOn(host: string, port: number, createServer: () => Server): Promise<Listening> {
  if (host !== "localhost") {
    const server = await listenOnce(createServer(), host, port)
    return { servers: [server], port: portOf(server) }
  }
  const server4 = await listenOnce(createServer(), "127.0.0.1", port)
  const server6 = await listenOnce(createServer(), "::1", portOf(server4)).catch((error: unknown) => {
    // Without IPv6, or with the other family's port in use, the tracker listens on 127.0.0.1 alone.
    if (error instanceof ConfigError) return undefined
    server4.close()
    throw error
  })
  return { servers: server6 === undefined ? [server4] : [server4, server6], port: portOf(server4) }
}

/**
 * Logs what goes wrong with a server that listens, once a minute for each errno: the system may refuse to take a connection
 * (ENOMEM, ENOBUFS, EPERM of a firewall). Without a listener of "error" it would end the process; the next one may be taken.
 */
export function outlive(server: Server, log: Logger, clock: Clock = systemClock): void {
  const saidMs = new Map<string, number>()
  server.on("error", (error) => {
    const kind = errnoOf(error) ?? error.name
    const nowMs = clock.now()
    if (nowMs - (saidMs.get(kind) ?? Number.NEGATIVE_INFINITY) < SAY_AGAIN_MS) return
    saidMs.set(kind, nowMs)
    log.error({ err: error }, "a connection could not be taken")
  })
}

async function listenOnce(server: Server, host: string, port: number): Promise<Server> {
  server.listen({ host, port })
  try {
    await once(server, "listening")
    return server
  } catch (error) {
    throw explain(error, host, port)
  }
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

function explain(error: unknown, host: string, port: number): unknown {
  const at = `${host} port ${port}`
  switch (errnoOf(error)) {
    case "EADDRINUSE":
      return new TryAgainError("port_in_use", `${at} is in use: end what listens there, or choose another port`, {
        cause: error,
      })
    case "EACCES":
      return new ConfigError("port_needs_root", `${at} needs root: choose a port from 1024 to 65535`, { cause: error })
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new TryAgainError("bad_host", `${host} is no address of this machine, or not yet`, { cause: error })
    case "EAFNOSUPPORT":
    case "EINVAL":
      return new ConfigError("bad_host", `${host} is no address of this machine`, { cause: error })
    case undefined:
      return error
    default:
      return new TryAgainError("listen_failed", `${at} can't be listened on: ${reasonOf(error)}`, { cause: error })
  }
}
