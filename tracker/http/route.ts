import type { IncomingMessage } from "node:http"
import type { Random } from "../../core/base/clock.js"
import type { Turns } from "../base/turns.js"
import type { PeerStore } from "../peers/peer-store.js"
import type { AddressBudget } from "./address-budget.js"
import type { Guard } from "./bearer-token.js"
import type { Door } from "./door.js"
import type { MetricsText } from "./metrics.js"
import type { ProxyList } from "./proxy-list.js"
import type { Readiness } from "./readiness.js"

/** What the routes stand on. */
export interface RouteContext {
  readonly store: PeerStore
  /** Seconds between the announces of a client. */
  readonly intervalSeconds: number
  /** Most peers in one answer, and how many there are when the caller names no number. */
  readonly maxPeers: number
  readonly proxies: ProxyList
  /** What one address may make the tracker remember, and do. */
  readonly budgets: {
    readonly documents: AddressBudget
    /** Documents of an IPv6 /48. */
    readonly sites: AddressBudget
    readonly newPeers: AddressBudget
    /** Counted in announces, of requests that cost many. */
    readonly work: AddressBudget
  }
  /** By budget keys of callers. */
  readonly turns: Turns
  /** For every request, before anything else is done. */
  readonly door: Door
  readonly guard: Guard
  readonly readiness: Readiness
  /** Callers have proved that they belong here, so their word about where they listen is taken. */
  readonly trustsCallers: boolean
  /** Whether the interval in answers varies. */
  readonly jitters: boolean
  readonly random: Random
  /** What GET /metrics answers; undefined where nothing is counted. */
  readonly readMetrics: (() => Promise<MetricsText>) | undefined
}

export interface Answer {
  /** Default 200. */
  readonly status?: number
  /** The code of the error that this is. */
  readonly refused?: string
  /** Names and values in turn, the form that costs Node the least. Content-length is added. */
  readonly headers: readonly string[]
  /** Of a text, every character is one byte (latin1). */
  readonly body: Buffer | string
}

export const JSON_HEADERS = ["content-type", "application/json; charset=utf-8"]

export function jsonAnswer(value: unknown): Answer {
  return { headers: JSON_HEADERS, body: Buffer.from(JSON.stringify(value)) }
}

/** Answers one request, or throws a Refusal. */
export type Route = (request: IncomingMessage, context: RouteContext) => Promise<Answer>
