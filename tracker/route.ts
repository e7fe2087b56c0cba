import type { IncomingMessage, OutgoingHttpHeaders } from "node:http"
import type { PeerStore } from "./peer-store.js"
import type { ProxyList } from "./proxy-list.js"

/** What the routes stand on. */
export interface RouteContext {
  readonly store: PeerStore
  /** Told to every client: seconds between its announces. */
  readonly intervalSeconds: number
  /** Most peers in one answer, and how many there are when the caller names no number. */
  readonly maxPeers: number
  readonly proxies: ProxyList
}

export interface Answer {
  /** Default 200. */
  readonly status?: number
  readonly headers: OutgoingHttpHeaders
  readonly body: Buffer
}

/** Answers one request, or throws a Refusal. */
export type Route = (request: IncomingMessage, context: RouteContext) => Promise<Answer>
