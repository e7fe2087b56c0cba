import { randomUUID } from "node:crypto"
import type { IncomingMessage, OutgoingHttpHeaders } from "node:http"
import type { BlockList } from "node:net"
import type { z } from "zod"
import { hashRequestSchema, peersRequestSchema } from "../core/announce/shapes.js"
import { encodePeersAnswer } from "./answer-json.js"
import { callerOf, locatePeer, reachableFrom } from "./client-address.js"
import type { PeerStore } from "./peer-store.js"
import { readJson } from "./read-body.js"
import { Refusal } from "./refusal.js"

/** What the routes stand on. */
export interface RouteContext {
  readonly store: PeerStore
  /** Told to every client: seconds between its announces. */
  readonly intervalSeconds: number
  /** Most peers in one answer, and how many there are without `limit`. */
  readonly maxPeers: number
  readonly proxies: BlockList
}

export interface Answer {
  /** Default 200. */
  readonly status?: number
  readonly headers: OutgoingHttpHeaders
  readonly body: Buffer
}

const EMPTY = Buffer.alloc(0)

export type Route = (request: IncomingMessage, context: RouteContext) => Promise<Answer>

/** Every path with the methods it takes. GET answers HEAD too. */
export const routes: ReadonlyMap<string, ReadonlyMap<string, Route>> = new Map([
  ["/hash", new Map([["POST", registerDocument]])],
  ["/peers", new Map([["POST", announcePeer]])],
  ["/health", new Map([["GET", tellHealth]])],
])

/** The route of a request. Throws a Refusal 404 or 405. */
export function findRoute(method: string, path: string): Route {
  const methods = routes.get(path)
  if (methods === undefined)
    throw new Refusal(404, "not_found", `there is nothing here; there is ${[...routes.keys()].join(", ")}`)
  const route = methods.get(method === "HEAD" ? "GET" : method)
  if (route !== undefined) return route
  const allow = [...methods.keys()].flatMap((name) => (name === "GET" ? ["GET", "HEAD"] : [name])).join(", ")
  if (method === "OPTIONS") return async () => ({ status: 204, headers: { allow }, body: EMPTY })
  throw new Refusal(405, "method_not_allowed", `this takes ${allow}`, { allow })
}

async function registerDocument(request: IncomingMessage, context: RouteContext): Promise<Answer> {
  const asked = checkShape(hashRequestSchema, await readJson(request))
  const peer = locatePeer(callerOf(request, context.proxies), asked.listening_host, asked.listening_port)
  const hash = asked.hash ?? randomUUID()
  await context.store.register(hash, peer)
  return json({ hash })
}

async function announcePeer(request: IncomingMessage, context: RouteContext): Promise<Answer> {
  const asked = checkShape(peersRequestSchema, await readJson(request))
  const caller = callerOf(request, context.proxies)
  const view = await context.store.announce({
    hash: asked.hash,
    peer: locatePeer(caller, asked.listening_host, asked.listening_port),
    left: asked.left,
    event: asked.event,
    limit: Math.min(asked.limit ?? context.maxPeers, context.maxPeers),
  })
  if (view === undefined) throw new Refusal(404, "unknown_hash", `no document ${asked.hash} was registered here`)
  return { headers: JSON_HEADERS, body: encodePeersAnswer(reachableFrom(caller, view), context.intervalSeconds) }
}

async function tellHealth(): Promise<Answer> {
  return json({ status: "ok" })
}

const JSON_HEADERS = { "content-type": "application/json; charset=utf-8" }

function json(value: unknown): Answer {
  return { headers: JSON_HEADERS, body: Buffer.from(JSON.stringify(value)) }
}

function checkShape<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const field = issue?.path.join(".") ?? ""
  throw new Refusal(400, "bad_request", `${field === "" ? "the body" : field}: ${issue?.message ?? "is wrong"}`)
}
