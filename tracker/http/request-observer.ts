import type { IncomingMessage } from "node:http"
import type { Logger } from "pino"
import type { Random } from "../../core/base/clock.js"

/** A request that was answered. */
export interface SeenRequest {
  readonly request: IncomingMessage
  /** One of our paths, or "other", so that the number of values is bounded. */
  readonly path: string
  readonly status: number
  /** Why it was refused ("unknown_hash"); undefined when it was not. */
  readonly refused: string | undefined
  /** From the end of its head to the answer's hand-over to the socket. */
  readonly seconds: number
}

/** Called for every request. */
export type RequestObserver = (seen: SeenRequest) => void

/** Logs a random `share` (0 to 1) of the requests, one line each, and every one that failed by our fault. */
export function createRequestLog(log: Logger, share: number, random: Random = Math.random): RequestObserver {
  return ({ request, path, status, refused, seconds }) => {
    if (random() >= share && status < 500) return
    const { method, socket } = request
    const ms = Math.round(seconds * 1e5) / 100
    log.info({ method, path, status, refused, ms, from: socket.remoteAddress }, "request")
  }
}
